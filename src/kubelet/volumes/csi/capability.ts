import type { CSIDriver } from "../../../api/storage/v1/index.ts";
import type { CsiDriver } from "./driver.ts";
import type { AccessMode, VolumeCapability } from "./messages.ts";

interface Asked {
  source: { fsType?: string };
  isBlock: boolean;
  accessModes: readonly string[];
  mountOptions: readonly string[];
}

/** How a volume is to be used, in CSI's words. The first of a volume's access modes counts. */
export async function capabilityOf(
  driver: Pick<CsiDriver, "can">,
  { source, isBlock, accessModes, mountOptions }: Asked,
  group?: number,
): Promise<VolumeCapability> {
  const mode = csiMode(accessModes[0], await driver.can("SINGLE_NODE_MULTI_WRITER"));
  if (isBlock) return { block: {}, accessMode: { mode } };
  const mount = {
    fsType: source.fsType ?? "",
    mountFlags: mountOptions,
    volumeMountGroup: group === undefined ? "" : String(group),
  };
  return { mount, accessMode: { mode } };
}

/** Older drivers know no difference between one writer and several on one node. */
export function csiMode(mode: string | undefined, tellsWritersApart: boolean): AccessMode {
  switch (mode) {
    case "ReadWriteMany":
      return "MULTI_NODE_MULTI_WRITER";
    case "ReadOnlyMany":
      return "MULTI_NODE_READER_ONLY";
    case "ReadWriteOncePod":
      return tellsWritersApart ? "SINGLE_NODE_SINGLE_WRITER" : "SINGLE_NODE_WRITER";
    case "ReadWriteOnce":
      return tellsWritersApart ? "SINGLE_NODE_MULTI_WRITER" : "SINGLE_NODE_WRITER";
    default:
      return "SINGLE_NODE_WRITER";
  }
}

/** Who gives a volume's files to a Pod's fsGroup, if anyone. */
export function groupWay(
  driverMountsByGroup: boolean,
  info: CSIDriver["spec"] | undefined,
  { source, isBlock, accessModes }: Asked,
): "driver" | "kubelet" | "nobody" {
  if (isBlock) return "nobody";
  if (driverMountsByGroup) return "driver";
  switch (info?.fsGroupPolicy ?? "ReadWriteOnceWithFSType") {
    case "File":
      return "kubelet";
    case "None":
      return "nobody";
    default:
      return source.fsType && accessModes.includes("ReadWriteOnce") ? "kubelet" : "nobody";
  }
}
