import type { Clock } from "../../util/clock.ts";
import { GrpcError } from "../../util/grpc/channel.ts";
import type { Decoded } from "../../util/grpc/wire.ts";
import type { Logger } from "../../util/logger.ts";
import { type Change, CompactedError, FutureRevisionError } from "../backend.ts";
import type { EtcdConnection } from "./connection.ts";
import { type Event, RANGE, WATCH, type WatchResponse } from "./messages.ts";
import { isCompacted, isFuture } from "./outcome.ts";
import { rangeOf } from "./range.ts";

const PAUSE = 100;

export interface WatchOptions {
  readonly connection: EtcdConnection;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly prefix: string;
  /** changes after this revision are told */
  readonly from: number;
  readonly signal: AbortSignal;
  /** hears of every revision that the watch has reached */
  reached(revision: number): void;
}

/**
 * Every change after a revision, from whichever member answers. When a connection breaks, the next one goes on behind
 * the last revision that was handed on. A revision's changes come in one answer, so nothing is told twice or left out.
 */
export class EtcdWatch {
  readonly #options: WatchOptions;
  #seen: number;
  /** whether history back to where we stand is known to have been there when the member began to tell */
  #whole = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#seen = options.from;
  }

  async *changes(): AsyncGenerator<readonly Change[]> {
    const { signal, clock, logger } = this.#options;
    while (!signal.aborted) {
      try {
        yield* this.#connected();
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof CompactedError || !(error instanceof GrpcError)) throw error;
        logger.info("watch of etcd is resumed", { from: this.#seen, error: error.message });
      }
      await clock.pause(PAUSE, signal);
    }
  }

  /** Follows one connection until it ends. */
  async *#connected(): AsyncGenerator<readonly Change[]> {
    const { connection, prefix, signal } = this.#options;
    const call = await connection.duplex(WATCH, signal);
    call.send({
      create: { ...rangeOf(prefix), startRevision: this.#seen + 1, progressNotify: true, previousKeyValue: true },
    });
    this.#whole = false;
    for await (const response of call.responses) {
      if (response.canceled) return this.#canceled(response);
      if (!this.#whole) await this.#checkHistory(response);
      const changes = response.events.filter((event) => event.kv!.modRevision > this.#seen).map(changeOf);
      this.#reach(response, changes.at(-1)?.revision);
      if (changes.length > 0) yield changes;
    }
  }

  #reach(response: Decoded<typeof WatchResponse>, last: number | undefined): void {
    // An answer without events is a notice of progress, except for the first one.
    const revision = last ?? (response.created ? this.#seen : (response.header?.revision ?? 0));
    if (revision <= this.#seen) return;
    this.#seen = revision;
    this.#options.reached(revision);
  }

  #canceled({ compactRevision, cancelReason }: Decoded<typeof WatchResponse>): void {
    if (compactRevision > 0) throw new CompactedError(compactRevision);
    throw new GrpcError("UNAVAILABLE", `watch canceled: ${cancelReason || "no reason given"}`);
  }

  /**
   * Etcd tells from a revision on even when exactly the one before was compacted, and then leaves out deletions. So
   * we ask whether the state we start from is still there, until the first events show that the past has been read.
   */
  async #checkHistory(response: Decoded<typeof WatchResponse>): Promise<void> {
    if (this.#seen > 0) await stillThere(this.#options.connection, this.#seen);
    this.#whole = !response.created || (response.header?.revision ?? 0) <= this.#seen;
  }
}

/** Throws CompactedError when the store's state at `revision` is no longer known. */
export async function stillThere(connection: EtcdConnection, revision: number): Promise<void> {
  try {
    await connection.read(RANGE, { key: "/", revision, countOnly: true });
  } catch (error) {
    if (isCompacted(error)) throw new CompactedError(await compactedRevision(connection));
    // Someone has put back an older state of the whole store under us.
    if (isFuture(error)) throw new FutureRevisionError(revision, 0);
    throw error;
  }
}

/** Up to where history was forgotten: etcd only tells those who ask to watch from the beginning. */
export async function compactedRevision(connection: EtcdConnection): Promise<number> {
  const end = new AbortController();
  const call = await connection.duplex(WATCH, end.signal);
  call.send({ create: { key: "\0", startRevision: 1 } });
  for await (const response of call.responses) if (response.canceled) return response.compactRevision;
  throw new GrpcError("UNAVAILABLE", "the watch ended without a word");
}

function changeOf(event: Event): Change {
  const { key, modRevision: revision, createRevision, value } = event.kv!;
  if (event.type === "DELETE") return { type: "delete", key, revision, previous: event.previous?.value ?? EMPTY };
  return { type: "put", key, revision, value, created: createRevision === revision };
}
const EMPTY = new Uint8Array(0);
