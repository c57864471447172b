import type { PodFacts } from "./podFacts.ts";
import type { AffinityTerm } from "./podTerms.ts";
import { SlotCounts } from "./slotArray.ts";

/** What a placed Pod says about others: it must not be, must be, would like to be, or would not like to be near them. */
export type TermSort = "requiredAntiAffinity" | "requiredAffinity" | "preferred";

/** Placed Pods that say the same about others, counted by node. */
export interface TermGroup {
  readonly term: AffinityTerm;
  /** of a preferred term; negative for anti-affinity */
  readonly weight: number;
  readonly counts: SlotCounts;
}

/** The rules of all placed Pods about others, equal ones together: a hundred replicas are one rule. */
export class TermCounts {
  readonly #groups: Record<TermSort, Map<string, TermGroup>> = {
    requiredAntiAffinity: new Map(),
    requiredAffinity: new Map(),
    preferred: new Map(),
  };

  groups(sort: TermSort): Iterable<TermGroup> & { readonly size: number } {
    const groups = this.#groups[sort];
    return { size: groups.size, [Symbol.iterator]: () => groups.values() };
  }
  add(slot: number, { terms }: PodFacts, by: 1 | -1): void {
    if (!terms) return;
    const count = (sort: TermSort, term: AffinityTerm, weight: number) =>
      this.#group(sort, term, weight).counts.add(slot, by);
    for (const term of terms.requiredAntiAffinity) count("requiredAntiAffinity", term, 0);
    for (const term of terms.requiredAffinity) count("requiredAffinity", term, 0);
    for (const { term, weight } of terms.preferredAffinity) count("preferred", term, weight);
    for (const { term, weight } of terms.preferredAntiAffinity) count("preferred", term, -weight);
    if (by < 0) this.#dropEmpty();
  }
  clear(slot: number): void {
    for (const groups of Object.values(this.#groups)) for (const group of groups.values()) group.counts.clear(slot);
    this.#dropEmpty();
  }

  #group(sort: TermSort, term: AffinityTerm, weight: number): TermGroup {
    const id = `${weight} ${term.id}`;
    const groups = this.#groups[sort];
    let group = groups.get(id);
    if (!group) {
      group = { term, weight, counts: new SlotCounts() };
      groups.set(id, group);
    }
    return group;
  }
  #dropEmpty(): void {
    for (const groups of Object.values(this.#groups)) {
      for (const [id, group] of groups) if (group.counts.total === 0) groups.delete(id);
    }
  }
}
