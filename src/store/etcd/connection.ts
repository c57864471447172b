import type { Clock, Timer } from "../../util/clock.ts";
import { withDeadline } from "../../util/deadline.ts";
import {
  type CallOptions,
  type ChannelTls,
  type DuplexCall,
  GrpcChannel,
  GrpcError,
  type Method,
} from "../../util/grpc/channel.ts";
import type { Encodable } from "../../util/grpc/wire.ts";
import type { Logger } from "../../util/logger.ts";
import { Turns } from "../../util/turns.ts";
import { RANGE } from "./messages.ts";
import { mayBeReadAgain, outcomeOf } from "./outcome.ts";

export interface EtcdAccess {
  /** "https://10.0.0.1:2379"; the first is used while it answers */
  readonly endpoints: readonly string[];
  /** for https endpoints */
  readonly tls?: ChannelTls;
}

/** How long a call may take, all its attempts together. */
const WITHIN = 10_000;
/** How long one attempt may take; long enough for a member to say itself that it timed out in a usual election. */
const ATTEMPT = 5_000;
const PAUSE = 100;
const AT_ONCE = 256;
/** A connection that is in use is asked for a sign of life this often, and dropped when none comes in time. */
const BEAT = 1_000;
const SIGN_OF_LIFE = 2_500;
/** How long a member that failed is only used when no other is left. */
const SHUNNED = 5_000;
/** What a member passed on to a leader that is gone is lost; what the next leader has, it carries out within this time. */
const GRACE = 1_000;
/** A member without a leader refuses at once instead of waiting for one. */
const HEADERS = { hasleader: "true" };

/** One member, as a client sees it. */
class Endpoint {
  readonly url: string;
  readonly channel: GrpcChannel;
  shunnedUntil = 0;
  #clock: Clock;
  #users = 0;
  #beat: Timer | undefined;
  /** how often the members have elected, as far as this one has told us; 0: not yet */
  #term = 0;
  readonly #calls = new Set<AbortController>();

  constructor(url: string, tls: ChannelTls | undefined, clock: Clock) {
    const { protocol, host } = new URL(url);
    this.url = url;
    this.#clock = clock;
    this.channel = new GrpcChannel(`tcp://${host}`, protocol === "https:" ? (tls ?? {}) : undefined);
  }

  /**
   * Runs a call, and watches the connection meanwhile: a stopped process or a cut cable says nothing by itself. Aborts
   * `over` when the member's leader has changed and it does not answer soon after.
   */
  async use<T>(over: AbortController, work: () => Promise<T>): Promise<T> {
    this.hold();
    this.#calls.add(over);
    try {
      return await work();
    } finally {
      this.#calls.delete(over);
      this.release();
    }
  }
  hold(): void {
    if (this.#users++ === 0 && !this.#beat) this.#plan();
  }
  release(): void {
    this.#users--;
  }
  close(): void {
    this.#beat?.cancel();
    this.channel.close();
  }

  #plan(): void {
    this.#beat = this.#clock.setTimer(BEAT, () => {
      this.#beat = undefined;
      if (this.#users > 0) void this.#listen();
    });
  }
  async #listen(): Promise<void> {
    try {
      const error = () => new GrpcError("DEADLINE_EXCEEDED", `${this.url} does not answer`);
      const request = { key: "/", serializable: true, countOnly: true };
      const { header } = await withDeadline({ clock: this.#clock, after: SIGN_OF_LIFE, error }, (signal) =>
        this.channel.call(RANGE, request, { signal }),
      );
      this.#follow(header?.term ?? 0);
    } catch (error) {
      // a refusal is a sign of life, too
      if (outcomeOf(error) !== "refused") this.#dead((error as Error).message);
    }
    if (!this.#beat) this.#plan();
  }
  #dead(why: string): void {
    this.shunnedUntil = this.#clock.elapsed() + SHUNNED;
    this.channel.drop(why);
  }
  #follow(term: number): void {
    const isNew = this.#term !== 0 && term > this.#term;
    this.#term = term;
    if (!isNew || this.#calls.size === 0) return;
    const calls = [...this.#calls];
    this.#clock.setTimer(GRACE, () => {
      for (const call of calls) call.abort(new GrpcError("ABORTED", `${this.url} has seen its leader change`));
    });
  }
}

/** Several members of one etcd, of which one that answers is used. */
export class EtcdConnection {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #endpoints: readonly Endpoint[];
  /** so that a call's time does not begin while thousands are before it */
  readonly #turns = new Turns(AT_ONCE);
  #current = 0;
  #closed = false;

  constructor(options: EtcdAccess & { clock: Clock; logger: Logger }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#endpoints = options.endpoints.map((url) => new Endpoint(url, options.tls, options.clock));
  }
  get urls(): readonly string[] {
    return this.#endpoints.map(({ url }) => url);
  }

