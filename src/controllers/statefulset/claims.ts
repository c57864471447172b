import { StatefulSet } from "../../api/apps/v1/index.ts";
import { PersistentVolumeClaim, Pod, type PodSpec, type Volume } from "../../api/core/v1/index.ts";
import type { OwnerReference } from "../../apimachinery/meta.ts";
import { controllerReference } from "../ownership.ts";

/** `data` of `web-2` is called `data-web-2`. */
const claimName = (template: PersistentVolumeClaim, set: StatefulSet, ordinal: number): string =>
  `${template.metadata.name}-${set.metadata.name}-${ordinal}`;

/** The claims of the Pod with this number. */
export function claimsFor(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    apiVersion: PersistentVolumeClaim.apiVersion,
    kind: PersistentVolumeClaim.kind,
    metadata: {
      ...template.metadata,
      name: claimName(template, set, ordinal),
      namespace: set.metadata.namespace,
      labels: { ...template.metadata.labels, ...set.spec.selector?.matchLabels },
    },
    spec: template.spec,
    status: {},
  }));
}

function claimVolumes(set: StatefulSet, ordinal: number): Volume[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    name: template.metadata.name ?? "",
    persistentVolumeClaim: { claimName: claimName(template, set, ordinal) },
  })) as Volume[];
}

/** The specification with the claims as volumes; they take the place of others of the same name. */
export function withClaimVolumes(set: StatefulSet, spec: PodSpec, ordinal: number): PodSpec {
  const claims = claimVolumes(set, ordinal);
  if (claims.length === 0) return spec;
  const names = new Set(claims.map(({ name }) => name));
  return { ...spec, volumes: [...claims, ...(spec.volumes ?? []).filter(({ name }) => !names.has(name))] };
}

type Retention = "Retain" | "Delete";

function retention(set: StatefulSet): { deleted: Retention; scaled: Retention } {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  return { deleted: (whenDeleted as Retention) ?? "Retain", scaled: (whenScaled as Retention) ?? "Retain" };
}

const refersTo = (reference: OwnerReference, kind: string, name: string | undefined): boolean =>
  reference.kind === kind && reference.name === name;

/**
 * Who owns a claim, and so takes it along when it goes: the set, the Pod that is scaled away, or nobody. Undefined:
 * as it is now, or as another controller has it.
 */
export function claimOwners(
  claim: PersistentVolumeClaim,
  set: StatefulSet,
  pod: Pod,
  isScaledAway: boolean,
): OwnerReference[] | undefined {
  const now = claim.metadata.ownerReferences ?? [];
  const { deleted, scaled } = retention(set);
  const ours = (reference: OwnerReference) =>
    refersTo(reference, StatefulSet.kind, set.metadata.name) || refersTo(reference, Pod.kind, pod.metadata.name);
  const others = now.filter((reference) => !ours(reference));
  if (others.some(({ controller }) => controller)) return undefined;
  const goesWithPod = isScaledAway && scaled === "Delete";
  const goesWithSet = !goesWithPod && deleted === "Delete";
  const owner = goesWithPod
    ? controllerReference(Pod, pod)
    : goesWithSet
      ? controllerReference(StatefulSet, set)
      : undefined;
  const wanted = owner ? [...others, owner] : others;
  return sameOwners(now, wanted) ? undefined : wanted;
}

function sameOwners(a: readonly OwnerReference[], b: readonly OwnerReference[]): boolean {
  const text = (references: readonly OwnerReference[]) =>
    references.map(({ uid, controller }) => `${uid} ${controller ?? false}`).sort();
  return text(a).join() === text(b).join();
}

/** The claim is about to go along with an earlier Pod of the same name: a new Pod must wait for a new claim. */
export function isStale(claim: PersistentVolumeClaim | undefined, set: StatefulSet, podName: string): boolean {
  if (!claim || retention(set).scaled === "Retain") return false;
  if (claim.metadata.deletionTimestamp) return true;
  return (claim.metadata.ownerReferences ?? []).some((reference) => refersTo(reference, Pod.kind, podName));
}
