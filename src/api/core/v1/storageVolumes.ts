import { bool, type Infer, int32, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { LocalObjectReference } from "./references.ts";

export const AWSElasticBlockStoreVolumeSource = message("io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource", {
  volumeID: string(1).always.required,
  fsType: string(2),
  partition: int32(3),
  readOnly: bool(4),
});
export interface AWSElasticBlockStoreVolumeSource extends Infer<typeof AWSElasticBlockStoreVolumeSource> {}

export const AzureDiskVolumeSource = message("io.k8s.api.core.v1.AzureDiskVolumeSource", {
  diskName: string(1).always.required,
  diskURI: string(2).always.required,
  cachingMode: string(3).named("AzureDataDiskCachingMode").optional.default("ReadWrite"),
  fsType: string(4).optional.default("ext4"),
  readOnly: bool(5).optional.default(false),
  kind: string(6).named("AzureDataDiskKind").optional.default("Shared"),
});
export interface AzureDiskVolumeSource extends Infer<typeof AzureDiskVolumeSource> {}

export const AzureFileVolumeSource = message("io.k8s.api.core.v1.AzureFileVolumeSource", {
  secretName: string(1).always.required,
  shareName: string(2).always.required,
  readOnly: bool(3),
});
export interface AzureFileVolumeSource extends Infer<typeof AzureFileVolumeSource> {}

export const CSIVolumeSource = message("io.k8s.api.core.v1.CSIVolumeSource", {
  driver: string(1).always.required,
  readOnly: bool(2).optional,
  fsType: string(3).optional,
  volumeAttributes: map(4, "string"),
  nodePublishSecretRef: struct(5, LocalObjectReference).optional,
});
export interface CSIVolumeSource extends Infer<typeof CSIVolumeSource> {}

export const CephFSVolumeSource = message("io.k8s.api.core.v1.CephFSVolumeSource", {
  monitors: list(1, "string").always.required.atomicList,
  path: string(2),
  user: string(3),
  secretFile: string(4),
  secretRef: struct(5, LocalObjectReference).optional,
  readOnly: bool(6),
});
export interface CephFSVolumeSource extends Infer<typeof CephFSVolumeSource> {}

export const CinderVolumeSource = message("io.k8s.api.core.v1.CinderVolumeSource", {
  volumeID: string(1).always.required,
  fsType: string(2),
  readOnly: bool(3),
  secretRef: struct(4, LocalObjectReference).optional,
});
export interface CinderVolumeSource extends Infer<typeof CinderVolumeSource> {}

export const FCVolumeSource = message("io.k8s.api.core.v1.FCVolumeSource", {
  targetWWNs: list(1, "string").atomicList,
  lun: int32(2).optional,
  fsType: string(3),
  readOnly: bool(4),
  wwids: list(5, "string").atomicList,
});
export interface FCVolumeSource extends Infer<typeof FCVolumeSource> {}

export const FlexVolumeSource = message("io.k8s.api.core.v1.FlexVolumeSource", {
  driver: string(1).always.required,
  fsType: string(2),
  secretRef: struct(3, LocalObjectReference).optional,
  readOnly: bool(4),
  options: map(5, "string"),
});
export interface FlexVolumeSource extends Infer<typeof FlexVolumeSource> {}

export const FlockerVolumeSource = message("io.k8s.api.core.v1.FlockerVolumeSource", {
  datasetName: string(1),
  datasetUUID: string(2),
});
export interface FlockerVolumeSource extends Infer<typeof FlockerVolumeSource> {}

export const GCEPersistentDiskVolumeSource = message("io.k8s.api.core.v1.GCEPersistentDiskVolumeSource", {
  pdName: string(1).always.required,
  fsType: string(2),
  partition: int32(3),
  readOnly: bool(4),
});
export interface GCEPersistentDiskVolumeSource extends Infer<typeof GCEPersistentDiskVolumeSource> {}

export const GitRepoVolumeSource = message("io.k8s.api.core.v1.GitRepoVolumeSource", {
  repository: string(1).always.required,
  revision: string(2),
  directory: string(3),
});
export interface GitRepoVolumeSource extends Infer<typeof GitRepoVolumeSource> {}

export const GlusterfsVolumeSource = message("io.k8s.api.core.v1.GlusterfsVolumeSource", {
  endpoints: string(1).always.required,
  path: string(2).always.required,
  readOnly: bool(3),
});
export interface GlusterfsVolumeSource extends Infer<typeof GlusterfsVolumeSource> {}

export const ISCSIVolumeSource = message("io.k8s.api.core.v1.ISCSIVolumeSource", {
  targetPortal: string(1).always.required,
  iqn: string(2).always.required,
  lun: int32(3).always.required,
  iscsiInterface: string(4).default("default"),
  fsType: string(5),
  readOnly: bool(6),
  portals: list(7, "string").atomicList,
  chapAuthDiscovery: bool(8),
  secretRef: struct(10, LocalObjectReference).optional,
  chapAuthSession: bool(11),
  initiatorName: string(12).optional,
});
export interface ISCSIVolumeSource extends Infer<typeof ISCSIVolumeSource> {}

export const NFSVolumeSource = message("io.k8s.api.core.v1.NFSVolumeSource", {
  server: string(1).always.required,
  path: string(2).always.required,
  readOnly: bool(3),
});
export interface NFSVolumeSource extends Infer<typeof NFSVolumeSource> {}

export const VsphereVirtualDiskVolumeSource = message("io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource", {
  volumePath: string(1).always.required,
  fsType: string(2),
  storagePolicyName: string(3),
  storagePolicyID: string(4),
});
export interface VsphereVirtualDiskVolumeSource extends Infer<typeof VsphereVirtualDiskVolumeSource> {}

export const QuobyteVolumeSource = message("io.k8s.api.core.v1.QuobyteVolumeSource", {
  registry: string(1).always.required,
  volume: string(2).always.required,
  readOnly: bool(3),
  user: string(4),
  group: string(5),
  tenant: string(6),
});
export interface QuobyteVolumeSource extends Infer<typeof QuobyteVolumeSource> {}

export const PhotonPersistentDiskVolumeSource = message("io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource", {
  pdID: string(1).always.required,
  fsType: string(2),
});
export interface PhotonPersistentDiskVolumeSource extends Infer<typeof PhotonPersistentDiskVolumeSource> {}

export const PortworxVolumeSource = message("io.k8s.api.core.v1.PortworxVolumeSource", {
  volumeID: string(1).always.required,
  fsType: string(2),
  readOnly: bool(3),
});
export interface PortworxVolumeSource extends Infer<typeof PortworxVolumeSource> {}

export const RBDVolumeSource = message("io.k8s.api.core.v1.RBDVolumeSource", {
  monitors: list(1, "string").always.required.atomicList,
  image: string(2).always.required,
  fsType: string(3),
  pool: string(4).default("rbd"),
  user: string(5).default("admin"),
  keyring: string(6).default("/etc/ceph/keyring"),
  secretRef: struct(7, LocalObjectReference).optional,
  readOnly: bool(8),
});
export interface RBDVolumeSource extends Infer<typeof RBDVolumeSource> {}

export const ScaleIOVolumeSource = message("io.k8s.api.core.v1.ScaleIOVolumeSource", {
  gateway: string(1).always.required,
  system: string(2).always.required,
  secretRef: struct(3, LocalObjectReference).optional.required,
  sslEnabled: bool(4),
  protectionDomain: string(5),
  storagePool: string(6),
  storageMode: string(7).default("ThinProvisioned"),
  volumeName: string(8),
  fsType: string(9).default("xfs"),
  readOnly: bool(10),
});
export interface ScaleIOVolumeSource extends Infer<typeof ScaleIOVolumeSource> {}

export const StorageOSVolumeSource = message("io.k8s.api.core.v1.StorageOSVolumeSource", {
  volumeName: string(1),
  volumeNamespace: string(2),
  fsType: string(3),
  readOnly: bool(4),
  secretRef: struct(5, LocalObjectReference).optional,
});
export interface StorageOSVolumeSource extends Infer<typeof StorageOSVolumeSource> {}
