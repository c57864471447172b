import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject, OwnerReference } from "../apimachinery/meta.ts";
import type { Selector } from "../apimachinery/selectors.ts";
import { isInvalid, isNotFound } from "../apimachinery/status.ts";
import { type Client, controllerOf, type KindIdentity, type View } from "../client/index.ts";

/** The reference by which `owner` controls another object, and holds its own deletion up until that one is gone. */
export function controllerReference(kind: KindIdentity, owner: KubernetesObject): OwnerReference {
  const { name = "", uid = "" } = owner.metadata;
  return { apiVersion: kind.apiVersion, kind: kind.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

const ORPHANS = "orphans";

/** Prepares `claim` for objects of `kind`: those that nobody controls can be found by namespace. */
export function indexOrphans<T extends KubernetesObject>(view: View, kind: Kind<T>): void {
  view.addIndex(kind, ORPHANS, (object) => (controllerOf(object) ? [] : [object.metadata.namespace ?? ""]));
}

export interface Claims<T> {
  /** what the owner controls and its selector still matches */
  keep: T[];
  /** what matches and nobody controls */
  adopt: T[];
  /** what the owner controls although its selector no longer matches */
  release: T[];
}

/** Which of `owned` and `orphans` belong to an owner with this selector. An owner that is leaving adopts nothing. */
export function planClaims<T extends KubernetesObject>(
  owner: KubernetesObject,
  selector: Selector,
  owned: readonly T[],
  orphans: readonly T[],
  belongs: (object: T) => boolean = () => true,
): Claims<T> {
  const matches = (object: T) => selector.matches(object.metadata.labels ?? {}) && belongs(object);
  const stays = (object: T) => object.metadata.deletionTimestamp === undefined;
  if (owner.metadata.deletionTimestamp !== undefined) return { keep: owned.filter(matches), adopt: [], release: [] };
  return {
    keep: owned.filter(matches),
    adopt: orphans.filter((object) => stays(object) && matches(object)),
    release: owned.filter((object) => stays(object) && !matches(object)),
  };
}

/** Adopts and releases by selector; answers what `owner` then controls. `view` must be prepared with `indexOrphans`. */
export async function claim<O extends KubernetesObject, T extends KubernetesObject>(options: {
  client: Client;
  view: View;
  ownerKind: Kind<O>;
  owner: O;
  kind: Kind<T>;
  selector: Selector;
  /** what must hold besides the selector */
  belongs?: (object: T) => boolean;
}): Promise<T[]> {
  const { client, view, ownerKind, owner, kind, selector, belongs } = options;
  const orphans = view.byIndex(kind, ORPHANS, owner.metadata.namespace ?? "");
  const claims = planClaims(owner, selector, view.owned(kind, owner), orphans, belongs);
  for (const object of claims.release) await release(client, kind, object, owner);
  if (claims.adopt.length === 0) return claims.keep;
  // The copy may be old: who is gone, or about to be, adopts nothing.
  const live = await client.get(ownerKind, { namespace: owner.metadata.namespace, name: owner.metadata.name ?? "" });
  if (live.metadata.uid !== owner.metadata.uid || live.metadata.deletionTimestamp) return claims.keep;
  const adopted = await Promise.all(claims.adopt.map((object) => adopt(client, kind, object, ownerKind, owner)));
  return [...claims.keep, ...adopted.filter((object) => object !== undefined)];
}

async function adopt<T extends KubernetesObject>(
  client: Client,
  kind: Kind<T>,
  object: T,
  ownerKind: KindIdentity,
  owner: KubernetesObject,
): Promise<T | undefined> {
  const { namespace, name = "", uid } = object.metadata;
  const patch = { metadata: { ownerReferences: [controllerReference(ownerKind, owner)], uid } };
  try {
    return await client.patch(kind, { namespace, name }, "strategic", patch);
  } catch (error) {
    if (isNotFound(error)) return undefined; // gone meanwhile: nothing to adopt
    throw error;
  }
}

async function release<T extends KubernetesObject>(
  client: Client,
  kind: Kind<T>,
  object: T,
  owner: KubernetesObject,
): Promise<void> {
  const { namespace, name = "", uid } = object.metadata;
  const patch = { metadata: { ownerReferences: [{ $patch: "delete", uid: owner.metadata.uid }], uid } };
  try {
    await client.patch(kind, { namespace, name }, "strategic", patch);
  } catch (error) {
    // Gone meanwhile, or made anew under the same name: nothing of ours to release.
    if (!isNotFound(error) && !isInvalid(error)) throw error;
  }
}
