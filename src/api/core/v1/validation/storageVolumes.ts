/** Checks of the volumes of storage systems. */
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
  fieldTooLong,
} from "../../../../apimachinery/fieldErrors.ts";
import { dns1123Subdomain, ip } from "../../../../apimachinery/validation/names.ts";
import type { CSIVolumeSource, FCVolumeSource, FlexVolumeSource, ISCSIVolumeSource } from "../storageVolumes.ts";
import type { VolumeSource } from "../volumes.ts";
import { requiredAnd, supportedIn } from "./fields.ts";
import { validateDescendingPath, validateNoBacksteps } from "./paths.ts";

const empty = (value: string | readonly unknown[] | undefined, path: FieldPath, detail?: string): FieldError[] =>
  value !== undefined && value.length > 0 ? [] : [fieldRequired(path, detail)];

function validatePartition(partition: number | undefined, path: FieldPath): FieldError[] {
  const fine = (partition ?? 0) >= 0 && (partition ?? 0) <= 255;
  return fine ? [] : [fieldInvalid(path, partition, "must be between 0 and 255, inclusive")];
}

function validateLun(lun: number, path: FieldPath): FieldError[] {
  return lun >= 0 && lun <= 255 ? [] : [fieldInvalid(path, lun, "must be between 0 and 255, inclusive")];
}

const ISCSI_NAME = /^(iqn\.\d{4}-\d{2}\.[^:]+(:.+)?|eui\.[0-9A-Fa-f]{16}|naa\.[0-9A-Fa-f]{32})$/;

function validateIscsi(source: ISCSIVolumeSource, path: FieldPath): FieldError[] {
  const errors = empty(source.targetPortal, path.child("targetPortal"));
  if (source.iqn === "") errors.push(fieldRequired(path.child("iqn")));
  else if (!ISCSI_NAME.test(source.iqn))
    errors.push(fieldInvalid(path.child("iqn"), source.iqn, "must be valid format"));
  errors.push(...validateLun(source.lun, path.child("lun")));
  if ((source.chapAuthDiscovery || source.chapAuthSession) && source.secretRef === undefined) {
    errors.push(fieldRequired(path.child("secretRef")));
  }
  const name = source.initiatorName;
  if (name !== undefined && !ISCSI_NAME.test(name)) {
    errors.push(fieldInvalid(path.child("initiatorname"), name, "must be valid format"));
  }
  return errors;
}

function validateFc({ targetWWNs = [], wwids = [], lun }: FCVolumeSource, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (targetWWNs.length === 0 && wwids.length === 0) {
    errors.push(fieldRequired(path.child("targetWWNs"), "must specify either targetWWNs or wwids, but not both"));
  }
  if (targetWWNs.length > 0 && wwids.length > 0) {
    const text = "targetWWNs and wwids can not be specified simultaneously";
    errors.push(fieldInvalid(path.child("targetWWNs"), targetWWNs, text));
  }
  if (targetWWNs.length > 0) {
    const at = path.child("lun");
    if (lun === undefined) errors.push(fieldRequired(at, "lun is required if targetWWNs is specified"));
    else errors.push(...validateLun(lun, at));
  }
  return errors;
}

function validateFlex({ driver, options }: FlexVolumeSource, path: FieldPath): FieldError[] {
  const errors = empty(driver, path.child("driver"));
  for (const key of Object.keys(options ?? {})) {
    if (/(^|\.)(kubernetes|k8s)\.io\//.test(key)) {
      const text = "kubernetes.io and k8s.io namespaces are reserved";
      errors.push(fieldInvalid(path.child("options").key(key), key, text));
    }
  }
  return errors;
}

const LONGEST_DRIVER = 63;

export function validateCsiDriverName(driver: string, path: FieldPath): FieldError[] {
  if (driver === "") return [fieldRequired(path)];
  return [
    ...(driver.length > LONGEST_DRIVER ? [fieldTooLong(path, "", LONGEST_DRIVER)] : []),
    ...fieldInvalidEach(path, driver, dns1123Subdomain(driver.toLowerCase())),
  ];
}

function validateCsi({ driver, nodePublishSecretRef: secret }: CSIVolumeSource, path: FieldPath): FieldError[] {
  const errors = validateCsiDriverName(driver, path.child("driver"));
  if (secret) errors.push(...requiredAnd(dns1123Subdomain, secret.name, path.child("nodePublishSecretRef", "name")));
  return errors;
}

type Checks = { [S in keyof VolumeSource]?: (source: NonNullable<VolumeSource[S]>, path: FieldPath) => FieldError[] };

