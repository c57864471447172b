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

export const ConfigMapVolumeSource = message(
  "io.k8s.api.core.v1.ConfigMapVolumeSource",
  {
    localObjectReference: inline(1, LocalObjectReference).doc("The object in the same namespace."),
    items: list(2, KeyToPath).atomicList.doc("Which keys become which files; absent: each key, a file of its name."),
    defaultMode: int32(3).optional.doc("The files' permission bits; 0644 by default."),
    optional: bool(4).optional.doc("Whether the Pod may start although what is named, or its key, does not exist."),
  },
  { doc: "A ConfigMap's keys as files." },
);
export interface ConfigMapVolumeSource extends Infer<typeof ConfigMapVolumeSource> {}

export const DownwardAPIVolumeSource = message(
  "io.k8s.api.core.v1.DownwardAPIVolumeSource",
  {
    items: list(1, DownwardAPIVolumeFile).atomicList.doc("The files."),
    defaultMode: int32(2).optional.doc("The files' permission bits; 0644 by default."),
  },
  { doc: "Facts about the Pod as files." },
);
export interface DownwardAPIVolumeSource extends Infer<typeof DownwardAPIVolumeSource> {}

export const EmptyDirVolumeSource = message(
  "io.k8s.api.core.v1.EmptyDirVolumeSource",
  {
    medium: string(1).named("StorageMedium").doc("Where it is kept: empty for the node's disk, Memory for a tmpfs."),
    sizeLimit: quantity(2).optional.doc("How much it may hold."),
  },
  { doc: "A folder that lives as long as the Pod on its node." },
);
export interface EmptyDirVolumeSource extends Infer<typeof EmptyDirVolumeSource> {}

export const EphemeralVolumeSource = message(
  "io.k8s.api.core.v1.EphemeralVolumeSource",
  {
    volumeClaimTemplate: struct(1, PersistentVolumeClaimTemplate).optional.doc(
      "The claim to make; it is named after Pod and volume.",
    ),
  },
  { doc: "A volume with a claim of its own, made and removed with the Pod." },
);
export interface EphemeralVolumeSource extends Infer<typeof EphemeralVolumeSource> {}

export const HostPathVolumeSource = message(
  "io.k8s.api.core.v1.HostPathVolumeSource",
  {
    path: string(1).always.required.doc("The path on the host; links are followed."),
    type: string(2)
      .named("HostPathType")
      .optional.doc(
        "What must be there, or is made: Directory, DirectoryOrCreate, File, FileOrCreate, Socket, CharDevice, BlockDevice; empty: not checked.",
      ),
  },
  { doc: "A file or folder of the host, for system Pods." },
);
export interface HostPathVolumeSource extends Infer<typeof HostPathVolumeSource> {}

export const ImageVolumeSource = message(
  "io.k8s.api.core.v1.ImageVolumeSource",
  {
    reference: string(1).doc("The image."),
    pullPolicy: string(2).named("PullPolicy").doc("Always, IfNotPresent or Never."),
  },
  { doc: "The content of an OCI image or artifact, for reading." },
);
export interface ImageVolumeSource extends Infer<typeof ImageVolumeSource> {}

export const PersistentVolumeClaimVolumeSource = message(
  "io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource",
  {
    claimName: string(1).always.required.doc("The claim, in the Pod's namespace."),
    readOnly: bool(2).doc("Mount for reading only in all containers."),
  },
  { doc: "The volume that serves a claim." },
);
export interface PersistentVolumeClaimVolumeSource extends Infer<typeof PersistentVolumeClaimVolumeSource> {}

export const SecretVolumeSource = message(
  "io.k8s.api.core.v1.SecretVolumeSource",
  {
    secretName: string(1).doc("The Secret."),
    items: list(2, KeyToPath).atomicList.doc("Which keys become which files; absent: each key, a file of its name."),
    defaultMode: int32(3).optional.doc("The files' permission bits; 0644 by default."),
    optional: bool(4).optional.doc("Whether the Pod may start although what is named, or its key, does not exist."),
  },
  { doc: "A Secret's keys as files." },
);
export interface SecretVolumeSource extends Infer<typeof SecretVolumeSource> {}

