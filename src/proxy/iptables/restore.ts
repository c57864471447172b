import { type Chains, TABLES, type TableName } from "./chains.ts";

/** Input for `iptables-restore --noflush`. */
export interface Restoration {
  /** new and changed chains, whole; removed ones, emptied */
  readonly fill: string;
  /** removed chains, once nothing leads to them any more */
  readonly remove: string;
}

const NOTHING: ReadonlyMap<string, readonly string[]> = new Map();
const same = (a: readonly string[] | undefined, b: readonly string[]) =>
  a !== undefined && a.length === b.length && a.every((rule, i) => rule === b[i]);

/** What turns the chains of `old` into those of `next`; without `old`, everything, and `there` are emptied besides. */
export function restoration(
  old: Chains | undefined,
  next: Chains,
  there: Readonly<Partial<Record<TableName, readonly string[]>>> = {},
): Restoration {
  const fill: string[] = [];
  const remove: string[] = [];
  for (const table of TABLES) {
    const before = old?.tables[table] ?? NOTHING;
    const after = next.tables[table];
    const changed = [...after].filter(([name, rules]) => !same(before.get(name), rules));
    const gone = [...new Set([...before.keys(), ...(there[table] ?? [])])].filter((name) => !after.has(name));
    if (changed.length + gone.length === 0) continue;
    const declared = [...changed.map(([name]) => name), ...gone].map((name) => `:${name} - [0:0]`);
    const rules = changed.flatMap(([name, rules]) => rules.map((rule) => `-A ${name} ${rule}`));
    fill.push(`*${table}`, ...declared, ...rules, "COMMIT");
    if (gone.length > 0) remove.push(`*${table}`, ...gone.map((name) => `-X ${name}`), "COMMIT");
  }
  const text = (lines: readonly string[]) => (lines.length > 0 ? `${lines.join("\n")}\n` : "");
  return { fill: text(fill), remove: text(remove) };
}

/** Our part of what iptables-save prints: how many rules each chain has, and which lead there from built-in chains. */
export interface Saved {
  readonly chains: Readonly<Record<TableName, ReadonlyMap<string, number>>>;
  readonly hooks: readonly { readonly table: TableName; readonly line: string; readonly target: string }[];
}

export function readSaved(text: string, prefix: string): Saved {
  const chains = { nat: new Map<string, number>(), filter: new Map<string, number>(), raw: new Map<string, number>() };
  const hooks: { table: TableName; line: string; target: string }[] = [];
  const isOurs = (name: string) => name.startsWith(`${prefix}-`);
  let table: TableName | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) table = TABLES.find((name) => name === line.slice(1));
    if (!table) continue;
    const declared = /^:(\S+) /.exec(line)?.[1];
    if (declared && isOurs(declared)) chains[table].set(declared, chains[table].get(declared) ?? 0);
    const chain = /^-A (\S+) /.exec(line)?.[1];
    if (!chain) continue;
    const target = / -[jg] (\S+)/.exec(line)?.[1] ?? "";
    if (isOurs(chain)) chains[table].set(chain, (chains[table].get(chain) ?? 0) + 1);
    else if (isOurs(target)) hooks.push({ table, line, target });
  }
  return { chains, hooks };
}

/** Which rules of built-in chains are missing. */
export function missingHooks(wanted: Chains["hooks"], saved: Saved): Chains["hooks"] {
  return wanted.filter(({ table, chain, rule }) => {
    const target = rule.slice(rule.lastIndexOf(" ") + 1);
    return !saved.hooks.some(
      (hook) => hook.table === table && hook.target === target && hook.line.startsWith(`-A ${chain} `),
    );
  });
}

/** What others have changed; "" when nothing. */
export function differences(wanted: Chains, saved: Saved): string {
  for (const table of TABLES) {
    for (const [name, rules] of wanted.tables[table]) {
      const there = saved.chains[table].get(name);
      if (there !== rules.length) return `chain ${name} has ${there ?? "vanished, with its"} of ${rules.length} rules`;
    }
  }
  const [missing] = missingHooks(wanted.hooks, saved);
  return missing ? `${missing.chain} of ${missing.table} does not lead to us` : "";
}
