/** Checks of what a PersistentVolume is made of; where it differs from a Pod's own volume of that name. */
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import { dns1123Label, dns1123Subdomain } from "../../../../apimachinery/validation/names.ts";
import type { CSIPersistentVolumeSource, PersistentVolumeSource, SecretReference } from "../persistentVolumeSources.ts";
import { checked } from "./fields.ts";
import { validateNoBacksteps } from "./paths.ts";
import { storageChecks, validateCsiDriverName } from "./storageVolumes.ts";
import { validateHostPath } from "./volumes.ts";

type Source = keyof PersistentVolumeSource;
type Checks = { [S in Source]?: (source: NonNullable<PersistentVolumeSource[S]>, path: FieldPath) => FieldError[] };

const named = (value: string | undefined, path: FieldPath): FieldError[] => (value ? [] : [fieldRequired(path)]);

const bothNamed = (secret: SecretReference | undefined, path: FieldPath): FieldError[] =>
  secret === undefined
    ? []
    : [...named(secret.name, path.child("name")), ...named(secret.namespace, path.child("namespace"))];

function validateSecretReference(secret: SecretReference | undefined, path: FieldPath): FieldError[] {
  if (secret === undefined) return [];
  const { name = "", namespace = "" } = secret;
  return [
    ...(name === "" ? [fieldRequired(path.child("name"))] : checked(dns1123Subdomain, name, path.child("name"))),
    ...(namespace === ""
      ? [fieldRequired(path.child("namespace"))]
      : checked(dns1123Label, namespace, path.child("namespace"))),
  ];
}

const CSI_SECRETS = [
  "controllerPublishSecretRef",
  "controllerExpandSecretRef",
  "nodePublishSecretRef",
  "nodeExpandSecretRef",
] as const;

function validateCsi(source: CSIPersistentVolumeSource, path: FieldPath): FieldError[] {
  return [
    ...validateCsiDriverName(source.driver, path.child("driver")),
    ...named(source.volumeHandle, path.child("volumeHandle")),
    ...CSI_SECRETS.flatMap((name) => validateSecretReference(source[name], path.child(name))),
  ];
}

const OWN: Checks = {
  hostPath: validateHostPath,
  azureFile: ({ secretName, shareName, secretNamespace }, path) => [
    ...named(secretName, path.child("secretName")),
    ...named(shareName, path.child("shareName")),
    ...(secretNamespace === "" ? [fieldRequired(path.child("secretNamespace"))] : []),
  ],
  cinder: ({ volumeID, secretRef }, path) => [
    ...named(volumeID, path.child("volumeID")),
    ...bothNamed(secretRef, path.child("secretRef")),
  ],
  glusterfs: ({ endpoints, path: target, endpointsNamespace }, path) => [
    ...named(endpoints, path.child("endpoints")),
    ...named(target, path.child("path")),
    ...validateNoBacksteps(target, path.child("path")),
    ...(endpointsNamespace === undefined
      ? []
      : checked(dns1123Label, endpointsNamespace, path.child("endpointsNamespace"))),
  ],
  iscsi: (source, path) => [
    ...storageChecks.iscsi!({ ...source, secretRef: source.secretRef && { name: source.secretRef.name ?? "" } }, path),
    ...bothNamed(source.secretRef, path.child("secretRef")),
  ],
  local: ({ path: target }, path) =>
    target === "" ? [fieldRequired(path.child("path"))] : validateNoBacksteps(target, path.child("path")),
  csi: validateCsi,
};

/** In the order in which Kubernetes looks at them, and so complains of the second. */
const ORDER: readonly Source[] = [
  "hostPath",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "glusterfs",
  "flocker",
  "nfs",
  "rbd",
  "quobyte",
  "cephfs",
  "iscsi",
  "cinder",
  "fc",
  "flexVolume",
  "azureFile",
  "vsphereVolume",
  "photonPersistentDisk",
  "portworxVolume",
  "azureDisk",
  "scaleIO",
  "local",
  "storageos",
  "csi",
];

type AnyCheck = (source: unknown, path: FieldPath) => FieldError[];

/** Exactly one source, and nothing wrong with it; local storage says where it is. */
export function validatePersistentVolumeSource(
  spec: PersistentVolumeSource,
  hasAffinity: boolean,
  path: FieldPath,
): FieldError[] {
  const used = ORDER.filter((source) => spec[source] !== undefined);
  if (used.length === 0) return [fieldRequired(path, "must specify a volume type")];
  return used.flatMap((source, i) => {
    const at = path.child(source);
    if (i > 0) return [fieldForbidden(at, "may not specify more than 1 volume type")];
    const check = (OWN[source] ?? storageChecks[source as keyof typeof storageChecks]) as AnyCheck;
    const errors = check(spec[source], at);
    if (source === "local" && !hasAffinity) {
      errors.push(fieldRequired(path.child("nodeAffinity"), "Local volume requires node affinity"));
    }
    return errors;
  });
}