export const VolumeSource = message(
  "io.k8s.api.core.v1.VolumeSource",
  {
    hostPath: struct(1, HostPathVolumeSource).optional.doc("A file or folder of the host."),
    emptyDir: struct(2, EmptyDirVolumeSource).optional.doc("An empty folder."),
    gcePersistentDisk: struct(3, GCEPersistentDiskVolumeSource).optional.doc("A disk of Google Compute Engine."),
    awsElasticBlockStore: struct(4, AWSElasticBlockStoreVolumeSource).optional.doc("A disk of AWS."),
    gitRepo: struct(5, GitRepoVolumeSource).optional.doc("A git repository; no longer supported."),
    secret: struct(6, SecretVolumeSource).optional.doc("A Secret's keys."),
    nfs: struct(7, NFSVolumeSource).optional.doc("A folder of an NFS server."),
    iscsi: struct(8, ISCSIVolumeSource).optional.doc("An iSCSI disk."),
    glusterfs: struct(9, GlusterfsVolumeSource).optional.doc("A Gluster volume; no longer supported."),
    persistentVolumeClaim: struct(10, PersistentVolumeClaimVolumeSource).optional.doc(
      "The volume that serves a claim.",
    ),
    rbd: struct(11, RBDVolumeSource).optional.doc("A Ceph block device; no longer supported."),
    flexVolume: struct(12, FlexVolumeSource).optional.doc("A volume mounted by a program on the node."),
    cinder: struct(13, CinderVolumeSource).optional.doc("A volume of OpenStack."),
    cephfs: struct(14, CephFSVolumeSource).optional.doc("A Ceph file system; no longer supported."),
    flocker: struct(15, FlockerVolumeSource).optional.doc("A Flocker dataset; no longer supported."),
    downwardAPI: struct(16, DownwardAPIVolumeSource).optional.doc("Facts about the Pod."),
    fc: struct(17, FCVolumeSource).optional.doc("A Fibre Channel disk."),
    azureFile: struct(18, AzureFileVolumeSource).optional.doc("A share of Azure Files."),
    configMap: struct(19, ConfigMapVolumeSource).optional.doc("A ConfigMap's keys."),
    vsphereVolume: struct(20, VsphereVirtualDiskVolumeSource).optional.doc("A disk of vSphere."),
    quobyte: struct(21, QuobyteVolumeSource).optional.doc("A Quobyte volume; no longer supported."),
    azureDisk: struct(22, AzureDiskVolumeSource).optional.doc("A disk of Azure."),
    photonPersistentDisk: struct(23, PhotonPersistentDiskVolumeSource).optional.doc(
      "A disk of Photon Controller; no longer supported.",
    ),
    portworxVolume: struct(24, PortworxVolumeSource).optional.doc("A volume of Portworx."),
    scaleIO: struct(25, ScaleIOVolumeSource).optional.doc("A ScaleIO volume; no longer supported."),
    projected: struct(26, ProjectedVolumeSource).optional.doc("Several sources in one folder."),
    storageos: struct(27, StorageOSVolumeSource).optional.doc("A StorageOS volume; no longer supported."),
    csi: struct(28, CSIVolumeSource).optional.doc("A volume of a CSI driver, for this Pod alone."),
    ephemeral: struct(29, EphemeralVolumeSource).optional.doc(
      "A volume with a claim of its own, made and removed with the Pod.",
    ),
    image: struct(30, ImageVolumeSource).optional.doc("The content of an image."),
  },
  { doc: "What a volume holds; exactly one is set, an empty folder if none." },
);
export interface VolumeSource extends Infer<typeof VolumeSource> {}

export const Volume = message(
  "io.k8s.api.core.v1.Volume",
  {
    name: string(1).always.required.doc("The volume's name within the Pod."),
    volumeSource: inline(2, VolumeSource).doc("What is in it."),
  },
  { doc: "A folder or device that containers of a Pod can share." },
);
export interface Volume extends Infer<typeof Volume> {}
