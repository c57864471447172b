import { Pod, resourceClaimNames } from "../../api/core/v1/index.ts";
import { CLAIM_FINALIZER, ResourceClaim, type ResourceClaimConsumerReference } from "../../api/resource/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { type Controller, controller, done, type ReconcileContext, watch } from "../../client/index.ts";
import { isTerminal } from "../pods.ts";

/** Takes Pods that are over off the claims they used; a claim without users gives its devices back. */
export const claimUsageController: Controller = controller({
  name: "resource-claim-usage",
  for: ResourceClaim,
  watches: [
    watch(
      Pod,
      (pod) => resourceClaimNames(pod).map((name) => ({ namespace: pod.metadata.namespace, name })),
      (pod, old) => isTerminal(pod) !== isTerminal(old) || pod.metadata.uid !== old.metadata.uid,
    ),
  ],
  async reconcile(claim, context) {
    const updated = await withoutFormerUsers(claim, context);
    if (!updated.status.allocation) await unprotect(updated, context);
    await deleteWithOwner(updated, context);
    return done;
  },
});

async function withoutFormerUsers(claim: ResourceClaim, context: ReconcileContext): Promise<ResourceClaim> {
  const { allocation, reservedFor = [] } = claim.status;
  if (!allocation) return claim;
  const stays: ResourceClaimConsumerReference[] = [];
  for (const one of reservedFor) if (await usesStill(claim, one, context)) stays.push(one);
  const isOurs = claim.metadata.finalizers?.includes(CLAIM_FINALIZER) ?? false;
  const isOver = stays.length === 0 && isOurs;
  const isDue = stays.length < reservedFor.length || (isOver && claim.metadata.deletionTimestamp !== undefined);
  if (!isDue) return claim; // what somebody else allocated is left alone
  const status = isOver ? {} : { ...claim.status, reservedFor: stays };
  return context.client.update(ResourceClaim, { ...claim, status } as ResourceClaim, { subresource: "status" });
}

/** Somebody else than a Pod looks after its use itself. */
async function usesStill(
  { metadata: { namespace } }: ResourceClaim,
  { apiGroup = "", resource, name, uid }: ResourceClaimConsumerReference,
  { view, client }: ReconcileContext,
): Promise<boolean> {
  if (apiGroup !== "" || resource !== "pods") return true;
  const known = view.get(Pod, { namespace, name });
  if (known?.metadata.uid === uid) return !isTerminal(known);
  // the copy may be older than the claim
  const live = await client.get(Pod, { namespace, name }).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  return live?.metadata.uid === uid && !isTerminal(live);
}

async function unprotect({ metadata }: ResourceClaim, { client }: ReconcileContext): Promise<void> {
  if (!metadata.finalizers?.includes(CLAIM_FINALIZER)) return;
  const { namespace, name, resourceVersion } = metadata;
  const finalizers = metadata.finalizers.filter((one) => one !== CLAIM_FINALIZER);
  const patch = { metadata: { resourceVersion, finalizers } };
  await client.patch(ResourceClaim, { namespace, name: name! }, "merge", patch);
}

/** A claim that was made for one Pod ends with it, even while the ended Pod is still there. */
async function deleteWithOwner({ metadata }: ResourceClaim, { view, client }: ReconcileContext): Promise<void> {
  const { namespace, name, uid, deletionTimestamp, ownerReferences } = metadata;
  const owner = ownerReferences?.find(({ kind, controller: isController }) => isController && kind === Pod.kind);
  const pod = owner && view.get(Pod, { namespace, name: owner.name });
  if (deletionTimestamp || !pod || pod.metadata.uid !== owner.uid || !isTerminal(pod)) return;
  try {
    await client.delete(ResourceClaim, { namespace, name: name! }, { preconditions: { uid } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
