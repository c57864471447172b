import type { Pod } from "../../api/core/v1/index.ts";
import type { Random } from "../../util/random.ts";
import type { NodeGroup } from "../provider.ts";

/** What a group could do for the waiting Pods. */
export interface Offer {
  group: NodeGroup;
  by: number;
  pods: readonly Pod[];
  /** the share of the new nodes that would stay free */
  waste: number;
}

/** Each leaves those that it thinks best. */
const EXPANDERS = {
  "most-pods": (offers: readonly Offer[]) => least(offers, ({ pods }) => -pods.length),
  "least-waste": (offers: readonly Offer[]) => least(offers, ({ waste }) => waste),
  "least-nodes": (offers: readonly Offer[]) => least(offers, ({ by }) => by),
  random: (offers: readonly Offer[], random: Random) => [offers[Math.floor(random.next() * offers.length)]!],
};
export type Expander = keyof typeof EXPANDERS;

export const isExpander = (name: string): name is Expander => Object.hasOwn(EXPANDERS, name);
export const expanderNames = Object.keys(EXPANDERS).join(", ");

function least(offers: readonly Offer[], measure: (offer: Offer) => number): Offer[] {
  const measured = offers.map(measure);
  const best = Math.min(...measured);
  return offers.filter((_, i) => measured[i] === best);
}

/** The offer that one expander after the other leaves; of several the first by name. */
export function choose(offers: readonly Offer[], expanders: readonly Expander[], random: Random): Offer | undefined {
  let left = offers.toSorted((a, b) => (a.group.id < b.group.id ? -1 : 1));
  for (const expander of expanders) if (left.length > 1) left = EXPANDERS[expander](left, random);
  return left[0];
}
