import { bool, type Infer, int32, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
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

export const AzureFilePersistentVolumeSource = message(
  "io.k8s.api.core.v1.AzureFilePersistentVolumeSource",
  {
    secretName: string(1).always.required.doc("Secret with the storage account's name and key."),
    shareName: string(2).always.required.doc("The share's name."),
    readOnly: bool(3).doc("Mount for reading only."),
    secretNamespace: string(4).optional.doc("The Secret's namespace; the claim's if absent."),
  },
  { doc: "A share of Azure Files; acted on by a CSI driver only." },
);
export interface AzureFilePersistentVolumeSource extends Infer<typeof AzureFilePersistentVolumeSource> {}

export const SecretReference = message(
  "io.k8s.api.core.v1.SecretReference",
  {
    name: string(1).doc("The Secret's name."),
    namespace: string(2).doc("The Secret's namespace."),
  },
  { doc: "A Secret in any namespace.", mapType: "atomic" },
);
export interface SecretReference extends Infer<typeof SecretReference> {}

export const CephFSPersistentVolumeSource = message(
  "io.k8s.api.core.v1.CephFSPersistentVolumeSource",
  {
    monitors: list(1, "string").always.required.atomicList.doc("Addresses of the cluster's monitors."),
    path: string(2).doc('The folder to mount; "/" if absent.'),
    user: string(3).doc("The user to log in as; admin if absent."),
    secretFile: string(4).doc("File on the node with the user's key."),
    secretRef: struct(5, SecretReference).optional.doc("Secret with what is needed to log in to the storage system."),
    readOnly: bool(6).doc("Mount for reading only."),
  },
  { doc: "A Ceph file system; no longer supported." },
);
export interface CephFSPersistentVolumeSource extends Infer<typeof CephFSPersistentVolumeSource> {}

export const CinderPersistentVolumeSource = message(
  "io.k8s.api.core.v1.CinderPersistentVolumeSource",
  {
    volumeID: string(1).always.required.doc("The volume's identifier."),
    fsType: string(2).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    readOnly: bool(3).doc("Mount for reading only."),
    secretRef: struct(4, SecretReference).optional.doc("Secret with what is needed to log in to the storage system."),
  },
  { doc: "A volume of OpenStack Cinder; acted on by a CSI driver only." },
);
export interface CinderPersistentVolumeSource extends Infer<typeof CinderPersistentVolumeSource> {}

export const CSIPersistentVolumeSource = message(
  "io.k8s.api.core.v1.CSIPersistentVolumeSource",
  {
    driver: string(1).always.required.doc("The driver's name."),
    volumeHandle: string(2).always.required.doc("The driver's own name for the volume."),
    readOnly: bool(3).doc("Mount for reading only."),
    fsType: string(4).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    volumeAttributes: map(5, "string").doc("What the driver needs to know, in its own terms."),
    controllerPublishSecretRef: struct(6, SecretReference).optional.doc(
      "Secret handed to the driver when the volume is attached.",
    ),
    nodeStageSecretRef: struct(7, SecretReference).optional.doc(
      "Secret handed to the driver when a node prepares the volume.",
    ),
    nodePublishSecretRef: struct(8, SecretReference).optional.doc(
      "Secret handed to the driver when the volume is mounted for a Pod.",
    ),
    controllerExpandSecretRef: struct(9, SecretReference).optional.doc(
      "Secret handed to the driver when the volume is made larger.",
    ),
    nodeExpandSecretRef: struct(10, SecretReference).optional.doc(
      "Secret handed to the driver when a node makes the file system larger.",
    ),
  },
  { doc: "A volume that a CSI driver serves." },
);
export interface CSIPersistentVolumeSource extends Infer<typeof CSIPersistentVolumeSource> {}

export const FlexPersistentVolumeSource = message(
  "io.k8s.api.core.v1.FlexPersistentVolumeSource",
  {
    driver: string(1).always.required.doc("The driver's name."),
    fsType: string(2).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    secretRef: struct(3, SecretReference).optional.doc("Secret with what is needed to log in to the storage system."),
    readOnly: bool(4).doc("Mount for reading only."),
    options: map(5, "string").doc("Further options for the driver."),
  },
  { doc: "A volume mounted by a program on the node; CSI took its place." },
);
export interface FlexPersistentVolumeSource extends Infer<typeof FlexPersistentVolumeSource> {}

export const GlusterfsPersistentVolumeSource = message(
  "io.k8s.api.core.v1.GlusterfsPersistentVolumeSource",
  {
    endpoints: string(1).always.required.doc("The Endpoints object with the servers' addresses."),
    path: string(2).always.required.doc("The volume's name."),
    readOnly: bool(3).doc("Mount for reading only."),
    endpointsNamespace: string(4).optional.doc("The Endpoints' namespace; the claim's if absent."),
  },
  { doc: "A Gluster volume; no longer supported." },
);
export interface GlusterfsPersistentVolumeSource extends Infer<typeof GlusterfsPersistentVolumeSource> {}

export const ISCSIPersistentVolumeSource = message(
  "io.k8s.api.core.v1.ISCSIPersistentVolumeSource",
  {
    targetPortal: string(1).always.required.doc("The target's address, with port if it is not 3260."),
    iqn: string(2).always.required.doc("The target's qualified name."),
    lun: int32(3).always.required.doc("The logical unit's number."),
    iscsiInterface: string(4).default("default").doc("The initiator's interface."),
    fsType: string(5).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    readOnly: bool(6).doc("Mount for reading only."),
    portals: list(7, "string").atomicList.doc("Further addresses of the target."),
    chapAuthDiscovery: bool(8).doc("Whether discovery uses CHAP."),
    secretRef: struct(10, SecretReference).optional.doc("Secret with what is needed to log in to the storage system."),
    chapAuthSession: bool(11).doc("Whether the session uses CHAP."),
    initiatorName: string(12).optional.doc("A name for the initiator, instead of the interface's."),
  },
  { doc: "An iSCSI disk." },
);
export interface ISCSIPersistentVolumeSource extends Infer<typeof ISCSIPersistentVolumeSource> {}

export const LocalVolumeSource = message(
  "io.k8s.api.core.v1.LocalVolumeSource",
  {
    path: string(1).always.required.doc("A folder, or a block device, on the node."),
    fsType: string(2).optional.doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
  },
  { doc: "Storage of one node; the volume says by its node affinity which." },
);
export interface LocalVolumeSource extends Infer<typeof LocalVolumeSource> {}

export const RBDPersistentVolumeSource = message(
  "io.k8s.api.core.v1.RBDPersistentVolumeSource",
  {
    monitors: list(1, "string").always.required.atomicList.doc("Addresses of the cluster's monitors."),
    image: string(2).always.required.doc("The image's name."),
    fsType: string(3).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    pool: string(4).default("rbd").doc("The pool."),
    user: string(5).default("admin").doc("The user to log in as."),
    keyring: string(6).default("/etc/ceph/keyring").doc("File on the node with the user's key."),
    secretRef: struct(7, SecretReference).optional.doc("Secret with what is needed to log in to the storage system."),
    readOnly: bool(8).doc("Mount for reading only."),
  },
  { doc: "A Ceph block device; no longer supported." },
);
export interface RBDPersistentVolumeSource extends Infer<typeof RBDPersistentVolumeSource> {}

export const ScaleIOPersistentVolumeSource = message(
  "io.k8s.api.core.v1.ScaleIOPersistentVolumeSource",
  {
    gateway: string(1).always.required.doc("The gateway's address."),
    system: string(2).always.required.doc("The storage system's name."),
    secretRef: struct(3, SecretReference).optional.required.doc(
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
export interface ScaleIOPersistentVolumeSource extends Infer<typeof ScaleIOPersistentVolumeSource> {}

export const StorageOSPersistentVolumeSource = message(
  "io.k8s.api.core.v1.StorageOSPersistentVolumeSource",
  {
    volumeName: string(1).doc("The volume's name."),
    volumeNamespace: string(2).doc("Its namespace at StorageOS."),
    fsType: string(3).doc("File system to mount, such as ext4 or xfs; empty: the driver's choice."),
    readOnly: bool(4).doc("Mount for reading only."),
    secretRef: struct(5, ObjectReference).optional.doc("Secret with what is needed to log in to the storage system."),
  },
  { doc: "A StorageOS volume; no longer supported." },
);
export interface StorageOSPersistentVolumeSource extends Infer<typeof StorageOSPersistentVolumeSource> {}

export const PersistentVolumeSource = message(
  "io.k8s.api.core.v1.PersistentVolumeSource",
  {
    gcePersistentDisk: struct(1, GCEPersistentDiskVolumeSource).optional.doc(
      "A persistent disk of Google Compute Engine.",
    ),
    awsElasticBlockStore: struct(2, AWSElasticBlockStoreVolumeSource).optional.doc("A disk of AWS."),
    hostPath: struct(3, HostPathVolumeSource).optional.doc(
      "A folder of whatever host the Pod runs on; for trying things out on one node.",
    ),
    glusterfs: struct(4, GlusterfsPersistentVolumeSource).optional.doc("A Gluster volume."),
    nfs: struct(5, NFSVolumeSource).optional.doc("A folder that an NFS server exports."),
    rbd: struct(6, RBDPersistentVolumeSource).optional.doc("A Ceph block device."),
    iscsi: struct(7, ISCSIPersistentVolumeSource).optional.doc("An iSCSI disk."),
    cinder: struct(8, CinderPersistentVolumeSource).optional.doc("A volume of OpenStack Cinder."),
    cephfs: struct(9, CephFSPersistentVolumeSource).optional.doc("A Ceph file system."),
    fc: struct(10, FCVolumeSource).optional.doc("A Fibre Channel disk."),
    flocker: struct(11, FlockerVolumeSource).optional.doc("A Flocker dataset."),
    flexVolume: struct(12, FlexPersistentVolumeSource).optional.doc("A volume mounted by a program on the node."),
    azureFile: struct(13, AzureFilePersistentVolumeSource).optional.doc("A share of Azure Files."),
    vsphereVolume: struct(14, VsphereVirtualDiskVolumeSource).optional.doc("A disk of vSphere."),
    quobyte: struct(15, QuobyteVolumeSource).optional.doc("A Quobyte volume."),
    azureDisk: struct(16, AzureDiskVolumeSource).optional.doc("A data disk of Azure."),
    photonPersistentDisk: struct(17, PhotonPersistentDiskVolumeSource).optional.doc("A disk of Photon Controller."),
    portworxVolume: struct(18, PortworxVolumeSource).optional.doc("A volume of Portworx."),
    scaleIO: struct(19, ScaleIOPersistentVolumeSource).optional.doc("A ScaleIO volume."),
    local: struct(20, LocalVolumeSource).optional.doc("Storage of one node."),
    storageos: struct(21, StorageOSPersistentVolumeSource).optional.doc("A StorageOS volume."),
    csi: struct(22, CSIPersistentVolumeSource).optional.doc("A volume that a CSI driver serves."),
  },
  { doc: "Where a PersistentVolume's content is kept; exactly one is set." },
);
export interface PersistentVolumeSource extends Infer<typeof PersistentVolumeSource> {}
