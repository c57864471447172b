import { ReplicaSet } from "../../api/apps/v1/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { isNotFound, StatusError } from "../../apimachinery/status.ts";
import { after, controller, controllerOf, done, type ReconcileContext, type View, watch } from "../../client/index.ts";
import { claim, indexOrphans } from "../ownership.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { planReplicas, podFromTemplate, type ReplicasPlan } from "./plan.ts";
import { nextAvailable, type ReplicaFailure, replicaSetStatus } from "./status.ts";

/** Keeps as many Pods alive as a ReplicaSet asks for. */
export const replicaSetController = controller({
  name: "replicaset",
  for: ReplicaSet,
  owns: [Pod],
  watches: [watch(Pod, replicaSetsThatWant, (pod, old) => !deepEqual(pod.metadata.labels, old.metadata.labels))],
  workers: 10,
  prepare(view) {
    indexOrphans(view, Pod);
    view.addIndex(ReplicaSet, "controller", (set) => [controllerOf(set) ?? ""]);
  },
  async reconcile(replicaSet, context) {
    const { client, view, clock } = context;
    const selector = labelSelector(replicaSet.spec.selector);
    const pods = await claim({ client, view, ownerKind: ReplicaSet, owner: replicaSet, kind: Pod, selector });
    const plan = planReplicas(replicaSet, pods, () => relatedPods(replicaSet, view), clock.now());
    const failed = await carryOut(plan, replicaSet, context);
    // What was created or deleted wakes this ReplicaSet again: its status is written then, once.
    if (!failed && (plan.create > 0 || plan.delete.length > 0)) return done;
    const failure = failed && describe(plan, failed.error);
    await writeStatus(replicaSet, pods, failure, context);
    if (failed && !isNamespaceLeaving(failed.error)) throw failed.error;
    const wait = nextAvailable(replicaSet, pods, clock.now());
    return wait === undefined ? done : after(wait);
  },
});

/** An unowned Pod, new or with other labels, concerns the ReplicaSets whose selector matches it. */
function replicaSetsThatWant(pod: Pod, view: View): { namespace?: string; name: string }[] {
  if (controllerOf(pod) || pod.metadata.deletionTimestamp) return [];
  const labels = pod.metadata.labels ?? {};
  return view
    .list(ReplicaSet, pod.metadata.namespace)
    .filter((set) => labelSelector(set.spec.selector).matches(labels))
    .map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name ?? "" }));
}

/** The Pods of all ReplicaSets that have the same controller as this one. */
function relatedPods(replicaSet: ReplicaSet, view: View): Pod[] {
  const owner = controllerOf(replicaSet);
  const sets = owner ? view.byIndex(ReplicaSet, "controller", owner) : [replicaSet];
  return sets.flatMap((set) => view.owned(Pod, set));
}

interface Failed {
  error: unknown;
}

async function carryOut(
  plan: ReplicasPlan,
  replicaSet: ReplicaSet,
  context: ReconcileContext,
): Promise<Failed | undefined> {
  const created = await createPods(plan.create, replicaSet, context);
  const deleted = await Promise.all(plan.delete.map((pod) => deletePod(pod, replicaSet, context)));
  return created ?? deleted.find((failed) => failed !== undefined);
}

/**
 * Creates in batches of 1, 2, 4, …: when Pods are refused (by a quota, say), one failure ends it, and not every one of
 * a thousand Pods is tried.
 */
async function createPods(
  count: number,
  replicaSet: ReplicaSet,
  context: ReconcileContext,
): Promise<Failed | undefined> {
  const template = count > 0 ? podFromTemplate(replicaSet) : undefined;
  for (let batch = 1, left = count; template && left > 0; left -= batch, batch = Math.min(batch * 2, left)) {
    const results = await Promise.all(Array.from({ length: batch }, () => createPod(template, replicaSet, context)));
    const failed = results.find((result) => result !== undefined);
    if (failed) return failed;
  }
  return undefined;
}

async function createPod(pod: Pod, replicaSet: ReplicaSet, context: ReconcileContext): Promise<Failed | undefined> {
  const { client, events } = context;
  try {
    const created = await client.create(Pod, pod);
    events.event(replicaSet, "Normal", "SuccessfulCreate", `Created pod: ${created.metadata.name}`);
    return undefined;
  } catch (error) {
    if (!isNamespaceLeaving(error)) {
      events.event(replicaSet, "Warning", "FailedCreate", `Error creating: ${(error as Error).message}`);
    }
    return { error };
  }
}

async function deletePod(pod: Pod, replicaSet: ReplicaSet, context: ReconcileContext): Promise<Failed | undefined> {
  const { client, events } = context;
  const { namespace, name = "", uid } = pod.metadata;
  try {
    await client.delete(Pod, { namespace, name }, { preconditions: { uid } });
    events.event(replicaSet, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
    return undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined; // gone already, as wanted
    events.event(replicaSet, "Warning", "FailedDelete", `Error deleting: ${(error as Error).message}`);
    return { error };
  }
}

function isNamespaceLeaving(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    (error.status.details?.causes ?? []).some((cause) => cause.reason === "NamespaceTerminating")
  );
}

function describe(plan: ReplicasPlan, error: unknown): ReplicaFailure {
  return { reason: plan.create > 0 ? "FailedCreate" : "FailedDelete", message: (error as Error).message };
}

async function writeStatus(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  failure: ReplicaFailure | undefined,
  { client, clock }: ReconcileContext,
): Promise<void> {
  const status = replicaSetStatus(replicaSet, pods, failure, clock.now());
  if (sameWhenWritten(status, replicaSet.status)) return;
  await client.updateStatus(ReplicaSet, { ...replicaSet, status });
}
