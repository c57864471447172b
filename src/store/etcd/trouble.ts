import type { Clock, Timer } from "../../util/clock.ts";
import { GrpcError } from "../../util/grpc/channel.ts";
import type { Logger } from "../../util/logger.ts";
import type { EtcdConnection } from "./connection.ts";
import { STATUS } from "./messages.ts";
import { outcomeOf } from "./outcome.ts";

const LOOK_EVERY = 10_000;

/** Looks after etcd's alarms, so that a full disk is said plainly before and after someone's write fails of it. */
export class Trouble {
  readonly #connection: EtcdConnection;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #timer: Timer | undefined;
  #stopped = false;
  #words: string | undefined;
  /** counts what writers told us */
  #heard = 0;

  constructor(connection: EtcdConnection, options: { clock: Clock; logger: Logger }) {
    this.#connection = connection;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }
  /** What is wrong; undefined: nothing known. */
  get words(): string | undefined {
    return this.#words;
  }
  start(): void {
    if (!this.#stopped) this.#timer = this.#clock.setTimer(LOOK_EVERY, () => void this.#turn());
  }
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }
  /** An error that a write ended with may be the first sign. */
  hear(error: unknown): void {
    if (!(error instanceof GrpcError) || outcomeOf(error) !== "full") return;
    this.#heard++;
    this.#say(`etcd refuses writes: ${error.message}`);
  }
  async #turn(): Promise<void> {
    const heard = this.#heard;
    const words = await this.#look();
    // What a writer was told meanwhile may be newer.
    if (heard === this.#heard) this.#say(words);
    this.start();
  }
  async #look(): Promise<string | undefined> {
    try {
      const { errors } = await this.#connection.read(STATUS, {});
      return errors.length === 0 ? undefined : `etcd says: ${errors.map((error) => error.trim()).join(", ")}`;
    } catch (error) {
      return `etcd does not answer: ${(error as Error).message}`;
    }
  }
  #say(words: string | undefined): void {
    if (this.#stopped || words === this.#words) return;
    if (words) this.#logger.error("trouble with etcd", { trouble: words });
    else this.#logger.info("etcd is well again", { was: this.#words });
    this.#words = words;
  }
}
