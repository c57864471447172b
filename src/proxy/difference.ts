import type { Chain, Collection, Ruleset } from "./ruleset.ts";

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((rule, i) => rule === b[i]);

/** One transaction for `nft -f -` that makes the whole table anew. */
export function replaceTable(table: string, ruleset: Ruleset): string {
  const { family } = ruleset;
  const reset = `add table ${family} ${table}\ndelete table ${family} ${table}\nadd table ${family} ${table}\n`;
  return reset + changeTable(table, { family, collections: new Map(), chains: new Map() }, ruleset);
}

/**
 * One transaction for `nft -f -` that turns a table from `old` into `next`; "" when they are equal. What is referred to
 * comes before what refers to it, and goes after it.
 */
export function changeTable(table: string, old: Ruleset, next: Ruleset): string {
  const lines: string[] = [];
  const at = (name: string) => `${next.family} ${table} ${name}`;
  const remade = [...next.collections].filter(([name, { spec }]) => (old.collections.get(name)?.spec ?? spec) !== spec);
  const gone = new Set([...old.collections.keys()].filter((name) => !next.collections.has(name)));
  for (const [name, { kind, spec }] of next.collections) {
    if (!old.collections.has(name)) lines.push(`add ${kind} ${at(name)} { ${spec} }`);
  }
  for (const [name, { hook }] of next.chains) {
    if (!old.chains.has(name)) lines.push(`add chain ${at(name)}${hook ? ` { ${hook} }` : ""}`);
  }
  for (const name of old.chains.keys()) if (!next.chains.has(name)) lines.push(`flush chain ${at(name)}`);
  const users = remade.map(([name]) => `@${name} `);
  const chains = [...next.chains].filter(([name, chain]) => changed(old.chains.get(name), chain, users));
  for (const [name] of chains) if (old.chains.has(name)) lines.push(`flush chain ${at(name)}`);
  for (const [name, { kind, spec }] of remade)
    lines.push(`delete ${kind} ${at(name)}`, `add ${kind} ${at(name)} { ${spec} }`);
  for (const [name, { rules }] of chains) for (const rule of rules) lines.push(`add rule ${at(name)} ${rule}`);
  for (const [name, collection] of next.collections)
    lines.push(...elements(at(name), old.collections.get(name), collection));
  for (const name of old.chains.keys()) if (!next.chains.has(name)) lines.push(`delete chain ${at(name)}`);
  for (const name of gone) lines.push(`delete ${old.collections.get(name)!.kind} ${at(name)}`);
  return lines.length > 0 ? `${lines.join("\n")}\n` : "";
}

function changed(old: Chain | undefined, next: Chain, remadeSets: readonly string[]): boolean {
  if (!old || !same(old.rules, next.rules)) return true;
  return next.rules.some((rule) => remadeSets.some((name) => rule.includes(name)));
}

function elements(at: string, old: Collection | undefined, next: Collection): string[] {
  if (!next.elements) return [];
  const before = old?.elements ?? new Map<string, string>();
  const remove: string[] = [];
  const add: string[] = [];
  for (const [key, verdict] of before) if (next.elements.get(key) !== verdict) remove.push(key);
  for (const [key, verdict] of next.elements) {
    if (before.get(key) !== verdict) add.push(verdict ? `${key} : ${verdict}` : key);
  }
  const lines: string[] = [];
  if (remove.length > 0) lines.push(`delete element ${at} { ${remove.join(", ")} }`);
  if (add.length > 0) lines.push(`add element ${at} { ${add.join(", ")} }`);
  return lines;
}
