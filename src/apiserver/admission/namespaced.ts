import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Entry } from "../cache/entry.ts";
import type { Registry } from "../registry/registry.ts";

/** The objects of a kind in one namespace, by name. */
export function namespaced<T extends KubernetesObject>({ cache }: Registry, kind: Kind<T>, namespace: string): Entry[] {
  const objects = cache.of(kind as never);
  if (objects.size === 0) return [];
  // "0" comes right after "/"
  return objects.current.getRange(`${namespace}/`, `${namespace}0`).map(([, entry]) => entry);
}
