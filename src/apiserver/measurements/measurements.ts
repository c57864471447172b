import type { Clock } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import type { Reading } from "./reading.ts";
import { type NodeUsage, usageBetween } from "./usage.ts";

/** Reads one node's counters; throws when it does not answer. */
export type ReadNode = (node: string) => Promise<Reading>;

/** A reading this young (ms) is shared. */
const FRESH = 5_000;
/** A reading this old (ms) is nothing to compare with: the answer would be about the past. */
const LONGEST_WINDOW = 60_000;
/** How long (ms) to wait between two readings when there is none to compare with. */
const FIRST_WINDOW = 2_000;

/** Compared with this, use is the average since each container began. */
const SINCE_THE_BEGINNING: Reading = { node: { time: 0, cpu: 0, memory: 0 }, containers: new Map() };

interface Kept {
  /** when it was read, by our clock */
  at: number;
  reading: Reading;
  usage: NodeUsage;
}

/** What the nodes use. Reads only when asked, and not more often than makes sense. */
export class Measurements {
  readonly #read: ReadNode;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #firstWindow: number;
  readonly #kept = new Map<string, Kept>();
  readonly #pending = new Map<string, Promise<NodeUsage | undefined>>();

  constructor(options: { read: ReadNode; clock: Clock; logger: Logger; firstWindow?: number }) {
    this.#read = options.read;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#firstWindow = options.firstWindow ?? FIRST_WINDOW;
  }

  /** By node; a node that does not answer is left out. */
  async of(nodes: Iterable<string>): Promise<Map<string, NodeUsage>> {
    const asked = [...new Set(nodes)];
    const usages = await Promise.all(asked.map((node) => this.#shared(node)));
    return new Map(asked.flatMap((node, i) => (usages[i] ? [[node, usages[i]] as const] : [])));
  }
  /** Forgets the nodes that are no more. */
  retain(nodes: ReadonlySet<string>): void {
    for (const node of this.#kept.keys()) if (!nodes.has(node)) this.#kept.delete(node);
  }
  /** Those who ask at the same time share one measurement. */
  #shared(node: string): Promise<NodeUsage | undefined> {
    const pending = this.#pending.get(node);
    if (pending) return pending;
    const measured = this.#measure(node)
      .catch((error) => {
        this.#logger.warn("cannot measure node", { node, error });
        return undefined;
      })
      .finally(() => this.#pending.delete(node));
    this.#pending.set(node, measured);
    return measured;
  }
  async #measure(node: string): Promise<NodeUsage> {
    const kept = this.#kept.get(node);
    const age = kept ? this.#clock.now() - kept.at : Number.POSITIVE_INFINITY;
    if (kept && age < FRESH) return kept.usage;
    const before = kept && age <= LONGEST_WINDOW ? kept.reading : await this.#first(node);
    const reading = await this.#read(node);
    const usage = usageBetween(before, reading);
    this.#kept.set(node, { at: this.#clock.now(), reading, usage });
    return usage;
  }
  async #first(node: string): Promise<Reading> {
    if (this.#firstWindow === 0) return SINCE_THE_BEGINNING;
    const reading = await this.#read(node);
    await this.#clock.sleep(this.#firstWindow);
    return reading;
  }
}
