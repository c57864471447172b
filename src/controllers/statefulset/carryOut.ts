import type { StatefulSet } from "../../api/apps/v1/index.ts";
import { PersistentVolumeClaim, Pod } from "../../api/core/v1/index.ts";
import { isAlreadyExists, isNotFound } from "../../apimachinery/status.ts";
import type { ReconcileContext } from "../../client/index.ts";
import { claimOwners, claimsFor } from "./claims.ts";
import { inRange } from "./identity.ts";
import type { Step } from "./plan.ts";

/** Does one step, and reports it as an event of the StatefulSet. */
export async function carryOut(step: Step, set: StatefulSet, context: ReconcileContext): Promise<void> {
  switch (step.do) {
    case "create":
      return create(step.pod, step.ordinal, set, context);
    case "claims":
      return ensureClaims(step.ordinal, set, step.pod, context);
    case "update":
      await noted("update", step.pod, set, context, () => context.client.update(Pod, step.pod));
      return;
    case "own":
      await own(step.claim, step.owners, context);
      return;
    case "replace":
      reportReplacement(step.pod, set, context);
      return remove(step.pod, set, context);
    case "delete":
      return remove(step.pod, set, context);
    case "wait":
      return;
  }
}

/** First the claims, then the Pod: it cannot start without them. Last, who owns them: that may be the Pod. */
async function create(pod: Pod, ordinal: number, set: StatefulSet, context: ReconcileContext): Promise<void> {
  await ensureClaims(ordinal, set, pod, context);
  const created = await noted("create", pod, set, context, () => context.client.create(Pod, pod));
  for (const { metadata } of claimsFor(set, ordinal)) {
    const { namespace, name = "" } = metadata;
    const claim = await context.client.get(PersistentVolumeClaim, { namespace, name });
    const owners = claimOwners(claim, set, created, !inRange(set, ordinal));
    if (owners) await own(claim, owners, context);
  }
}

async function ensureClaims(ordinal: number, set: StatefulSet, pod: Pod, context: ReconcileContext): Promise<void> {
  for (const wanted of claimsFor(set, ordinal)) {
    const { namespace, name = "" } = wanted.metadata;
    const there = context.view.get(PersistentVolumeClaim, { namespace, name });
    if (there?.metadata.deletionTimestamp) throw new Error(`pvc ${name} is being deleted`);
    if (!there) await createClaim(wanted, set, pod, context);
  }
}

async function createClaim(
  claim: PersistentVolumeClaim,
  set: StatefulSet,
  pod: Pod,
  { client, events }: ReconcileContext,
): Promise<void> {
  const subject = `Claim ${claim.metadata.name}`;
  const place = `Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
  try {
    await client.create(PersistentVolumeClaim, claim);
    events.event(set, "Normal", "SuccessfulCreate", `create ${subject} ${place} success`);
  } catch (error) {
    if (isAlreadyExists(error)) return; // the data of a Pod that was here before
    events.event(
      set,
      "Warning",
      "FailedCreate",
      `create ${subject} for ${place} failed error: ${(error as Error).message}`,
    );
    throw error;
  }
}

async function own(
  claim: PersistentVolumeClaim,
  ownerReferences: PersistentVolumeClaim["metadata"]["ownerReferences"],
  { client }: ReconcileContext,
): Promise<void> {
  await client.update(PersistentVolumeClaim, { ...claim, metadata: { ...claim.metadata, ownerReferences } });
}

async function remove(pod: Pod, set: StatefulSet, context: ReconcileContext): Promise<void> {
  const { namespace, name = "", uid } = pod.metadata;
  await noted("delete", pod, set, context, async () => {
    try {
      await context.client.delete(Pod, { namespace, name }, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error; // gone already, as wanted
    }
  });
}

function reportReplacement(pod: Pod, set: StatefulSet, { events }: ReconcileContext): void {
  const { namespace, name } = set.metadata;
  const failed = pod.status.phase === "Failed";
  const [type, reason, word] = failed
    ? (["Warning", "RecreatingFailedPod", "failed"] as const)
    : (["Normal", "RecreatingTerminatedPod", "terminated"] as const);
  events.event(set, type, reason, `StatefulSet ${namespace}/${name} is recreating ${word} Pod ${pod.metadata.name}`);
}

async function noted<T>(
  verb: "create" | "update" | "delete",
  pod: Pod,
  set: StatefulSet,
  { events }: ReconcileContext,
  act: () => Promise<T>,
): Promise<T> {
  const title = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
  const text = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
  try {
    const result = await act();
    events.event(set, "Normal", `Successful${title}`, `${text} successful`);
    return result;
  } catch (error) {
    // Somebody else's Pod has the name: the set waits for it to go, and there is nothing new to say each time.
    if (!isAlreadyExists(error)) {
      events.event(set, "Warning", `Failed${title}`, `${text} failed error: ${(error as Error).message}`);
    }
    throw error;
  }
}
