import type { Pod } from "../../api/core/v1/index.ts";
import { isGone } from "../clusterEvents.ts";
import type { Cluster, Plugin, Refusal } from "../framework.ts";
import { factsOf } from "../podFacts.ts";
import { claimUses, className, type VolumeView } from "../volumes/view.ts";

const name = "NodeVolumeLimits";
const TOO_MANY: Refusal = { plugin: name, reasons: ["node(s) exceed max volume count"], isFinal: false };

/** No node gets more volumes of a CSI driver than its CSINode says that the driver can attach there. */
export const nodeVolumeLimits: Plugin = {
  name,
  filter({ pod }, cluster) {
    const wanted = volumesOf(pod, cluster.volumes);
    if (wanted.size === 0) return undefined;
    return { refuse: (slot) => (exceeds(cluster.table.nameOf(slot), wanted, cluster) ? TOO_MANY : undefined) };
  },
  hint(pod, event) {
    if (event.resource === "CSINode") return !isGone(event);
    if (event.resource === "VolumeAttachment") return isGone(event);
    if (event.resource === "PersistentVolumeClaim") return event.new?.metadata.namespace === pod.metadata.namespace;
    return event.resource === "AssignedPod" && isGone(event) && factsOf(event.old!).claims.length > 0;
  },
};

function exceeds(node: string, wanted: ReadonlyMap<string, string>, { table, volumes }: Cluster): boolean {
  const limits = new Map<string, number>();
  for (const { name: driver, allocatable } of volumes.csiNode(node)?.spec.drivers ?? []) {
    if (allocatable?.count !== undefined) limits.set(driver, allocatable.count);
  }
  if (![...wanted.values()].some((driver) => limits.has(driver))) return false;
  const attached = attachedTo(node, table, volumes);
  for (const [driver, limit] of limits) {
    const fresh = [...wanted].filter(([volume, its]) => its === driver && !attached.has(volume)).length;
    const there = [...attached.values()].filter((its) => its === driver).length;
    if (fresh > 0 && there + fresh > limit) return true;
  }
  return false;
}

function attachedTo(node: string, table: Cluster["table"], volumes: VolumeView): Map<string, string> {
  const attached = new Map<string, string>();
  for (const { facts } of table.podsOn(node).values()) {
    if (facts.claims.length === 0) continue;
    for (const [volume, driver] of volumesOf(facts.pod, volumes)) attached.set(volume, driver);
  }
  for (const { spec } of volumes.attachmentsOn(node)) {
    const csi = volumes.volume(spec.source.persistentVolumeName ?? "")?.spec.csi;
    if (csi) attached.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
  }
  return attached;
}

/** The CSI volumes of a Pod and their drivers; one still to be made counts for the driver that will make it. */
function volumesOf(pod: Pod, volumes: VolumeView): Map<string, string> {
  const found = new Map<string, string>();
  const { namespace } = pod.metadata;
  for (const use of claimUses(pod)) {
    const claim = volumes.claim(namespace!, use.name);
    if (!claim) continue;
    const csi = volumes.volume(claim.spec.volumeName ?? "")?.spec.csi;
    if (csi) found.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
    else if (!claim.spec.volumeName) {
      const driver = volumes.storageClass(className(claim))?.provisioner;
      if (driver) found.set(`${driver}/${namespace}/${use.name}`, driver);
    }
  }
  return found;
}
