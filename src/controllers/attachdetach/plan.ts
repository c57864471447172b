import type { Node, PersistentVolume, Pod } from "../../api/core/v1/index.ts";
import { uniqueVolumeName, type VolumeAttachment } from "../../api/storage/v1/index.ts";
import { parseTime } from "../../apimachinery/time.ts";
import { isTerminal } from "../pods.ts";

/** A node that says nothing any more is believed to have let go after this long. */
const LONGEST_WAIT = 6 * 60_000;
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

export interface AttachState {
  volume: PersistentVolume;
  /** Pods that use it, wherever they are */
  pods: readonly Pod[];
  attachments: readonly VolumeAttachment[];
  node(name: string): Node | undefined;
  now: number;
}

export interface AttachPlan {
  /** nodes to attach it to */
  attach: string[];
  detach: VolumeAttachment[];
  /** Pods that wait, because the volume serves one node at a time and is on another */
  blocked: { pod: Pod; others: Pod[] }[];
  /** in how many ms another look is due, whatever happens until then */
  wait: number | undefined;
}

/** Where a volume has to be, where it no longer has to be, and who must wait. Pure. */
export function planAttachments(state: AttachState): AttachPlan {
  const { volume, attachments } = state;
  const users = state.pods.filter((pod) => pod.spec.nodeName && !hasLetGo(pod));
  const wanted = new Set(users.map((pod) => pod.spec.nodeName!));
  const plan: AttachPlan = { attach: [], detach: [], blocked: [], wait: undefined };
  for (const attachment of attachments) {
    if (wanted.has(attachment.spec.nodeName) || attachment.metadata.deletionTimestamp) continue;
    const wait = untilFree(attachment, state);
    if (wait === 0) plan.detach.push(attachment);
    else if (wait !== undefined) plan.wait = Math.min(plan.wait ?? wait, wait);
  }
  const taken = new Set(attachments.map(({ spec }) => spec.nodeName));
  for (const node of wanted) {
    if (taken.has(node)) continue;
    if (taken.size > 0 && isForOneNode(volume)) {
      const others = users.filter((pod) => pod.spec.nodeName !== node);
      for (const pod of users) if (pod.spec.nodeName === node) plan.blocked.push({ pod, others });
      continue;
    }
    plan.attach.push(node);
    taken.add(node);
  }
  return plan;
}

const isForOneNode = ({ spec }: PersistentVolume): boolean =>
  !spec.accessModes?.some((mode) => mode === "ReadWriteMany" || mode === "ReadOnlyMany");

/** Its containers have ended for good: its kubelet unmounts, which the node's status tells of. */
const hasLetGo = (pod: Pod): boolean => isTerminal(pod);

/** 0: now. Otherwise in how many ms, or undefined while the node still says that it uses the volume. */
function untilFree({ spec }: VolumeAttachment, { volume, node, now }: AttachState): number | undefined {
  const found = node(spec.nodeName);
  if (!found) return 0;
  const { driver, volumeHandle } = volume.spec.csi!;
  if (!found.status.volumesInUse?.includes(uniqueVolumeName(driver, volumeHandle))) return 0;
  if (found.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE)) return 0;
  const ready = found.status.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status === "True" || !ready?.lastTransitionTime) return undefined;
  return Math.max(0, parseTime(ready.lastTransitionTime) + LONGEST_WAIT - now);
}
