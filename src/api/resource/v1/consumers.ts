import type { Pod } from "../../core/v1/index.ts";
import type { ResourceClaimConsumerReference } from "./allocations.ts";
import type { ResourceClaim } from "./resourceClaim.ts";

/** How many may use a claim at once. */
export const MOST_CONSUMERS = 256;
/** Keeps an allocated claim, and with it its devices, until nobody uses it. */
export const CLAIM_FINALIZER = "resource.kubernetes.io/delete-protection";
/** On a claim that was made from a template: the entry of the Pod's `resourceClaims` that it is for. */
export const POD_CLAIM_NAME = "resource.kubernetes.io/pod-claim-name";

export const consumerOf = ({ metadata }: Pod): ResourceClaimConsumerReference => ({
  resource: "pods",
  name: metadata.name!,
  uid: metadata.uid!,
});

export const isReservedFor = ({ status }: ResourceClaim, { metadata }: Pod): boolean =>
  status.reservedFor?.some(({ uid }) => uid === metadata.uid) ?? false;

/** Whether a claim was made for this Pod, or was there before; one that was made for another Pod is not this one's. */
export function isFor({ metadata }: ResourceClaim, pod: Pod, fromTemplate: boolean): boolean {
  if (!fromTemplate) return true;
  return metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === pod.metadata.uid) ?? false;
}
