import { Pod, type PodTemplateSpec } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Selector } from "../../apimachinery/selectors.ts";
import {
  after,
  type Controller,
  controller,
  controllerOf,
  done,
  type ReconcileContext,
  type View,
  watch,
} from "../../client/index.ts";
import { claim, indexOrphans } from "../ownership.ts";
import { createPods, deletePods, isNamespaceLeaving, podFromTemplate } from "../podControl.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { planReplicas, type ReplicasPlan } from "./plan.ts";
import { nextAvailable, type ReplicaFailure, type ReplicasStatus, replicasStatus } from "./status.ts";

/** What ReplicaSets and ReplicationControllers have in common. */
export interface Replicas extends KubernetesObject {
  spec: { replicas?: number; minReadySeconds?: number; template?: PodTemplateSpec };
  status: Partial<ReplicasStatus>;
}

export interface ReplicasController<T extends Replicas> {
  name: string;
  kind: Kind<T>;
  /** which Pods belong to the object */
  selector(object: T): Selector;
  /** the status as this kind has it */
  status(counted: ReplicasStatus): T["status"];
}

/** Keeps as many Pods alive as an object of some kind asks for. */
export function replicasController<T extends Replicas>(spec: ReplicasController<T>): Controller {
  const { name, kind } = spec;
  return controller<T>({
    name,
    for: kind,
    owns: [Pod],
    watches: [
      watch(
        Pod,
        (pod, view) => whoWants(pod, view, spec),
        (pod, old) => !deepEqual(pod.metadata.labels, old.metadata.labels),
      ),
    ],
    workers: 10,
    prepare(view) {
      indexOrphans(view, Pod);
      view.addIndex(kind, "controller", (object) => [controllerOf(object) ?? ""]);
    },
    async reconcile(object, context) {
      const { client, view, clock } = context;
      const selector = spec.selector(object);
      const pods = await claim({ client, view, ownerKind: kind, owner: object, kind: Pod, selector });
      const plan = planReplicas(object, pods, () => relatedPods(object, view, kind), clock.now());
      const failed = await carryOut(plan, object, spec, context);
      // What was created or deleted wakes this object again: its status is written then, once.
      if (!failed && (plan.create > 0 || plan.delete.length > 0)) return done;
      const failure = failed && describe(plan, failed.error);
      await writeStatus(object, pods, failure, spec, context);
      if (failed && !isNamespaceLeaving(failed.error)) throw failed.error;
      const wait = nextAvailable(object, pods, clock.now());
      return wait === undefined ? done : after(wait);
    },
  });
}

/** An unowned Pod, new or with other labels, concerns those whose selector matches it. */
function whoWants<T extends Replicas>(pod: Pod, view: View, { kind, selector }: ReplicasController<T>) {
  if (controllerOf(pod) || pod.metadata.deletionTimestamp) return [];
  const labels = pod.metadata.labels ?? {};
  return view
    .list(kind, pod.metadata.namespace)
    .filter((object) => selector(object).matches(labels))
    .map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name ?? "" }));
}

/** The Pods of all objects of the kind that have the same controller as this one. */
function relatedPods<T extends Replicas>(object: T, view: View, kind: Kind<T>): Pod[] {
  const owner = controllerOf(object);
  const objects = owner ? view.byIndex(kind, "controller", owner) : [object];
  return objects.flatMap((one) => view.owned(Pod, one));
}

async function carryOut<T extends Replicas>(
  plan: ReplicasPlan,
  object: T,
  { kind }: ReplicasController<T>,
  context: ReconcileContext,
) {
  const pod = plan.create > 0 ? podFromTemplate(kind, object, object.spec.template!) : undefined;
  const created = pod && (await createPods(Array<Pod>(plan.create).fill(pod), object, context));
  const deleted = await deletePods(plan.delete, object, context);
  return created ?? deleted;
}

function describe(plan: ReplicasPlan, error: unknown): ReplicaFailure {
  return { reason: plan.create > 0 ? "FailedCreate" : "FailedDelete", message: (error as Error).message };
}

async function writeStatus<T extends Replicas>(
  object: T,
  pods: readonly Pod[],
  failure: ReplicaFailure | undefined,
  spec: ReplicasController<T>,
  { client, clock }: ReconcileContext,
): Promise<void> {
  const status = spec.status(replicasStatus(object, pods, failure, clock.now()));
  if (sameWhenWritten(status, object.status)) return;
  await client.updateStatus(spec.kind, { ...object, status });
}
