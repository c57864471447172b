/** Which objects a ResourceQuota is about. */
import type { Kind } from "../../../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../../../apimachinery/meta.ts";
import type { PodAffinityTerm } from "../affinity.ts";
import type { PersistentVolumeClaim } from "../persistentVolumeClaim.ts";
import type { Pod } from "../pod.ts";
import { podQOSClass } from "../podQOS.ts";
import type { PodSpec } from "../podSpec.ts";
import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from "../resourceQuotaMessages.ts";

type Scope = ScopedResourceSelectorRequirement;

/** Scopes of both fields; one without values asks only that there is something. */
function scopesOf({ scopes = [], scopeSelector }: ResourceQuotaSpec): Scope[] {
  const plain = scopes.map((scopeName) => ({ scopeName, operator: "Exists" }));
  return [...plain, ...(scopeSelector?.matchExpressions ?? [])];
}

/** Whether an object is in all scopes of a quota. Most kinds know no scopes, and are in none. */
export function isInScope(spec: ResourceQuotaSpec, kind: Pick<Kind, "resource">, object: KubernetesObject): boolean {
  return scopesOf(spec).every((scope) => {
    if (kind.resource === "pods") return isPodIn(scope, object as Pod);
    return kind.resource === "persistentvolumeclaims" && isClaimIn(scope, object as PersistentVolumeClaim);
  });
}

function isPodIn(scope: Scope, { spec }: Pod): boolean {
  switch (scope.scopeName) {
    case "Terminating":
      return isTerminating(spec);
    case "NotTerminating":
      return !isTerminating(spec);
    case "BestEffort":
      return podQOSClass(spec) === "BestEffort";
    case "NotBestEffort":
      return podQOSClass(spec) !== "BestEffort";
    case "PriorityClass":
      return matches(scope, spec.priorityClassName ? [spec.priorityClassName] : []);
    case "CrossNamespacePodAffinity":
      return looksElsewhere(spec);
    default:
      return false;
  }
}

/** A claim is in the scope of the class that it asks for, and of the one that it has. */
function isClaimIn(scope: Scope, { spec, status }: PersistentVolumeClaim): boolean {
  if (scope.scopeName !== "VolumeAttributesClass") return false;
  const { currentVolumeAttributesClassName: current, modifyVolumeStatus } = status ?? {};
  const target = modifyVolumeStatus?.targetVolumeAttributesClassName;
  const names = [spec.volumeAttributesClassName, current, target].filter((name): name is string => Boolean(name));
  return matches(scope, names);
}

function matches({ operator, values = [] }: Scope, names: readonly string[]): boolean {
  if (operator === "Exists") return names.length > 0;
  if (operator === "DoesNotExist") return names.length === 0;
  const isNamed = names.some((name) => values.includes(name));
  return operator === "In" ? isNamed : operator === "NotIn" && !isNamed;
}

const isTerminating = ({ activeDeadlineSeconds }: PodSpec) => (activeDeadlineSeconds ?? -1) >= 0;

/** Its affinity is about Pods of other namespaces. */
function looksElsewhere({ affinity }: PodSpec): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((part) => {
    const preferred = part?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const terms: PodAffinityTerm[] = [
      ...(part?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...preferred.map(({ podAffinityTerm }) => podAffinityTerm),
    ];
    return terms.some(({ namespaces, namespaceSelector }) => (namespaces ?? []).length > 0 || namespaceSelector);
  });
}