export const storageChecks: Checks = {
  gitRepo: ({ repository, directory }, path) => [
    ...empty(repository, path.child("repository")),
    ...validateDescendingPath(directory ?? "", path.child("directory")),
  ],
  gcePersistentDisk: ({ pdName, partition }, path) => [
    ...empty(pdName, path.child("pdName")),
    ...validatePartition(partition, path.child("partition")),
  ],
  awsElasticBlockStore: ({ volumeID, partition }, path) => [
    ...empty(volumeID, path.child("volumeID")),
    ...validatePartition(partition, path.child("partition")),
  ],
  nfs: ({ server, path: target }, path) => [
    ...empty(server, path.child("server")),
    ...empty(target, path.child("path")),
    ...(target.startsWith("/") ? [] : [fieldInvalid(path.child("path"), target, "must be an absolute path")]),
  ],
  iscsi: validateIscsi,
  glusterfs: ({ endpoints, path: target }, path) => [
    ...empty(endpoints, path.child("endpoints")),
    ...empty(target, path.child("path")),
    ...validateNoBacksteps(target, path.child("path")),
  ],
  flocker: ({ datasetName, datasetUUID }, path) => {
    if (datasetName && datasetUUID) {
      return [fieldInvalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously")];
    }
    if (!datasetName && !datasetUUID) {
      return [fieldRequired(path, "one of datasetName and datasetUUID is required")];
    }
    return datasetName?.includes("/")
      ? [fieldInvalid(path.child("datasetName"), datasetName, "must not contain '/'")]
      : [];
  },
  rbd: ({ monitors, image }, path) => [
    ...empty(monitors, path.child("monitors")),
    ...empty(image, path.child("image")),
  ],
  cinder: ({ volumeID, secretRef }, path) => [
    ...empty(volumeID, path.child("volumeID")),
    ...(secretRef ? empty(secretRef.name, path.child("secretRef", "name")) : []),
  ],
  cephfs: ({ monitors }, path) => empty(monitors, path.child("monitors")),
  quobyte: ({ registry, volume, tenant }, path) => {
    const errors: FieldError[] = [];
    const at = path.child("registry");
    if (registry === "") {
      errors.push(fieldRequired(at, "must be a host:port pair or multiple pairs separated by commas"));
    } else {
      for (const pair of registry.split(",")) {
        const colon = pair.lastIndexOf(":");
        const bare = colon >= 0 && (ip(pair.slice(0, colon)).length === 0 || !pair.slice(0, colon).includes(":"));
        if (!bare)
          errors.push(fieldInvalid(at, registry, "must be a host:port pair or multiple pairs separated by commas"));
      }
    }
    if ((tenant?.length ?? 0) >= 65)
      errors.push(fieldRequired(path.child("tenant"), "must be a UUID and may not exceed a length of 64 characters"));
    return [...errors, ...empty(volume, path.child("volume"))];
  },
  fc: validateFc,
  flexVolume: validateFlex,
  azureFile: ({ secretName, shareName }, path) => [
    ...empty(secretName, path.child("secretName")),
    ...empty(shareName, path.child("shareName")),
  ],
  vsphereVolume: ({ volumePath }, path) => empty(volumePath, path.child("volumePath")),
  photonPersistentDisk: ({ pdID }, path) => empty(pdID, path.child("pdID")),
  portworxVolume: ({ volumeID }, path) => empty(volumeID, path.child("volumeID")),
  azureDisk: ({ diskName, diskURI, cachingMode, kind }, path) => [
    ...empty(diskName, path.child("diskName")),
    ...empty(diskURI, path.child("diskURI")),
    ...supportedIn(cachingMode ?? "ReadWrite", ["None", "ReadOnly", "ReadWrite"], path.child("cachingMode")),
    ...supportedIn(kind ?? "Shared", ["Dedicated", "Managed", "Shared"], path.child("kind")),
  ],
  storageos: ({ volumeName, volumeNamespace, secretRef }, path) => [
    ...empty(volumeName, path.child("volumeName")),
    ...(volumeNamespace ? requiredAnd(dns1123Subdomain, volumeNamespace, path.child("volumeNamespace")) : []),
    ...(secretRef ? empty(secretRef.name, path.child("secretRef", "name")) : []),
  ],
  scaleIO: ({ gateway, system, volumeName }, path) => [
    ...empty(gateway, path.child("gateway")),
    ...empty(system, path.child("system")),
    ...empty(volumeName, path.child("volumeName")),
  ],
  csi: validateCsi,
};
