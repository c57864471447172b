import type { PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import { StorageClass } from "../../api/storage/v1/index.ts";
import { forbidden } from "../../apimachinery/errors.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import type { Registry } from "../registry/registry.ts";
import type { AdmissionPlugin } from "./chain.ts";

const CLASS_BEFORE_FIELDS = "volume.beta.kubernetes.io/storage-class";

const asked = ({ spec }: PersistentVolumeClaim) => parseQuantity(spec.resources?.requests?.storage ?? "0");

function allowsExpansion(registry: Registry, { metadata, spec }: PersistentVolumeClaim): boolean {
  const name = metadata.annotations?.[CLASS_BEFORE_FIELDS] ?? spec.storageClassName;
  const found = name ? registry.cache.of(StorageClass as never).get(name) : undefined;
  return (found?.object as StorageClass | undefined)?.allowVolumeExpansion === true;
}

/** More storage can be asked for only of a class that can give more, once there is a volume. */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: "PersistentVolumeClaimResize",
  handles: ({ resource, operation, subresource }) =>
    operation === "UPDATE" && subresource === "" && resource.kind.resource === "persistentvolumeclaims",
  validate({ registry, resource, name }, object, before) {
    const [claim, old] = [object as PersistentVolumeClaim, before as PersistentVolumeClaim];
    if (asked(claim).compare(asked(old)) <= 0) return;
    if (old.status.phase !== "Bound") {
      throw forbidden(resource.kind, name, "only bound persistent volume claims can be expanded");
    }
    if (allowsExpansion(registry, claim)) return;
    const why =
      "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
    throw forbidden(resource.kind, name, why);
  },
};
