import { ControllerRevision } from "../../api/apps/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { isAlreadyExists, isNotFound } from "../../apimachinery/status.ts";
import type { Client, ReconcileContext } from "../../client/index.ts";
import { claim } from "../ownership.ts";
import { newRevision, planRevision, type RevisionNaming, type Versioned } from "./revisions.ts";

/** The revisions of an object; unowned ones that its selector matches become its own. */
export function claimRevisions<T extends Versioned>(
  ownerKind: Kind<T>,
  owner: T,
  { client, view }: ReconcileContext,
): Promise<ControllerRevision[]> {
  const selector = labelSelector(owner.spec.selector);
  return claim({ client, view, ownerKind, owner, kind: ControllerRevision, selector });
}

export interface Recorded {
  /** the revision of the present template */
  revision: ControllerRevision;
  /** how often a revision's name was taken by another */
  collisionCount: number | undefined;
}

/** Sees to it that the present template is recorded, as the newest revision. */
export async function recordRevision(
  naming: RevisionNaming,
  owner: Versioned,
  revisions: readonly ControllerRevision[],
  client: Client,
): Promise<Recorded> {
  const { collisionCount } = owner.status;
  const plan = planRevision(owner, revisions);
  if (plan.do === "keep") return { revision: plan.revision, collisionCount };
  if (plan.do === "create") return create(naming, owner, plan.number, client);
  return { revision: await client.update(ControllerRevision, plan.revision), collisionCount };
}

async function create(naming: RevisionNaming, owner: Versioned, number: number, client: Client): Promise<Recorded> {
  let { collisionCount } = owner.status;
  for (;;) {
    const revision = newRevision(naming, owner, number, collisionCount);
    try {
      return { revision: await client.create(ControllerRevision, revision), collisionCount };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const { namespace, name = "" } = revision.metadata;
      const taken = await client.get(ControllerRevision, { namespace, name });
      // Made by ourselves when the answer was lost; else the name is another's.
      if (deepEqual(taken.data, revision.data)) return { revision: taken, collisionCount };
      collisionCount = (collisionCount ?? 0) + 1;
    }
  }
}

export async function forgetRevisions(revisions: readonly ControllerRevision[], client: Client): Promise<void> {
  for (const { metadata } of revisions) {
    const { namespace, name = "" } = metadata;
    await client.delete(ControllerRevision, { namespace, name }).catch((error) => {
      if (!isNotFound(error)) throw error; // gone already, as wanted
    });
  }
}
