import { Deployment, ReplicaSet, StatefulSet } from "../../api/apps/v1/index.ts";
import { Pod, ReplicationController } from "../../api/core/v1/index.ts";
import {
  PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
  SYNC_FAILED,
  withDisruptionCondition,
} from "../../api/policy/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { after, controller, done, type ReconcileContext, type View, watch } from "../../client/index.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { type Expected, expectedPods, planBudget, type ScaleOf } from "./plan.ts";

/** Tells of each PodDisruptionBudget how many of its Pods may be evicted now. */
export const disruptionController = controller({
  name: "disruption",
  for: PodDisruptionBudget,
  watches: [
    watch(Pod, budgetsFor),
    watch(Deployment, budgetsBeside, isScaled),
    watch(ReplicaSet, budgetsBeside, isScaled),
    watch(ReplicationController, budgetsBeside, isScaled),
    watch(StatefulSet, budgetsBeside, isScaled),
  ],
  async reconcile(budget, context) {
    const { view, clock, events } = context;
    const pods = podsOf(budget, view);
    if (pods.length === 0) events.event(budget, "Normal", "NoPods", "No matching pods found");
    let expected: Expected;
    try {
      expected = expectedPods(budget, pods, scaleIn(view));
    } catch (error) {
      await giveUp(budget, (error as Error).message, context);
      throw error;
    }
    if (expected.unmanaged.length > 0) reportUnmanaged(budget, context);
    const plan = planBudget(budget, pods, expected, clock.now());
    for (const pod of plan.overdue) reportOverdue(pod, budget, context);
    await writeStatus(budget, plan.status, context);
    return plan.recheckIn === undefined ? done : after(plan.recheckIn);
  },
});

const keyOf = ({ metadata }: KubernetesObject) => ({ namespace: metadata.namespace, name: metadata.name ?? "" });

function budgetsFor(pod: Pod, view: View) {
  const labels = pod.metadata.labels ?? {};
  return view
    .list(PodDisruptionBudget, pod.metadata.namespace)
    .filter(({ spec }) => spec.selector !== undefined && labelSelector(spec.selector).matches(labels))
    .map(keyOf);
}

function budgetsBeside({ metadata }: KubernetesObject, view: View) {
  return view.list(PodDisruptionBudget, metadata.namespace).map(keyOf);
}

function isScaled(object: Scaled, old: Scaled): boolean {
  return object.spec.replicas !== old.spec.replicas;
}

function podsOf({ metadata, spec }: PodDisruptionBudget, view: View): Pod[] {
  if (spec.selector === undefined) return [];
  const selector = labelSelector(spec.selector);
  return view.list(Pod, metadata.namespace).filter((pod) => selector.matches(pod.metadata.labels ?? {}));
}

interface Scaled extends KubernetesObject {
  spec: { replicas?: number };
}

/** Looks up who says how many of a Pod there shall be: its controller, or the Deployment above that. */
function scaleIn(view: View): ScaleOf {
  return (reference, pod) => {
    const { namespace } = pod.metadata;
    const find = <T extends Scaled>(kind: Kind<T>, { name, uid } = reference): T | undefined => {
      const found = view.get(kind, { namespace, name });
      return found?.metadata.uid === uid ? found : undefined;
    };
    const known: Scaled | undefined = is(reference, ReplicationController)
      ? find(ReplicationController)
      : is(reference, StatefulSet)
        ? find(StatefulSet)
        : is(reference, ReplicaSet)
          ? deploymentOf(find(ReplicaSet), find)
          : unscalable(reference);
    if (!known) throw new Error(`found no controllers for pod "${pod.metadata.name}"`);
    return { uid: known.metadata.uid ?? "", replicas: known.spec.replicas ?? 1 };
  };
}

type Reference = NonNullable<KubernetesObject["metadata"]["ownerReferences"]>[number];

const is = (reference: Reference, kind: { kind: string; apiVersion: string }): boolean =>
  reference.kind === kind.kind && reference.apiVersion === kind.apiVersion;

function deploymentOf(
  set: ReplicaSet | undefined,
  find: (kind: Kind<Deployment>, reference: Reference) => Deployment | undefined,
): Scaled | undefined {
  const above = set?.metadata.ownerReferences?.find(({ controller }) => controller);
  return (above && is(above, Deployment) && find(Deployment, above)) || set;
}

function unscalable({ kind, apiVersion }: Reference): never {
  const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
  throw new Error(`${kind.toLowerCase()}s${group} does not implement the scale subresource`);
}

/** Nothing may be evicted while it cannot be told how much is left. */
async function giveUp(budget: PodDisruptionBudget, why: string, context: ReconcileContext): Promise<void> {
  const { clock, events } = context;
  const message = `Failed to calculate the number of expected pods: ${why}`;
  events.event(budget, "Warning", "CalculateExpectedPodCountFailed", message);
  const { generation } = budget.metadata;
  const condition = { status: "False", reason: SYNC_FAILED, message: why, observedGeneration: generation };
  const conditions = withDisruptionCondition(budget.status.conditions ?? [], condition, formatTime(clock.now()));
  await writeStatus(budget, { ...budget.status, disruptionsAllowed: 0, conditions }, context);
}

function reportUnmanaged(budget: PodDisruptionBudget, { events }: ReconcileContext): void {
  const selector = labelSelector(budget.spec.selector).toString();
  const message = [
    `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged.`,
    "As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior.",
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.',
  ].join(" ");
  events.event(budget, "Warning", "UnmanagedPods", message);
}

function reportOverdue(pod: Pod, { metadata }: PodDisruptionBudget, { events }: ReconcileContext): void {
  const message = `Pod was expected by PDB ${metadata.namespace}/${metadata.name} to be deleted but it wasn't`;
  events.event(pod, "Warning", "NotDeleted", message);
}

async function writeStatus(
  budget: PodDisruptionBudget,
  status: PodDisruptionBudgetStatus,
  { client }: ReconcileContext,
): Promise<void> {
  if (sameWhenWritten(status, budget.status)) return;
  await client.updateStatus(PodDisruptionBudget, { ...budget, status });
}
