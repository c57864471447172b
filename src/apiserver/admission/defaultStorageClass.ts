import type { PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import { isDefaultStorageClass, StorageClass } from "../../api/storage/v1/index.ts";
import type { Registry } from "../registry/registry.ts";
import type { AdmissionPlugin } from "./chain.ts";

const CLASS_BEFORE_FIELDS = "volume.beta.kubernetes.io/storage-class";

/** Of several default classes the newest; of those equally new the first by name. */
function defaultClass(registry: Registry): string | undefined {
  const classes = [...registry.cache.of(StorageClass as never).current.values()]
    .map(({ object }) => object.metadata)
    .filter(isDefaultStorageClass);
  const born = (i: number) => classes[i]?.creationTimestamp ?? "";
  let chosen = 0;
  for (const [i, { name = "" }] of classes.entries()) {
    if (born(i) > born(chosen) || (born(i) === born(chosen) && name < (classes[chosen]?.name ?? ""))) chosen = i;
  }
  return classes[chosen]?.name;
}

/** A claim that names no class gets the default one, if there is one; an empty name means none. */
export const defaultStorageClass: AdmissionPlugin = {
  name: "DefaultStorageClass",
  handles: ({ resource, operation, subresource }) =>
    operation === "CREATE" && subresource === "" && resource.kind.resource === "persistentvolumeclaims",
  mutate({ registry }, object) {
    const { metadata, spec } = object as PersistentVolumeClaim;
    if (spec.storageClassName !== undefined || metadata.annotations?.[CLASS_BEFORE_FIELDS] !== undefined) return;
    const name = defaultClass(registry);
    if (name !== undefined) spec.storageClassName = name;
  },
};
