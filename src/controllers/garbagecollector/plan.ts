import type { OwnerReference } from "../../apimachinery/meta.ts";
import { FOREGROUND, type Item, ORPHAN } from "./graph.ts";

export type OwnerState = "solid" | "absent" | "waiting";

/** What is to be done with an object, given what became of its owners. */
export type Verdict =
  | { do: "nothing" }
  /** some owners remain: those that are gone are struck from the list */
  | { do: "disown"; owners: readonly OwnerReference[] }
  | { do: "delete"; propagationPolicy: "Foreground" | "Background" | "Orphan"; unblock: boolean };

/**
 * An object lives while one of its owners does. When all are gone it goes too; when one of them waits for its dependents,
 * it goes in the foreground. `dependents` are those of the object itself.
 */
export function judge(
  item: Item,
  stateOf: (owner: OwnerReference) => OwnerState,
  dependents: readonly Item[],
): Verdict {
  if (item.owners.length === 0) return { do: "nothing" };
  const states = item.owners.map(stateOf);
  if (states.includes("solid")) {
    const owners = item.owners.filter((_, i) => states[i] === "solid");
    return owners.length === item.owners.length ? { do: "nothing" } : { do: "disown", owners };
  }
  if (states.includes("waiting") && dependents.length > 0) {
    // Two that wait for each other would wait for ever.
    const unblock = dependents.some((dependent) => dependent.isLeaving && dependent.finalizers.includes(FOREGROUND));
    return { do: "delete", propagationPolicy: "Foreground", unblock };
  }
  if (item.finalizers.includes(ORPHAN)) return { do: "delete", propagationPolicy: "Orphan", unblock: false };
  if (item.finalizers.includes(FOREGROUND)) return { do: "delete", propagationPolicy: "Foreground", unblock: false };
  return { do: "delete", propagationPolicy: "Background", unblock: false };
}

/** Those for whom a leaving owner must wait. */
export function blockers(owner: Item, dependents: readonly Item[]): Item[] {
  return dependents.filter((dependent) =>
    dependent.owners.some((reference) => reference.uid === owner.uid && reference.blockOwnerDeletion),
  );
}
