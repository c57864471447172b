import { bool, type Infer, int32, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { LocalObjectReference } from "./references.ts";

export const AWSElasticBlockStoreVolumeSource = message(
  "io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource",
  {
    volumeID: string(1).always.required.doc("The disk's identifier at the provider."),
    fsType: string(2).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    partition: int32(3).doc("The partition to mount; 0 or absent: the whole disk."),
    readOnly: bool(4).doc("Mount for reading only."),
  },
  { doc: "A disk of AWS Elastic Block Store; acted on by a CSI driver only." },
);
export interface AWSElasticBlockStoreVolumeSource extends Infer<typeof AWSElasticBlockStoreVolumeSource> {}

export const AzureDiskVolumeSource = message(
  "io.k8s.api.core.v1.AzureDiskVolumeSource",
  {
    diskName: string(1).always.required.doc("The disk's name in blob storage."),
    diskURI: string(2).always.required.doc("The disk's address in blob storage."),
    cachingMode: string(3)
      .named("AzureDataDiskCachingMode")
      .optional.default("ReadWrite")
      .doc("How the host caches: None, ReadOnly or ReadWrite."),
    fsType: string(4)
      .optional.default("ext4")
      .doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    readOnly: bool(5).optional.default(false).doc("Mount for reading only."),
    kind: string(6)
      .named("AzureDataDiskKind")
      .optional.default("Shared")
      .doc("Shared, Dedicated or Managed: whose storage account holds the disk."),
  },
  { doc: "A data disk of Azure; acted on by a CSI driver only." },
);
export interface AzureDiskVolumeSource extends Infer<typeof AzureDiskVolumeSource> {}

export const AzureFileVolumeSource = message(
  "io.k8s.api.core.v1.AzureFileVolumeSource",
  {
    secretName: string(1).always.required.doc("Secret with the storage account's name and key."),
    shareName: string(2).always.required.doc("The share's name."),
    readOnly: bool(3).doc("Mount for reading only."),
  },
  { doc: "A share of Azure Files; acted on by a CSI driver only." },
);
export interface AzureFileVolumeSource extends Infer<typeof AzureFileVolumeSource> {}

export const CSIVolumeSource = message(
  "io.k8s.api.core.v1.CSIVolumeSource",
  {
    driver: string(1).always.required.doc("The CSI driver that makes the volume."),
    readOnly: bool(2).optional.doc("Mount for reading only."),
    fsType: string(3).optional.doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    volumeAttributes: map(4, "string").doc("What the driver needs to know, in its own terms."),
    nodePublishSecretRef: struct(5, LocalObjectReference).optional.doc(
      "Secret handed to the driver when it mounts the volume.",
    ),
  },
  { doc: "A volume that a CSI driver makes for this Pod alone and removes with it." },
);
export interface CSIVolumeSource extends Infer<typeof CSIVolumeSource> {}

export const CephFSVolumeSource = message(
  "io.k8s.api.core.v1.CephFSVolumeSource",
  {
    monitors: list(1, "string").always.required.atomicList.doc("Addresses of the cluster's monitors."),
    path: string(2).doc('The folder to mount; "/" if absent.'),
    user: string(3).doc("The user to log in as; admin if absent."),
    secretFile: string(4).doc("File on the node with the user's key."),
    secretRef: struct(5, LocalObjectReference).optional.doc(
      "Secret with what is needed to log in to the storage system.",
    ),
    readOnly: bool(6).doc("Mount for reading only."),
  },
  { doc: "A Ceph file system; no longer supported." },
);
export interface CephFSVolumeSource extends Infer<typeof CephFSVolumeSource> {}

export const CinderVolumeSource = message(
  "io.k8s.api.core.v1.CinderVolumeSource",
  {
    volumeID: string(1).always.required.doc("The volume's identifier."),
    fsType: string(2).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    readOnly: bool(3).doc("Mount for reading only."),
    secretRef: struct(4, LocalObjectReference).optional.doc(
      "Secret with what is needed to log in to the storage system.",
    ),
  },
  { doc: "A volume of OpenStack Cinder; acted on by a CSI driver only." },
);
export interface CinderVolumeSource extends Infer<typeof CinderVolumeSource> {}

export const FCVolumeSource = message(
  "io.k8s.api.core.v1.FCVolumeSource",
  {
    targetWWNs: list(1, "string").atomicList.doc("World-wide names of the targets; with lun."),
    lun: int32(2).optional.doc("The logical unit's number."),
    fsType: string(3).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    readOnly: bool(4).doc("Mount for reading only."),
    wwids: list(5, "string").atomicList.doc("World-wide identifiers of the disk; instead of targetWWNs and lun."),
  },
  { doc: "A Fibre Channel disk." },
);
export interface FCVolumeSource extends Infer<typeof FCVolumeSource> {}

export const FlexVolumeSource = message(
  "io.k8s.api.core.v1.FlexVolumeSource",
  {
    driver: string(1).always.required.doc("The driver's name."),
    fsType: string(2).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    secretRef: struct(3, LocalObjectReference).optional.doc(
      "Secret with what is needed to log in to the storage system.",
    ),
    readOnly: bool(4).doc("Mount for reading only."),
    options: map(5, "string").doc("Further options for the driver."),
  },
  { doc: "A volume mounted by a program on the node; CSI took its place." },
);
export interface FlexVolumeSource extends Infer<typeof FlexVolumeSource> {}

export const FlockerVolumeSource = message(
  "io.k8s.api.core.v1.FlockerVolumeSource",
  {
    datasetName: string(1).doc("The dataset's name."),
    datasetUUID: string(2).doc("The dataset's identifier."),
  },
  { doc: "A Flocker dataset; no longer supported." },
);
export interface FlockerVolumeSource extends Infer<typeof FlockerVolumeSource> {}

export const GCEPersistentDiskVolumeSource = message(
  "io.k8s.api.core.v1.GCEPersistentDiskVolumeSource",
  {
    pdName: string(1).always.required.doc("The disk's name."),
    fsType: string(2).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    partition: int32(3).doc("The partition to mount; 0 or absent: the whole disk."),
    readOnly: bool(4).doc("Mount for reading only."),
  },
  { doc: "A persistent disk of Google Compute Engine; acted on by a CSI driver only." },
);
export interface GCEPersistentDiskVolumeSource extends Infer<typeof GCEPersistentDiskVolumeSource> {}

export const GitRepoVolumeSource = message(
  "io.k8s.api.core.v1.GitRepoVolumeSource",
  {
    repository: string(1).always.required.doc("The repository's URL."),
    revision: string(2).doc("The commit to check out."),
    directory: string(3).doc("The folder to clone into."),
  },
  { doc: "A git repository cloned at start; no longer supported." },
);
export interface GitRepoVolumeSource extends Infer<typeof GitRepoVolumeSource> {}

export const GlusterfsVolumeSource = message(
  "io.k8s.api.core.v1.GlusterfsVolumeSource",
  {
    endpoints: string(1).always.required.doc("The Endpoints object with the servers' addresses."),
    path: string(2).always.required.doc("The volume's name."),
    readOnly: bool(3).doc("Mount for reading only."),
  },
  { doc: "A Gluster volume; no longer supported." },
);
export interface GlusterfsVolumeSource extends Infer<typeof GlusterfsVolumeSource> {}

export const ISCSIVolumeSource = message(
  "io.k8s.api.core.v1.ISCSIVolumeSource",
  {
    targetPortal: string(1).always.required.doc("The target's address, with port if it is not 3260."),
    iqn: string(2).always.required.doc("The target's qualified name."),
    lun: int32(3).always.required.doc("The logical unit's number."),
    iscsiInterface: string(4).default("default").doc("The initiator's interface."),
    fsType: string(5).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    readOnly: bool(6).doc("Mount for reading only."),
    portals: list(7, "string").atomicList.doc("Further addresses of the target."),
    chapAuthDiscovery: bool(8).doc("Whether discovery uses CHAP."),
    secretRef: struct(10, LocalObjectReference).optional.doc(
      "Secret with what is needed to log in to the storage system.",
    ),
    chapAuthSession: bool(11).doc("Whether the session uses CHAP."),
    initiatorName: string(12).optional.doc("A name for the initiator, instead of the interface's."),
  },
  { doc: "An iSCSI disk." },
);
export interface ISCSIVolumeSource extends Infer<typeof ISCSIVolumeSource> {}

export const NFSVolumeSource = message(
  "io.k8s.api.core.v1.NFSVolumeSource",
  {
    server: string(1).always.required.doc("The server's name or address."),
    path: string(2).always.required.doc("The exported folder."),
    readOnly: bool(3).doc("Mount for reading only."),
  },
  { doc: "A folder that an NFS server exports." },
);
export interface NFSVolumeSource extends Infer<typeof NFSVolumeSource> {}

export const VsphereVirtualDiskVolumeSource = message(
  "io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource",
  {
    volumePath: string(1).always.required.doc("The disk's file."),
    fsType: string(2).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    storagePolicyName: string(3).doc("The storage policy's name."),
    storagePolicyID: string(4).doc("The storage policy's identifier."),
  },
  { doc: "A disk of vSphere; acted on by a CSI driver only." },
);
export interface VsphereVirtualDiskVolumeSource extends Infer<typeof VsphereVirtualDiskVolumeSource> {}

export const QuobyteVolumeSource = message(
  "io.k8s.api.core.v1.QuobyteVolumeSource",
  {
    registry: string(1).always.required.doc("Addresses of the registry, host:port, separated by commas."),
    volume: string(2).always.required.doc("The volume's name."),
    readOnly: bool(3).doc("Mount for reading only."),
    user: string(4).doc("The user to mount as."),
    group: string(5).doc("The group to mount as."),
    tenant: string(6).doc("The tenant that owns the volume."),
  },
  { doc: "A Quobyte volume; no longer supported." },
);
export interface QuobyteVolumeSource extends Infer<typeof QuobyteVolumeSource> {}

export const PhotonPersistentDiskVolumeSource = message(
  "io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource",
  {
    pdID: string(1).always.required.doc("The disk's identifier."),
    fsType: string(2).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
  },
  { doc: "A disk of Photon Controller; no longer supported." },
);
export interface PhotonPersistentDiskVolumeSource extends Infer<typeof PhotonPersistentDiskVolumeSource> {}

export const PortworxVolumeSource = message(
  "io.k8s.api.core.v1.PortworxVolumeSource",
  {
    volumeID: string(1).always.required.doc("The volume's identifier."),
    fsType: string(2).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    readOnly: bool(3).doc("Mount for reading only."),
  },
  { doc: "A volume of Portworx; acted on by a CSI driver only." },
);
export interface PortworxVolumeSource extends Infer<typeof PortworxVolumeSource> {}

export const RBDVolumeSource = message(
  "io.k8s.api.core.v1.RBDVolumeSource",
  {
    monitors: list(1, "string").always.required.atomicList.doc("Addresses of the cluster's monitors."),
    image: string(2).always.required.doc("The image's name."),
    fsType: string(3).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    pool: string(4).default("rbd").doc("The pool."),
    user: string(5).default("admin").doc("The user to log in as."),
    keyring: string(6).default("/etc/ceph/keyring").doc("File on the node with the user's key."),
    secretRef: struct(7, LocalObjectReference).optional.doc(
      "Secret with what is needed to log in to the storage system.",
    ),
    readOnly: bool(8).doc("Mount for reading only."),
  },
  { doc: "A Ceph block device; no longer supported." },
);
export interface RBDVolumeSource extends Infer<typeof RBDVolumeSource> {}

export const ScaleIOVolumeSource = message(
  "io.k8s.api.core.v1.ScaleIOVolumeSource",
  {
    gateway: string(1).always.required.doc("The gateway's address."),
    system: string(2).always.required.doc("The storage system's name."),
    secretRef: struct(3, LocalObjectReference).optional.required.doc(
      "Secret with what is needed to log in to the storage system.",
    ),
    sslEnabled: bool(4).doc("Whether the gateway is spoken to over TLS."),
    protectionDomain: string(5).doc("The protection domain."),
    storagePool: string(6).doc("The storage pool."),
    storageMode: string(7).default("ThinProvisioned").doc("ThickProvisioned or ThinProvisioned."),
    volumeName: string(8).doc("The volume's name."),
    fsType: string(9).default("xfs").doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    readOnly: bool(10).doc("Mount for reading only."),
  },
  { doc: "A ScaleIO volume; no longer supported." },
);
export interface ScaleIOVolumeSource extends Infer<typeof ScaleIOVolumeSource> {}

export const StorageOSVolumeSource = message(
  "io.k8s.api.core.v1.StorageOSVolumeSource",
  {
    volumeName: string(1).doc("The volume's name."),
    volumeNamespace: string(2).doc("Its namespace at StorageOS."),
    fsType: string(3).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    readOnly: bool(4).doc("Mount for reading only."),
    secretRef: struct(5, LocalObjectReference).optional.doc(
      "Secret with what is needed to log in to the storage system.",
    ),
  },
  { doc: "A StorageOS volume; no longer supported." },
);
export interface StorageOSVolumeSource extends Infer<typeof StorageOSVolumeSource> {}
