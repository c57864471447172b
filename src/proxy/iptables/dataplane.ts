import type { Logger } from "../../util/logger.ts";
import type { Dataplane } from "../dataplane.ts";
import type { Family, NodeInfo } from "../endpoints.ts";
import { CommandError, run } from "../nft.ts";
import type { ServicePlan } from "../plan.ts";
import { buildChains, type Chains, TABLES } from "./chains.ts";
import { differences, missingHooks, readSaved, restoration, type Saved } from "./restore.ts";

/** Seconds to wait for others who change rules. */
const LOCK = "30";
const programs = { ip: "iptables", ip6: "ip6tables" } as const;

/** By chains of our own, made with iptables-restore. */
export class IptablesDataplane implements Dataplane {
  readonly #family: Family;
  readonly #prefix: string;
  readonly #logger: Logger;
  #applied: Chains | undefined;

  constructor(family: Family, prefix: string, logger: Logger) {
    this.#family = family;
    this.#prefix = prefix;
    this.#logger = logger;
  }
  get isApplied(): boolean {
    return this.#applied !== undefined;
  }
  async apply(plans: ReadonlyMap<string, ServicePlan>, node: NodeInfo): Promise<void> {
    await this.#make(buildChains(this.#prefix, this.#family, plans.values(), node));
  }
  async #make(next: Chains): Promise<void> {
    if (this.#applied) {
      await this.#restore(restoration(this.#applied, next));
    } else {
      const saved = await save(this.#family, this.#prefix);
      const there = Object.fromEntries(TABLES.map((table) => [table, [...saved.chains[table].keys()]]));
      const { fill, remove } = restoration(undefined, next, there);
      await this.#restore({ fill, remove: "" });
      await this.#hook(next, saved);
      await this.#restore({ fill: "", remove });
    }
    this.#applied = next;
  }
  async #restore({ fill, remove }: { fill: string; remove: string }): Promise<void> {
    for (const input of [fill, remove]) if (input !== "") await restore(this.#family, input);
  }
  /** Before the rules of others, as Service addresses are nobody else's. */
  async #hook({ hooks }: Chains, saved: Saved): Promise<void> {
    for (const { table, chain, rule } of missingHooks(hooks, saved))
      await run(programs[this.#family], ["-w", LOCK, "-t", table, "-I", chain, "1", ...rule.split(" ")]);
  }
  async verify(): Promise<void> {
    const wanted = this.#applied;
    if (!wanted) return;
    const why = differences(wanted, await save(this.#family, this.#prefix));
    if (why === "") return;
    this.#logger.warn("the chains were changed by somebody else; making them anew", { why });
    this.#applied = undefined;
    await this.#make(wanted);
  }
  forget(): void {
    this.#applied = undefined;
  }
}

const restore = (family: Family, input: string) => run(`${programs[family]}-restore`, ["-w", LOCK, "--noflush"], input);
const save = async (family: Family, prefix: string) => readSaved(await run(`${programs[family]}-save`, []), prefix);

/** Removes every chain with this prefix and what leads there. Harmless when there is none, and without iptables. */
export async function removeChains(prefix: string): Promise<void> {
  for (const family of ["ip", "ip6"] as const) {
    let saved: Saved;
    try {
      saved = await save(family, prefix);
    } catch (error) {
      if (error instanceof CommandError || (error as NodeJS.ErrnoException).code === "ENOENT") continue; // none could be made
      throw error;
    }
    const lines = { unhook: [] as string[], remove: [] as string[] };
    for (const table of TABLES) {
      const names = [...saved.chains[table].keys()];
      const hooks = saved.hooks.filter((hook) => hook.table === table);
      if (names.length + hooks.length === 0) continue;
      const empty = names.map((name) => `:${name} - [0:0]`);
      lines.unhook.push(`*${table}`, ...empty, ...hooks.map(({ line }) => line.replace("-A", "-D")), "COMMIT");
      lines.remove.push(`*${table}`, ...names.map((name) => `-X ${name}`), "COMMIT");
    }
    for (const part of [lines.unhook, lines.remove]) if (part.length > 0) await restore(family, `${part.join("\n")}\n`);
  }
}
