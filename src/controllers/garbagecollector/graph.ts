import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject, OwnerReference } from "../../apimachinery/meta.ts";

export const ORPHAN = "orphan";
export const FOREGROUND = "foregroundDeletion";

/** One object of the cluster, as far as ownership goes. */
export interface Item {
  kind: Kind;
  uid: string;
  namespace: string | undefined;
  name: string;
  owners: readonly OwnerReference[];
  isLeaving: boolean;
  finalizers: readonly string[];
}

/** It goes only when those who depend on it and say so are gone. */
export const waitsForDependents = (item: Item): boolean => item.isLeaving && item.finalizers.includes(FOREGROUND);
/** Those who depend on it are to be set free before it goes. */
export const orphansDependents = (item: Item): boolean => item.isLeaving && item.finalizers.includes(ORPHAN);

const NONE: readonly never[] = Object.freeze([]);

export function itemOf(kind: Kind, object: KubernetesObject): Item {
  const {
    uid = "",
    namespace,
    name = "",
    ownerReferences = NONE,
    deletionTimestamp,
    finalizers = NONE,
  } = object.metadata;
  return {
    kind,
    uid,
    namespace,
    name,
    owners: ownerReferences,
    isLeaving: deletionTimestamp !== undefined,
    finalizers,
  };
}

/** Who depends on whom, kept by watching all kinds. Only objects that own, are owned or are leaving are told apart. */
export class OwnershipGraph {
  readonly #items = new Map<string, Item>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): Item | undefined {
    return this.#items.get(uid);
  }
  dependents(uid: string): Item[] {
    const uids = this.#dependents.get(uid);
    if (!uids) return [];
    return [...uids].map((dependent) => this.#items.get(dependent)).filter((item) => item !== undefined);
  }
  hasDependents(uid: string): boolean {
    return this.#dependents.has(uid);
  }
  put(item: Item): void {
    const old = this.#items.get(item.uid);
    this.#items.set(item.uid, item);
    if (old && old.owners === item.owners) return;
    if (old) this.#unlink(old);
    for (const { uid } of item.owners) {
      const known = this.#dependents.get(uid);
      if (known) known.add(item.uid);
      else this.#dependents.set(uid, new Set([item.uid]));
    }
  }
  remove(uid: string): void {
    const item = this.#items.get(uid);
    if (!item) return;
    this.#items.delete(uid);
    this.#unlink(item);
  }
  #unlink(item: Item): void {
    for (const { uid } of item.owners) {
      const known = this.#dependents.get(uid);
      if (known?.delete(item.uid) && known.size === 0) this.#dependents.delete(uid);
    }
  }
}
