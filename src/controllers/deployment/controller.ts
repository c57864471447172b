import { Deployment, type DeploymentStatus, ReplicaSet } from "../../api/apps/v1/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { isAlreadyExists, isNotFound } from "../../apimachinery/status.ts";
import { after, controller, controllerOf, done, type ReconcileContext, type View, watch } from "../../client/index.ts";
import { claim, indexOrphans } from "../ownership.ts";
import { isTerminal } from "../pods.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { REVISION } from "./annotations.ts";
import { planDeployment, type Step } from "./plan.ts";
import { sameTemplate, sortOut } from "./replicaSets.ts";
import { sizeOf } from "./sizes.ts";
import { condition, deadlineAt, hasDeadline, setCondition } from "./status.ts";

/** Rolls a Pod template out over ReplicaSets, and keeps the one before for the way back. */
export const deploymentController = controller({
  name: "deployment",
  for: Deployment,
  owns: [ReplicaSet],
  watches: [
    watch(ReplicaSet, deploymentsThatWant, (set, old) => !deepEqual(set.metadata.labels, old.metadata.labels)),
    watch(Pod, recreatedDeployments, (pod, old) => isTerminal(pod) !== isTerminal(old)),
  ],
  prepare(view) {
    indexOrphans(view, ReplicaSet);
    view.addIndex(Pod, "controller", (pod) => [controllerOf(pod) ?? ""]);
  },
  async reconcile(deployment, context) {
    const { client, view, clock } = context;
    const { selector } = deployment.spec;
    if (!selector?.matchLabels && !selector?.matchExpressions) return selectsEverything(deployment, context);
    const owner = { ownerKind: Deployment, owner: deployment, kind: ReplicaSet, selector: labelSelector(selector) };
    const replicaSets = await claim({ client, view, ...owner });
    const plan = planDeployment(deployment, replicaSets, oldPodsRun(deployment, replicaSets, view), clock.now());
    for (const step of plan.steps) {
      if (!(await carryOut(step, deployment, context))) return done;
    }
    await writeStatus(withRevision(deployment, plan.revision), plan.status, context, deployment);
    const deadline = deadlineAt(deployment, plan.status);
    return deadline === undefined ? done : after(Math.max(0, deadline - clock.now()) + 1000);
  },
});

function selectsEverything(deployment: Deployment, { events }: ReconcileContext) {
  const message = "This deployment is selecting all pods. A non-empty selector is required.";
  events.event(deployment, "Warning", "SelectingAll", message);
  return done;
}

function deploymentsThatWant(set: ReplicaSet, view: View): { namespace?: string; name: string }[] {
  if (controllerOf(set) || set.metadata.deletionTimestamp) return [];
  const labels = set.metadata.labels ?? {};
  return view
    .list(Deployment, set.metadata.namespace)
    .filter((deployment) => labelSelector(deployment.spec.selector).matches(labels))
    .map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name ?? "" }));
}

/** A Deployment that recreates waits for the last old Pod to end. */
function recreatedDeployments(pod: Pod, view: View): { namespace?: string; name: string }[] {
  const { namespace } = pod.metadata;
  const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller);
  if (owner?.kind !== ReplicaSet.kind) return [];
  const set = view.get(ReplicaSet, { namespace, name: owner.name });
  const parent = set?.metadata.ownerReferences?.find((reference) => reference.controller);
  if (!parent) return [];
  const deployment = view.get(Deployment, { namespace, name: parent.name });
  return deployment?.spec.strategy?.type === "Recreate" ? [{ namespace, name: parent.name }] : [];
}

function oldPodsRun(deployment: Deployment, replicaSets: readonly ReplicaSet[], view: View): boolean {
  if (deployment.spec.strategy?.type !== "Recreate") return false;
  const { old } = sortOut(deployment, replicaSets);
  return old.some((set) => view.byIndex(Pod, "controller", set.metadata.uid ?? "").some((pod) => !isTerminal(pod)));
}

/** Answers whether the plan may go on. */
async function carryOut(step: Step, deployment: Deployment, context: ReconcileContext): Promise<boolean> {
  const { client } = context;
  const { namespace, name = "", uid } = step.replicaSet.metadata;
  if (step.do === "create") return create(step.replicaSet, deployment, context);
  if (step.do === "update") {
    await client.update(ReplicaSet, step.replicaSet);
    reportSize(step.replicaSet, step.from, deployment, context);
    return true;
  }
  try {
    await client.delete(ReplicaSet, { namespace, name }, { preconditions: { uid } });
  } catch (error) {
    if (!isNotFound(error)) throw error; // gone already, as wanted
  }
  return true;
}

async function create(replicaSet: ReplicaSet, deployment: Deployment, context: ReconcileContext): Promise<boolean> {
  const { client, clock } = context;
  try {
    await client.create(ReplicaSet, replicaSet);
  } catch (error) {
    if (isAlreadyExists(error)) return isOurs(replicaSet, deployment, context);
    const message = (error as Error).message;
    const failed = { status: "False" as const, reason: "ReplicaSetCreateError", message };
    if (hasDeadline(deployment)) {
      const status = setCondition(deployment.status, condition("Progressing", failed, clock.now()));
      await writeStatus(deployment, status, context);
    }
    throw error;
  }
  reportSize(replicaSet, 0, deployment, context);
  return true;
}

/** The name is taken: by our own ReplicaSet, made when its answer was lost; else another name is tried next. */
async function isOurs(replicaSet: ReplicaSet, deployment: Deployment, context: ReconcileContext): Promise<boolean> {
  const { namespace, name = "" } = replicaSet.metadata;
  const taken = await context.client.get(ReplicaSet, { namespace, name });
  const ours = controllerOf(taken) === deployment.metadata.uid;
  if (ours && sameTemplate(taken.spec.template, deployment.spec.template)) return true;
  const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
  await writeStatus(deployment, { ...deployment.status, collisionCount }, context);
  return false;
}

function reportSize(replicaSet: ReplicaSet, from: number, deployment: Deployment, { events }: ReconcileContext): void {
  const to = sizeOf(replicaSet);
  if (to === from) return;
  const message = `Scaled ${to > from ? "up" : "down"} replica set ${replicaSet.metadata.name} from ${from} to ${to}`;
  events.event(deployment, "Normal", "ScalingReplicaSet", message);
}

function withRevision(deployment: Deployment, revision: string | undefined): Deployment {
  const { metadata } = deployment;
  if (revision === undefined || metadata.annotations?.[REVISION] === revision) return deployment;
  return { ...deployment, metadata: { ...metadata, annotations: { ...metadata.annotations, [REVISION]: revision } } };
}

/**
 * Writes the status, and with it the revision's annotation: written through the specification, it would count as a
 * change of what is wanted and bump the generation.
 */
async function writeStatus(
  deployment: Deployment,
  status: DeploymentStatus,
  { client }: ReconcileContext,
  before = deployment,
): Promise<void> {
  if (before === deployment && sameWhenWritten(status, deployment.status)) return;
  await client.updateStatus(Deployment, { ...deployment, status });
}