  /** A call that may be made any number of times: tried at one member after the other until one answers. */
  read<Q, R>(method: Method<Q, R>, request: Encodable<Q>, attempt = ATTEMPT): Promise<R> {
    return this.#turns.take(() => this.#try(method, request, { again: mayBeReadAgain, attempt }));
  }
  /** A call that may be made once: tried elsewhere only when it certainly was not seen. */
  write<Q, R>(method: Method<Q, R>, request: Encodable<Q>): Promise<R> {
    const again = (error: unknown) => outcomeOf(error) === "unseen";
    return this.#turns.take(() => this.#try(method, request, { again, attempt: ATTEMPT }));
  }
  /** A call of one member, by its place in `urls`, which may keep it from answering anyone meanwhile. */
  at<Q, R>(index: number, method: Method<Q, R>, request: Encodable<Q>, within = ATTEMPT): Promise<R> {
    const endpoint = this.#endpoints[index]!;
    const error = () => {
      const late = lateness(endpoint, within);
      endpoint.channel.drop(late.message); // it may be the connection that is dead: the next call makes another
      return late;
    };
    return withDeadline({ clock: this.#clock, after: within, error }, (signal) =>
      endpoint.channel.call(method, request, { headers: HEADERS, signal }),
    );
  }
  /** The answers of a server-streaming call of the member in use. */
  stream<Q, R>(method: Method<Q, R>, request: Encodable<Q>, options: CallOptions): AsyncGenerator<R> {
    return this.#endpoints[this.#current]!.channel.stream(method, request, options);
  }
  /** A call both ways with the member in use; when it breaks, the next one goes to another. */
  async duplex<Q, R>(method: Method<Q, R>, signal: AbortSignal): Promise<DuplexCall<Q, R>> {
    const endpoint = this.#endpoints[this.#current]!;
    endpoint.hold();
    try {
      const error = () => lateness(endpoint, ATTEMPT);
      const call = await withDeadline({ clock: this.#clock, after: ATTEMPT, error, signal }, (within) =>
        endpoint.channel.duplex(method, { headers: HEADERS, signal: within }),
      );
      return { send: call.send, responses: this.#guarded(endpoint, call.responses) };
    } catch (error) {
      endpoint.release();
      this.#turnAway(endpoint, error);
      throw error;
    }
  }
  close(): void {
    this.#closed = true;
    for (const endpoint of this.#endpoints) endpoint.close();
  }

  async *#guarded<R>(endpoint: Endpoint, responses: AsyncGenerator<R>): AsyncGenerator<R> {
    try {
      yield* responses;
    } catch (error) {
      this.#turnAway(endpoint, error);
      throw error;
    } finally {
      endpoint.release();
    }
  }

  async #try<Q, R>(
    method: Method<Q, R>,
    request: Encodable<Q>,
    options: { again: (error: unknown) => boolean; attempt: number },
  ): Promise<R> {
    const until = this.#clock.elapsed() + Math.max(WITHIN, options.attempt);
    for (let tries = 1; ; tries++) {
      const endpoint = this.#endpoints[this.#current]!;
      try {
        return await this.#attempt(endpoint, method, request, options.attempt);
      } catch (error) {
        if (this.#closed || !(error instanceof GrpcError)) throw error;
        if (mayBeReadAgain(error) && error.code !== "ABORTED") this.#turnAway(endpoint, error);
        if (!options.again(error) || this.#clock.elapsed() + PAUSE > until) throw error;
      }
      // One after the other at once; a pause when all have been asked.
      if (tries % this.#endpoints.length === 0) await this.#clock.sleep(PAUSE);
    }
  }
  async #attempt<Q, R>(endpoint: Endpoint, method: Method<Q, R>, request: Encodable<Q>, within: number): Promise<R> {
    const over = new AbortController();
    const timer = this.#clock.setTimer(within, () => over.abort(lateness(endpoint, within)));
    const call = () => endpoint.channel.call(method, request, { headers: HEADERS, signal: over.signal });
    try {
      return await endpoint.use(over, call);
    } finally {
      timer.cancel();
    }
  }

  /** Uses another member from now on, the first in order that has not failed lately. */
  #turnAway(endpoint: Endpoint, error: unknown): void {
    if (this.#closed) return;
    endpoint.shunnedUntil = this.#clock.elapsed() + SHUNNED;
    if (this.#endpoints[this.#current] !== endpoint || this.#endpoints.length === 1) return;
    const order = this.#endpoints.map((_, i) => (this.#current + 1 + i) % this.#endpoints.length);
    const now = this.#clock.elapsed();
    this.#current = order.find((i) => this.#endpoints[i]!.shunnedUntil <= now) ?? order[0]!;
    const to = this.#endpoints[this.#current]!.url;
    this.#logger.warn("turning to another etcd member", { from: endpoint.url, to, error: (error as Error).message });
  }
}

function lateness({ url }: Endpoint, within: number): GrpcError {
  return new GrpcError("DEADLINE_EXCEEDED", `${url} did not answer within ${within / 1000} s`);
}
