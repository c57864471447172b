import type { Pod, Volume } from "../../api/core/v1/index.ts";
import { isGone } from "../clusterEvents.ts";
import type { Cluster, Plugin, Refusal } from "../framework.ts";
import { factsOf, type PodFacts } from "../podFacts.ts";

const name = "VolumeRestrictions";
const IN_USE: Refusal = {
  plugin: name,
  reasons: [
    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod",
  ],
  isFinal: false,
};
const NO_DISK: Refusal = { plugin: name, reasons: ["node(s) had no available disk"], isFinal: false };

/** One Pod at a time has a ReadWriteOncePod claim, and one node at a time a disk that only one can write to. */
export const volumeRestrictions: Plugin = {
  name,
  filter(pod, cluster) {
    const disks = disksOf(pod.pod);
    const exclusive = exclusiveClaims(pod, cluster);
    if (disks.length === 0 && exclusive.length === 0) return undefined;
    const { table } = cluster;
    const isInUse = exclusive.some((claim) => table.claimUsers(claim) > 0);
    return {
      refuse(slot) {
        if (isInUse) return IN_USE;
        if (disks.length === 0) return undefined;
        for (const { facts } of table.podsOn(table.nameOf(slot)).values()) {
          if (disksOf(facts.pod).some((other) => disks.some((disk) => clash(disk, other)))) return NO_DISK;
        }
        return undefined;
      },
    };
  },
  hint(pod, event) {
    if (event.resource === "PersistentVolumeClaim") return !isGone(event);
    if (event.resource === "Node") return !event.old;
    if (event.resource !== "AssignedPod" || !isGone(event)) return false;
    const freed = factsOf(event.old!);
    return (
      factsOf(pod).claims.some((claim) => freed.claims.includes(claim)) ||
      disksOf(pod).some((disk) => disksOf(freed.pod).some((other) => clash(disk, other)))
    );
  },
};

function exclusiveClaims({ claims }: PodFacts, { volumes }: Cluster): string[] {
  return claims.filter((key) => {
    const [namespace, claim] = key.split("/");
    return volumes.claim(namespace!, claim!)?.spec.accessModes?.includes("ReadWriteOncePod");
  });
}

interface Disk {
  readonly id: string;
  readonly readOnly: boolean;
}

function disksOf({ spec }: Pod): Disk[] {
  return (spec.volumes ?? []).flatMap(diskOf);
}

/** Two may read a disk; elastic block stores are given to one node whatever is done with them. */
function diskOf(volume: Volume): Disk[] {
  const { gcePersistentDisk: gce, awsElasticBlockStore: ebs, iscsi, rbd } = volume;
  if (gce) return [{ id: `gce ${gce.pdName}`, readOnly: gce.readOnly ?? false }];
  if (ebs) return [{ id: `ebs ${ebs.volumeID}`, readOnly: false }];
  if (iscsi) return [{ id: `iscsi ${iscsi.iqn}`, readOnly: iscsi.readOnly ?? false }];
  const { monitors = [], pool, image, readOnly = false } = rbd ?? {};
  return monitors.map((monitor) => ({ id: `rbd ${monitor} ${pool} ${image}`, readOnly }));
}

function clash(a: Disk, b: Disk): boolean {
  return a.id === b.id && !(a.readOnly && b.readOnly);
}
