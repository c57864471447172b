import type { EtcdConnection } from "./connection.ts";
import { RANGE } from "./messages.ts";

/** A member whose leader is gone keeps readers waiting; another one may know the next leader already. */
const ATTEMPT = 2_000;

/**
 * Asks a quorum for the newest revision. All who come while a question is under way share the next one: the answer to
 * the one under way may be older than what they must see.
 */
export class Freshness {
  readonly #connection: EtcdConnection;
  #asking: Promise<number> | undefined;
  #next: Promise<number> | undefined;

  constructor(connection: EtcdConnection) {
    this.#connection = connection;
  }
  ask(): Promise<number> {
    if (!this.#asking) return this.#begin();
    this.#next ??= this.#asking.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }
  #begin(): Promise<number> {
    this.#next = undefined;
    const asking = this.#connection
      .read(RANGE, { key: "/", countOnly: true }, ATTEMPT)
      .then((answer) => answer.header!.revision)
      .finally(() => {
        if (this.#asking === asking) this.#asking = undefined;
      });
    this.#asking = asking;
    return asking;
  }
}
