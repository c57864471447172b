import { CommandError, run } from "./nft.ts";
import type { Ruleset } from "./ruleset.ts";

interface Listing {
  nftables: {
    chain?: { name: string };
    rule?: { chain: string; handle: number };
    set?: { name: string; elem?: unknown[] };
    map?: { name: string; elem?: unknown[] };
  }[];
}

/** What of a table can be compared cheaply: rules by chain, and how many elements each collection has. */
interface Outline {
  chains: Map<string, number[]>;
  collections: Map<string, number>;
}

/** The table as the kernel has it; undefined when there is none. */
export async function outline(family: string, table: string): Promise<Outline | undefined> {
  let text: string;
  try {
    text = await run("nft", ["-j", "-a", "list", "table", family, table]);
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
  const found: Outline = { chains: new Map(), collections: new Map() };
  for (const { chain, rule, set, map } of (JSON.parse(text) as Listing).nftables) {
    if (chain) found.chains.set(chain.name, []);
    if (rule) found.chains.get(rule.chain)?.push(rule.handle);
    const collection = set ?? map;
    if (collection) found.collections.set(collection.name, collection.elem?.length ?? 0);
  }
  return found;
}

/** What differs between the table that was made and the one that is there; "" when nothing does. */
export function tampering(wanted: Ruleset, found: Outline | undefined): string {
  if (!found) return "the table is gone";
  for (const [name, { rules }] of wanted.chains) {
    const there = found.chains.get(name)?.length;
    if (there !== rules.length) return `chain ${name} has ${there ?? "vanished, with its"} of ${rules.length} rules`;
  }
  for (const [name, { elements }] of wanted.collections) {
    const there = found.collections.get(name);
    if (there === undefined) return `${name} is gone`;
    if (elements && there !== elements.size) return `${name} has ${there} of ${elements.size} elements`;
  }
  return found.chains.size > wanted.chains.size ? "there are chains of somebody else" : "";
}

/** Rules that were replaced in place have other handles than before. */
export function sameHandles(a: Outline, b: Outline): boolean {
  for (const [name, handles] of a.chains) {
    if (handles.some((handle, i) => b.chains.get(name)?.[i] !== handle)) return false;
  }
  return true;
}
export type { Outline };
