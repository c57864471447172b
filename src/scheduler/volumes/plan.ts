import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from "../../api/core/v1/index.ts";
import { canProvision, findVolume, isReachable, requested } from "./matching.ts";
import { claimUses, className, isBound, selectedNode, type VolumeView } from "./view.ts";

/** A Pod's claims, sorted by what is still to be done for them. */
export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** to be bound where the Pod goes */
  readonly waiting: readonly PersistentVolumeClaim[];
}

/** What must be written before the Pod can be bound. */
export interface VolumePlan {
  readonly matches: readonly { claim: PersistentVolumeClaim; volume: PersistentVolume }[];
  readonly provisions: readonly PersistentVolumeClaim[];
}

export const NO_VOLUME = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
export const UNREACHABLE = "node(s) didn't match PersistentVolume's node affinity";
export const NOTHING_TO_BIND = "node(s) didn't find available persistent volumes to bind";
export const NO_ROOM = "node(s) did not have enough free storage";

/** Undefined when the Pod uses no claim; a text when one of them is not usable at all. */
export function claimsOf(pod: Pod, view: VolumeView): PodClaims | string | undefined {
  const uses = claimUses(pod);
  if (uses.length === 0) return undefined;
  const bound: PersistentVolumeClaim[] = [];
  const waiting: PersistentVolumeClaim[] = [];
  let isUnbound = false;
  for (const { name, isEphemeral } of uses) {
    const claim = view.claim(pod.metadata.namespace!, name);
    const problem = claimProblem(claim, name, isEphemeral, pod);
    if (problem !== undefined) return problem;
    if (isBound(claim!)) bound.push(claim!);
    else if (!claim!.spec.volumeName && waits(claim!, view)) waiting.push(claim!);
    else isUnbound = true;
  }
  return isUnbound ? "pod has unbound immediate PersistentVolumeClaims" : { bound, waiting };
}

function waits(claim: PersistentVolumeClaim, view: VolumeView): boolean {
  return view.storageClass(className(claim))?.volumeBindingMode === "WaitForFirstConsumer";
}

function claimProblem(
  claim: PersistentVolumeClaim | undefined,
  name: string,
  isEphemeral: boolean,
  pod: Pod,
): string | undefined {
  const quoted = JSON.stringify(name);
  if (!claim) {
    return isEphemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim ${quoted}`
      : `persistentvolumeclaim ${quoted} not found`;
  }
  if (claim.status?.phase === "Lost") {
    return `persistentvolumeclaim ${quoted} bound to non-existent persistentvolume ${JSON.stringify(claim.spec.volumeName)}`;
  }
  if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim ${quoted} is being deleted`;
  const isOwner = claim.metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === pod.metadata.uid);
  if (!isEphemeral || isOwner) return undefined;
  const [of, by] = [claim.metadata, pod.metadata].map(({ namespace, name: its }) => `${namespace}/${its}`);
  return `PVC ${of} was not created for pod ${by} (pod is not owner)`;
}

/** What the claims need on this node, or why they cannot have it there. */
export function planVolumes({ bound, waiting }: PodClaims, node: Node, view: VolumeView): VolumePlan | string[] {
  const reasons = new Set<string>();
  for (const claim of bound) {
    const volume = view.volume(claim.spec.volumeName!);
    if (!volume) reasons.add(NO_VOLUME);
    else if (!isReachable(volume, node)) reasons.add(UNREACHABLE);
  }
  const matches: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = [];
  const provisions: PersistentVolumeClaim[] = [];
  const taken = new Set<string>();
  for (const claim of waiting.toSorted((a, b) => (requested(a) < requested(b) ? -1 : 1))) {
    const chosen = selectedNode(claim);
    if (chosen !== undefined && chosen !== node.metadata.name) reasons.add(NOTHING_TO_BIND);
    const volume = chosen === undefined ? findVolume(claim, node, view, taken) : undefined;
    if (volume) {
      taken.add(volume.metadata.name!);
      matches.push({ claim, volume });
      continue;
    }
    const answer = canProvision(claim, node, view);
    if (answer === "yes") provisions.push(claim);
    else reasons.add(answer === "no" ? NOTHING_TO_BIND : NO_ROOM);
  }
  return reasons.size > 0 ? [...reasons] : { matches, provisions };
}
