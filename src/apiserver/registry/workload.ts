import { type DaemonSet, TEMPLATE_GENERATION } from "../../api/apps/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Strategy } from "./resource.ts";

/** What a new object's status is, by kind: whatever the client sent along counts for nothing. */
const INITIAL: Readonly<Record<string, object>> = {
  DaemonSet: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  Deployment: {},
  PodDisruptionBudget: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  ReplicaSet: { replicas: 0 },
  ReplicationController: { replicas: 0 },
  StatefulSet: { replicas: 0, availableReplicas: 0 },
};

/** Deployments and their like begin without a status. */
export const workloadStrategy: Strategy<KubernetesObject & { status?: object }> = {
  prepareCreate(object, { resource }) {
    object.status = { ...INITIAL[resource.kind.kind] };
  },
};

function templateGeneration({ metadata }: DaemonSet): number {
  return Math.max(1, Number(metadata.annotations?.[TEMPLATE_GENERATION] ?? 0) || 0);
}

function setTemplateGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

/** Counts changes of a DaemonSet's template in an annotation, for clients of before there were revisions. */
export const daemonSetStrategy: Strategy<DaemonSet> = {
  prepareCreate(daemonSet, write) {
    workloadStrategy.prepareCreate?.(daemonSet, write);
    setTemplateGeneration(daemonSet, templateGeneration(daemonSet));
  },
  prepareUpdate(daemonSet, old) {
    const changed = !deepEqual(daemonSet.spec.template, old.spec.template);
    setTemplateGeneration(daemonSet, templateGeneration(old) + (changed ? 1 : 0));
  },
};

/** A budget is never replaced unseen: who updates it says which version. */
export const disruptionBudgetStrategy: Strategy = { ...workloadStrategy, unconditionalUpdate: false };
