import { ControllerRevision } from "../../api/apps/v1/index.ts";
import type { PodTemplateSpec } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import type { KubernetesObject, LabelSelector } from "../../apimachinery/meta.ts";
import type { KindIdentity } from "../../client/index.ts";
import { contentHash } from "../contentHash.ts";
import { controllerReference } from "../ownership.ts";

/** The label that says of a Pod which revision it is made from. */
export const REVISION_LABEL = "controller-revision-hash";

/** An object whose template changes are kept as ControllerRevisions. */
export interface Versioned extends KubernetesObject {
  spec: { template: PodTemplateSpec; selector?: LabelSelector; revisionHistoryLimit?: number };
  status: { collisionCount?: number };
}

/** What one kind calls its revisions. */
export interface RevisionNaming {
  kind: KindIdentity;
  /** the label in which a revision carries its hash */
  hashLabel: string;
}

/** A revision's data: the patch that brings its template back, whole. `kubectl rollout undo` sends it as it is. */
function templatePatch(template: PodTemplateSpec): Record<string, unknown> {
  return { spec: { template: { ...template, $patch: "replace" } } };
}

/** The template that a revision holds. */
export function revisionTemplate({ data }: ControllerRevision): PodTemplateSpec {
  const { spec } = data as { spec: { template: PodTemplateSpec & { $patch?: string } } };
  const { $patch: _, ...template } = spec.template;
  return template;
}

export function sortRevisions(revisions: readonly ControllerRevision[]): ControllerRevision[] {
  return [...revisions].sort(
    (a, b) => a.revision - b.revision || compare(bornAt(a), bornAt(b)) || compare(nameOf(a), nameOf(b)),
  );
}

const bornAt = ({ metadata }: ControllerRevision): string => metadata.creationTimestamp ?? "";
const nameOf = ({ metadata }: ControllerRevision): string => metadata.name ?? "";
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The revision of an object's present template, if it were new. */
export function newRevision(
  { kind, hashLabel }: RevisionNaming,
  owner: Versioned,
  revision: number,
  collisions: number | undefined,
): ControllerRevision {
  const { template } = owner.spec;
  const data = templatePatch(template);
  const hash = contentHash(data, collisions);
  const { name = "", namespace, annotations } = owner.metadata;
  return {
    apiVersion: ControllerRevision.apiVersion,
    kind: ControllerRevision.kind,
    metadata: {
      name: `${name.slice(0, 223)}-${hash}`,
      namespace,
      labels: { ...template.metadata.labels, [hashLabel]: hash },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(kind, owner)],
    },
    data,
    revision,
  };
}

export type RevisionPlan =
  /** the newest revision is that of the present template */
  | { do: "keep"; revision: ControllerRevision }
  /** an older one is, again: it becomes the newest */
  | { do: "renumber"; revision: ControllerRevision }
  | { do: "create"; number: number };

export function planRevision(owner: Versioned, revisions: readonly ControllerRevision[]): RevisionPlan {
  const sorted = sortRevisions(revisions);
  const number = (sorted.at(-1)?.revision ?? 0) + 1;
  const data = templatePatch(owner.spec.template);
  const same = sorted.findLast((revision) => deepEqual(revision.data, data));
  if (!same) return { do: "create", number };
  if (same === sorted.at(-1)) return { do: "keep", revision: same };
  return { do: "renumber", revision: { ...same, revision: number } };
}

/** The revisions that hold an object's present template: mostly one, but anybody may make another. */
export function presentRevisions(owner: Versioned, revisions: readonly ControllerRevision[]): ControllerRevision[] {
  const data = templatePatch(owner.spec.template);
  return revisions.filter((revision) => deepEqual(revision.data, data));
}

/** Revisions beyond the limit that nothing uses any more, oldest first. A negative limit keeps all. */
export function staleRevisions(
  revisions: readonly ControllerRevision[],
  isLive: (revision: ControllerRevision) => boolean,
  limit = 10,
): ControllerRevision[] {
  const unused = sortRevisions(revisions).filter((revision) => !isLive(revision));
  return limit < 0 ? [] : unused.slice(0, Math.max(0, unused.length - limit));
}
