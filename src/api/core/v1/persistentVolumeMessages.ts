import { bool, type Infer, int32, list, map, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { NodeSelector } from "./affinity.ts";
import { ObjectReference } from "./references.ts";
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  NFSVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from "./storageVolumes.ts";
import { HostPathVolumeSource } from "./volumes.ts";

export const AzureFilePersistentVolumeSource = message("io.k8s.api.core.v1.AzureFilePersistentVolumeSource", {
  secretName: string(1).always.required,
  shareName: string(2).always.required,
  readOnly: bool(3).optional,
  secretNamespace: string(4),
});
export interface AzureFilePersistentVolumeSource extends Infer<typeof AzureFilePersistentVolumeSource> {}

export const SecretReference = message(
  "io.k8s.api.core.v1.SecretReference",
  {
    name: string(1),
    namespace: string(2),
  },
  { mapType: "atomic" },
);
export interface SecretReference extends Infer<typeof SecretReference> {}

export const CephFSPersistentVolumeSource = message("io.k8s.api.core.v1.CephFSPersistentVolumeSource", {
  monitors: list(1, "string").always.required.atomicList,
  path: string(2),
  user: string(3),
  secretFile: string(4),
  secretRef: struct(5, SecretReference).optional,
  readOnly: bool(6).optional,
});
export interface CephFSPersistentVolumeSource extends Infer<typeof CephFSPersistentVolumeSource> {}

export const CinderPersistentVolumeSource = message("io.k8s.api.core.v1.CinderPersistentVolumeSource", {
  volumeID: string(1).always.required,
  fsType: string(2),
  readOnly: bool(3).optional,
  secretRef: struct(4, SecretReference).optional,
});
export interface CinderPersistentVolumeSource extends Infer<typeof CinderPersistentVolumeSource> {}

export const CSIPersistentVolumeSource = message("io.k8s.api.core.v1.CSIPersistentVolumeSource", {
  driver: string(1).always.required,
  volumeHandle: string(2).always.required,
  readOnly: bool(3).optional,
  fsType: string(4),
  volumeAttributes: map(5, "string"),
  controllerPublishSecretRef: struct(6, SecretReference).optional,
  nodeStageSecretRef: struct(7, SecretReference).optional,
  nodePublishSecretRef: struct(8, SecretReference).optional,
  controllerExpandSecretRef: struct(9, SecretReference).optional,
  nodeExpandSecretRef: struct(10, SecretReference).optional,
});
export interface CSIPersistentVolumeSource extends Infer<typeof CSIPersistentVolumeSource> {}

export const FlexPersistentVolumeSource = message("io.k8s.api.core.v1.FlexPersistentVolumeSource", {
  driver: string(1).always.required,
  fsType: string(2),
  secretRef: struct(3, SecretReference).optional,
  readOnly: bool(4).optional,
  options: map(5, "string"),
});
export interface FlexPersistentVolumeSource extends Infer<typeof FlexPersistentVolumeSource> {}

export const GlusterfsPersistentVolumeSource = message("io.k8s.api.core.v1.GlusterfsPersistentVolumeSource", {
  endpoints: string(1).always.required,
  path: string(2).always.required,
  readOnly: bool(3).optional,
  endpointsNamespace: string(4),
});
export interface GlusterfsPersistentVolumeSource extends Infer<typeof GlusterfsPersistentVolumeSource> {}

export const ISCSIPersistentVolumeSource = message("io.k8s.api.core.v1.ISCSIPersistentVolumeSource", {
  targetPortal: string(1).always.required,
  iqn: string(2).always.required,
  lun: int32(3).always.required,
  iscsiInterface: string(4),
  fsType: string(5),
  readOnly: bool(6).optional,
  portals: list(7, "string").atomicList,
  chapAuthDiscovery: bool(8).optional,
  secretRef: struct(10, SecretReference).optional,
  chapAuthSession: bool(11).optional,
  initiatorName: string(12),
});
export interface ISCSIPersistentVolumeSource extends Infer<typeof ISCSIPersistentVolumeSource> {}

export const LocalVolumeSource = message("io.k8s.api.core.v1.LocalVolumeSource", {
  path: string(1).always.required,
  fsType: string(2),
});
export interface LocalVolumeSource extends Infer<typeof LocalVolumeSource> {}

export const VolumeNodeAffinity = message("io.k8s.api.core.v1.VolumeNodeAffinity", {
  required: struct(1, NodeSelector).optional,
});
export interface VolumeNodeAffinity extends Infer<typeof VolumeNodeAffinity> {}

export const RBDPersistentVolumeSource = message("io.k8s.api.core.v1.RBDPersistentVolumeSource", {
  monitors: list(1, "string").always.required.atomicList,
  image: string(2).always.required,
  fsType: string(3),
  pool: string(4),
  user: string(5),
  keyring: string(6),
  secretRef: struct(7, SecretReference).optional,
  readOnly: bool(8).optional,
});
export interface RBDPersistentVolumeSource extends Infer<typeof RBDPersistentVolumeSource> {}

export const ScaleIOPersistentVolumeSource = message("io.k8s.api.core.v1.ScaleIOPersistentVolumeSource", {
  gateway: string(1).always.required,
  system: string(2).always.required,
  secretRef: struct(3, SecretReference).required,
  sslEnabled: bool(4).optional,
  protectionDomain: string(5),
  storagePool: string(6),
  storageMode: string(7),
  volumeName: string(8),
  fsType: string(9),
  readOnly: bool(10).optional,
});
export interface ScaleIOPersistentVolumeSource extends Infer<typeof ScaleIOPersistentVolumeSource> {}

export const StorageOSPersistentVolumeSource = message("io.k8s.api.core.v1.StorageOSPersistentVolumeSource", {
  volumeName: string(1),
  volumeNamespace: string(2),
  fsType: string(3),
  readOnly: bool(4).optional,
  secretRef: struct(5, ObjectReference).optional,
});
export interface StorageOSPersistentVolumeSource extends Infer<typeof StorageOSPersistentVolumeSource> {}

export const PersistentVolumeSpec = message("io.k8s.api.core.v1.PersistentVolumeSpec", {
  awsElasticBlockStore: struct(0, AWSElasticBlockStoreVolumeSource).optional,
  azureDisk: struct(0, AzureDiskVolumeSource).optional,
  azureFile: struct(0, AzureFilePersistentVolumeSource).optional,
  cephfs: struct(0, CephFSPersistentVolumeSource).optional,
  cinder: struct(0, CinderPersistentVolumeSource).optional,
  csi: struct(0, CSIPersistentVolumeSource).optional,
  fc: struct(0, FCVolumeSource).optional,
  flexVolume: struct(0, FlexPersistentVolumeSource).optional,
  flocker: struct(0, FlockerVolumeSource).optional,
  gcePersistentDisk: struct(0, GCEPersistentDiskVolumeSource).optional,
  glusterfs: struct(0, GlusterfsPersistentVolumeSource).optional,
  hostPath: struct(0, HostPathVolumeSource).optional,
  iscsi: struct(0, ISCSIPersistentVolumeSource).optional,
  local: struct(0, LocalVolumeSource).optional,
  nfs: struct(0, NFSVolumeSource).optional,
  photonPersistentDisk: struct(0, PhotonPersistentDiskVolumeSource).optional,
  portworxVolume: struct(0, PortworxVolumeSource).optional,
  quobyte: struct(0, QuobyteVolumeSource).optional,
  rbd: struct(0, RBDPersistentVolumeSource).optional,
  scaleIO: struct(0, ScaleIOPersistentVolumeSource).optional,
  storageos: struct(0, StorageOSPersistentVolumeSource).optional,
  vsphereVolume: struct(0, VsphereVirtualDiskVolumeSource).optional,
  capacity: map(1, "quantity"),
  accessModes: list(3, "string").atomicList,
  claimRef: struct(4, ObjectReference).optional,
  persistentVolumeReclaimPolicy: string(5),
  storageClassName: string(6),
  mountOptions: list(7, "string").atomicList,
  volumeMode: string(8),
  nodeAffinity: struct(9, VolumeNodeAffinity).optional,
  volumeAttributesClassName: string(10),
});
export interface PersistentVolumeSpec extends Infer<typeof PersistentVolumeSpec> {}

export const PersistentVolumeStatus = message("io.k8s.api.core.v1.PersistentVolumeStatus", {
  phase: string(1),
  message: string(2),
  reason: string(3),
  lastPhaseTransitionTime: time(4).optional,
});
export interface PersistentVolumeStatus extends Infer<typeof PersistentVolumeStatus> {}
