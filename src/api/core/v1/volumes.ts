import {
  bool,
  type Infer,
  inline,
  int32,
  list,
  message,
  quantity,
  string,
  struct,
} from "../../../apimachinery/schema.ts";
import { PersistentVolumeClaimTemplate } from "./persistentVolumeClaimSpec.ts";
import { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource } from "./projections.ts";
import { LocalObjectReference } from "./references.ts";
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  AzureFileVolumeSource,
  CephFSVolumeSource,
  CinderVolumeSource,
  CSIVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  GitRepoVolumeSource,
  GlusterfsVolumeSource,
  ISCSIVolumeSource,
  NFSVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  RBDVolumeSource,
  ScaleIOVolumeSource,
  StorageOSVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from "./storageVolumes.ts";

export const ConfigMapVolumeSource = message("io.k8s.api.core.v1.ConfigMapVolumeSource", {
  localObjectReference: inline(1, LocalObjectReference),
  items: list(2, KeyToPath).atomicList,
  defaultMode: int32(3).optional,
  optional: bool(4).optional,
});
export interface ConfigMapVolumeSource extends Infer<typeof ConfigMapVolumeSource> {}

export const DownwardAPIVolumeSource = message("io.k8s.api.core.v1.DownwardAPIVolumeSource", {
  items: list(1, DownwardAPIVolumeFile).atomicList,
  defaultMode: int32(2).optional,
});
export interface DownwardAPIVolumeSource extends Infer<typeof DownwardAPIVolumeSource> {}

export const EmptyDirVolumeSource = message("io.k8s.api.core.v1.EmptyDirVolumeSource", {
  medium: string(1).named("StorageMedium"),
  sizeLimit: quantity(2).optional,
});
export interface EmptyDirVolumeSource extends Infer<typeof EmptyDirVolumeSource> {}

export const EphemeralVolumeSource = message("io.k8s.api.core.v1.EphemeralVolumeSource", {
  volumeClaimTemplate: struct(1, PersistentVolumeClaimTemplate).optional,
});
export interface EphemeralVolumeSource extends Infer<typeof EphemeralVolumeSource> {}

export const HostPathVolumeSource = message("io.k8s.api.core.v1.HostPathVolumeSource", {
  path: string(1).always.required,
  type: string(2).named("HostPathType").optional,
});
export interface HostPathVolumeSource extends Infer<typeof HostPathVolumeSource> {}

export const ImageVolumeSource = message("io.k8s.api.core.v1.ImageVolumeSource", {
  reference: string(1),
  pullPolicy: string(2).named("PullPolicy"),
});
export interface ImageVolumeSource extends Infer<typeof ImageVolumeSource> {}

export const PersistentVolumeClaimVolumeSource = message("io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource", {
  claimName: string(1).always.required,
  readOnly: bool(2),
});
export interface PersistentVolumeClaimVolumeSource extends Infer<typeof PersistentVolumeClaimVolumeSource> {}

export const SecretVolumeSource = message("io.k8s.api.core.v1.SecretVolumeSource", {
  secretName: string(1),
  items: list(2, KeyToPath).atomicList,
  defaultMode: int32(3).optional,
  optional: bool(4).optional,
});
export interface SecretVolumeSource extends Infer<typeof SecretVolumeSource> {}

export const VolumeSource = message("io.k8s.api.core.v1.VolumeSource", {
  hostPath: struct(1, HostPathVolumeSource).optional,
  emptyDir: struct(2, EmptyDirVolumeSource).optional,
  gcePersistentDisk: struct(3, GCEPersistentDiskVolumeSource).optional,
  awsElasticBlockStore: struct(4, AWSElasticBlockStoreVolumeSource).optional,
  gitRepo: struct(5, GitRepoVolumeSource).optional,
  secret: struct(6, SecretVolumeSource).optional,
  nfs: struct(7, NFSVolumeSource).optional,
  iscsi: struct(8, ISCSIVolumeSource).optional,
  glusterfs: struct(9, GlusterfsVolumeSource).optional,
  persistentVolumeClaim: struct(10, PersistentVolumeClaimVolumeSource).optional,
  rbd: struct(11, RBDVolumeSource).optional,
  flexVolume: struct(12, FlexVolumeSource).optional,
  cinder: struct(13, CinderVolumeSource).optional,
  cephfs: struct(14, CephFSVolumeSource).optional,
  flocker: struct(15, FlockerVolumeSource).optional,
  downwardAPI: struct(16, DownwardAPIVolumeSource).optional,
  fc: struct(17, FCVolumeSource).optional,
  azureFile: struct(18, AzureFileVolumeSource).optional,
  configMap: struct(19, ConfigMapVolumeSource).optional,
  vsphereVolume: struct(20, VsphereVirtualDiskVolumeSource).optional,
  quobyte: struct(21, QuobyteVolumeSource).optional,
  azureDisk: struct(22, AzureDiskVolumeSource).optional,
  photonPersistentDisk: struct(23, PhotonPersistentDiskVolumeSource).optional,
  portworxVolume: struct(24, PortworxVolumeSource).optional,
  scaleIO: struct(25, ScaleIOVolumeSource).optional,
  projected: struct(26, ProjectedVolumeSource).optional,
  storageos: struct(27, StorageOSVolumeSource).optional,
  csi: struct(28, CSIVolumeSource).optional,
  ephemeral: struct(29, EphemeralVolumeSource).optional,
  image: struct(30, ImageVolumeSource).optional,
});
export interface VolumeSource extends Infer<typeof VolumeSource> {}

export const Volume = message("io.k8s.api.core.v1.Volume", {
  name: string(1).always.required,
  volumeSource: inline(2, VolumeSource),
});
export interface Volume extends Infer<typeof Volume> {}
