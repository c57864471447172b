import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Entry } from "../cache/entry.ts";
import { prefixOf } from "../cache/watchCache.ts";
import type { Resource, Write } from "./resource.ts";

/** Whether an object under deletion has nothing left to wait for after this update. */
export function isDeletableNow(resource: Resource, updated: KubernetesObject, old: KubernetesObject): boolean {
  const { metadata } = updated;
  if (old.metadata.deletionTimestamp === undefined) return false;
  if ((metadata.finalizers ?? []).length > 0 || resource.strategy.pendingFinalizers?.(updated)) return false;
  return (old.metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

/** Removes the object and gives back what it held. */
export async function finishDeletion({ registry, resource, guard }: Write, live: Entry): Promise<void> {
  const revision = await registry.cache.backend.delete(prefixOf(resource.storage) + live.key, live.revision, guard);
  await registry.cache.reached(revision);
  await resource.strategy.deleted?.(live.object, registry);
}
