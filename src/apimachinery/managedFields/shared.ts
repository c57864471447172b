import { type FieldSet, sameSet } from "./fieldSet.ts";

/** As many sets as are kept in sight; writes of one kind come in bursts. */
const KEPT = 16;
const recent: FieldSet[] = [];
let next = 0;

/**
 * The same set as one made a short while ago, if there is one. The thousands of Pods of one template have equal sets:
 * in memory they share one, which is frozen once and for all.
 */
export function shared(set: FieldSet): FieldSet {
  for (const known of recent) if (sameSet(known, set)) return known;
  recent[next] = set;
  next = (next + 1) % KEPT;
  return set;
}
