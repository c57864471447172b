import type { Logger } from "../util/logger.ts";
import { changeTable, replaceTable } from "./difference.ts";
import { applyNft } from "./nft.ts";
import type { Ruleset, TableFamily } from "./ruleset.ts";
import { type Outline, outline, sameHandles, tampering } from "./tamper.ts";

/** One nftables table of ours, and what we know of the kernel's copy of it. */
export class KernelTable {
  readonly name: string;
  readonly family: TableFamily;
  readonly #logger: Logger;
  /** undefined: the kernel's state is not known, and the table has to be made anew */
  #applied: Ruleset | undefined;
  /** the kernel's own view of `applied`, once it was read */
  #outline: Outline | undefined;

  constructor(name: string, family: TableFamily, logger: Logger) {
    this.name = name;
    this.family = family;
    this.#logger = logger;
  }
  get isApplied(): boolean {
    return this.#applied !== undefined;
  }
  /** The next ruleset is made anew, not by what differs. */
  forget(): void {
    this.#applied = undefined;
  }
  async apply(next: Ruleset): Promise<void> {
    const script = this.#applied ? changeTable(this.name, this.#applied, next) : replaceTable(this.name, next);
    if (script !== "") {
      try {
        await applyNft(script);
      } catch (error) {
        if (!this.#applied) throw error;
        this.#logger.warn("the table is not as it was left; making it anew", { error });
        this.#applied = undefined;
        await applyNft(replaceTable(this.name, next));
      }
      this.#outline = undefined;
    }
    this.#applied = next;
  }
  /** Makes the table anew if somebody else has changed it. */
  async verify(): Promise<void> {
    if (!this.#applied) return;
    const found = await outline(this.family, this.name);
    let why = tampering(this.#applied, found);
    if (why === "" && this.#outline && found && !sameHandles(this.#outline, found)) why = "rules were replaced";
    this.#outline = found;
    if (why === "") return;
    this.#logger.warn("the table was changed by somebody else; making it anew", { why });
    const applied = this.#applied;
    this.#applied = undefined;
    await this.apply(applied);
  }
  async remove(): Promise<void> {
    this.#applied = undefined;
    await removeTable(this.family, this.name);
  }
}

/** Harmless when there is none. */
export async function removeTable(family: TableFamily, name: string): Promise<void> {
  await applyNft(`add table ${family} ${name}\ndelete table ${family} ${name}\n`);
}
