import type { Namespace, NamespaceCondition } from "../../api/core/v1/index.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { KindIdentity } from "../../client/index.ts";
import { withCondition } from "../conditions.ts";

/** What is left in a namespace, by kind, and what could not be deleted. */
export interface Remains {
  content: readonly { kind: KindIdentity; objects: readonly KubernetesObject[] }[];
  failures: readonly string[];
}

type State = [status: "True" | "False", reason: string, message: string];

/** The conditions of a namespace that is going away: what was done, and what it still waits for. */
export function deletionConditions(namespace: Namespace, remains: Remains, now: number): NamespaceCondition[] {
  let conditions = namespace.status.conditions ?? [];
  for (const [type, [status, reason, message]] of Object.entries(states(remains))) {
    const next = { type, status, lastTransitionTime: formatTime(now), reason, message };
    conditions = withCondition(conditions, next);
  }
  return conditions;
}

function states(remains: Remains): Record<string, State> {
  return {
    NamespaceDeletionDiscoveryFailure: ["False", "ResourcesDiscovered", "All resources successfully discovered"],
    NamespaceDeletionGroupVersionParsingFailure: [
      "False",
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ],
    NamespaceDeletionContentFailure: contentFailure(remains),
    NamespaceContentRemaining: contentRemaining(remains),
    NamespaceFinalizersRemaining: finalizersRemaining(remains),
  };
}

function contentFailure({ failures }: Remains): State {
  if (failures.length > 0) {
    return [
      "True",
      "ContentDeletionFailed",
      `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(", ")}`,
    ];
  }
  return ["False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"];
}

function contentRemaining({ content }: Remains): State {
  const counts = content.map(({ kind, objects }) => `${kind.resource} has ${objects.length} resource instances`);
  if (counts.length === 0) return ["False", "ContentRemoved", "All content successfully removed"];
  return ["True", "SomeResourcesRemain", `Some resources are remaining: ${counts.sort().join(", ")}`];
}

function finalizersRemaining({ content }: Remains): State {
  const counts = new Map<string, number>();
  for (const { objects } of content) {
    for (const object of objects) {
      for (const name of object.metadata.finalizers ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  if (counts.size === 0) return ["False", "ContentHasNoFinalizers", "All content-preserving finalizers finished"];
  const texts = [...counts].map(([name, count]) => `${name} in ${count} resource instances`).sort();
  return [
    "True",
    "SomeFinalizersRemain",
    `Some content in the namespace has finalizers remaining: ${texts.join(", ")}`,
  ];
}
