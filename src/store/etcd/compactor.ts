import type { Clock, Timer } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import type { EtcdConnection } from "./connection.ts";
import { COMPACT, TXN } from "./messages.ts";
import { isCompacted } from "./outcome.ts";

/** Where API servers note who compacts: the same key as Kubernetes', so that both may share an etcd. */
export const COMPACT_KEY = "compact_rev_key";

/**
 * Forgets, every five minutes, what was history five minutes ago. Of several processes the one does it that is first to
 * write the key in its version; the others learn from it at which version to try next.
 */
export class Compactor {
  readonly #connection: EtcdConnection;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #every: number;
  #timer: Timer | undefined;
  #version = 0;
  /** the newest revision at our last turn */
  #revision = 0;
  #stopped = false;

  constructor(options: { connection: EtcdConnection; clock: Clock; logger: Logger; every: number }) {
    this.#connection = options.connection;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#every = options.every;
  }
  start(): void {
    if (this.#every > 0 && !this.#stopped) this.#timer = this.#clock.setTimer(this.#every, () => void this.#turn());
  }
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }
  async #turn(): Promise<void> {
    try {
      await this.compact();
    } catch (error) {
      if (!this.#stopped) this.#logger.warn("compaction of etcd failed", { error });
    }
    this.start();
  }

  /** One turn. Answers the revision that was compacted, or undefined when another had this turn. */
  async compact(): Promise<number | undefined> {
    const upTo = this.#revision;
    const mine = { key: COMPACT_KEY, value: Buffer.from(String(upTo)) };
    const answer = await this.#connection.write(TXN, {
      compare: [{ target: "VERSION", result: "EQUAL", key: COMPACT_KEY, version: this.#version }],
      success: [{ put: mine }],
      failure: [{ range: { key: COMPACT_KEY } }],
    });
    this.#revision = answer.header!.revision;
    if (!answer.succeeded) {
      this.#version = answer.responses[0]?.range?.kvs[0]?.version ?? 0;
      return undefined;
    }
    this.#version++;
    if (upTo === 0) return undefined;
    try {
      await this.#connection.read(COMPACT, { revision: upTo });
    } catch (error) {
      if (!isCompacted(error)) throw error; // else someone did it by hand
    }
    this.#logger.debug("compacted etcd", { revision: upTo });
    return upTo;
  }
}
