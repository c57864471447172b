import { Deployment, ReplicaSet } from "../../api/apps/v1/index.ts";
import type { PodTemplateSpec } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import type { LabelSelector } from "../../apimachinery/meta.ts";
import { contentHash } from "../contentHash.ts";
import { controllerReference } from "../ownership.ts";
import { REVISION, revisionOf, sizeAnnotations } from "./annotations.ts";

export const TEMPLATE_HASH = "pod-template-hash";

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [TEMPLATE_HASH]: _, ...labels } = template.metadata.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

export function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec): boolean {
  return a !== undefined && deepEqual(withoutHash(a), withoutHash(b));
}

/** Oldest first; by name among equals. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [x, y] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (x !== y) return x < y ? -1 : 1;
  return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
}

export interface Generations {
  /** the ReplicaSet of the Deployment's template, if there is one */
  newest: ReplicaSet | undefined;
  /** all others, oldest first */
  old: ReplicaSet[];
}

/** Tells the ReplicaSet of the current template from those of earlier ones. */
export function sortOut(deployment: Deployment, replicaSets: readonly ReplicaSet[]): Generations {
  const sorted = [...replicaSets].sort(byAge);
  const newest = sorted.find((set) => sameTemplate(set.spec.template, deployment.spec.template));
  return { newest, old: sorted.filter((set) => set !== newest) };
}

/** The revision that the newest ReplicaSet must have: one more than any old one. */
export function nextRevision(old: readonly ReplicaSet[]): bigint {
  return old.map(revisionOf).reduce((max, revision) => (revision > max ? revision : max), 0n) + 1n;
}

function withHash(selector: LabelSelector | undefined, hash: string): LabelSelector {
  return { ...selector, matchLabels: { ...selector?.matchLabels, [TEMPLATE_HASH]: hash } };
}

/** The ReplicaSet for the Deployment's template. */
export function newReplicaSet(deployment: Deployment, replicas: number, revision: bigint, handed: object): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = contentHash(template, deployment.status.collisionCount);
  const labels = { ...template.metadata.labels, [TEMPLATE_HASH]: hash };
  return {
    apiVersion: ReplicaSet.apiVersion,
    kind: ReplicaSet.kind,
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: { ...handed, [REVISION]: String(revision), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(Deployment, deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: withHash(selector, hash),
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
    status: { replicas: 0 },
  } as ReplicaSet;
}
