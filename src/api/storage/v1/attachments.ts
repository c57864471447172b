import { createHash } from "node:crypto";

/** The name of the VolumeAttachment that stands for a driver's volume on a node: control plane and kubelet agree on it. */
export function attachmentName({ handle, driver, node }: { handle: string; driver: string; node: string }): string {
  return `csi-${createHash("sha256").update(`${handle}${driver}${node}`).digest("hex")}`;
}

/** The name by which a Node's status tells of a driver's volume. */
export const uniqueVolumeName = (driver: string, handle: string): string => `kubernetes.io/csi/${driver}^${handle}`;

/** provisioner, CSI driver and attacher of disks that can move between the machines of a cluster */
export const DISK_DRIVER = "disk.coxswain.io";
/** attachment metadata: where the node finds the device */
export const DEVICE_PATH = "devicePath";
