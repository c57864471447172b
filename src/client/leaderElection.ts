import { Lease, type LeaseSpec } from "../api/coordination/v1/index.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../apimachinery/status.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import type { Client } from "./client.ts";
import { fenceOf } from "./fence.ts";

export interface LeaderElectionOptions {
  client: Client;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** the Lease that stands for the leadership */
  namespace: string;
  name: string;
  /** who we are, unlike any other candidate */
  identity: string;
  /** Begins the identities of processes that are certainly gone since we run: what they held is not waited for. */
  predecessors?: string;
  /** A client whose writes carry this fence. With it, a term begins by telling the store that earlier ones are over. */
  fenced?(fence: string): Client;
  /** ms; defaults 15,000, 10,000 and 2,000, as for Kubernetes' components */
  leaseDuration?: number;
  renewDeadline?: number;
  retryPeriod?: number;
}

export interface LeaderElection {
  readonly leading: boolean;
  /** Who led when last looked. */
  readonly leader: string | undefined;
  /**
   * Calls `lead` while leading, until `signal` aborts. `lead`'s own signal aborts when the leadership is lost, at the
   * latest when the Lease has not been renewed for `renewDeadline` by our own clock: before anyone else may take over.
   */
  run(lead: Lead, signal: AbortSignal): Promise<void>;
}

/** `fence` names the term in the leader's writes (`fencedTransport`). */
export type Lead = (signal: AbortSignal, fence: string) => Promise<void>;

type Options = LeaderElectionOptions &
  Required<Pick<LeaderElectionOptions, "leaseDuration" | "renewDeadline" | "retryPeriod">>;

const microTime = (ms: number) => new Date(ms).toISOString().replace(/Z$/, "000Z");

class Election implements LeaderElection {
  readonly #options: Options;
  /** the Lease as last seen, and when it was first seen so, by our clock: other machines' clocks are not believed */
  #seen: { lease: Lease; at: number } | undefined;
  #leading = false;

  constructor(options: LeaderElectionOptions) {
    this.#options = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000, ...options };
  }
  get leading(): boolean {
    return this.#leading;
  }
  get leader(): string | undefined {
    return this.#seen?.lease.spec.holderIdentity || undefined;
  }

  async run(lead: Lead, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const acquired = await this.#acquire(signal);
      if (acquired === undefined) return;
      const fence = fenceOf(this.#seen!.lease);
      if (await this.#begin(fence)) await this.#lead((ends) => lead(ends, fence), acquired, signal);
      else await this.#options.clock.pause(this.#options.retryPeriod, signal);
    }
  }

  /** Ends all earlier terms: renews the Lease under the new one, after which the store takes no write of theirs. */
  async #begin(fence: string): Promise<boolean> {
    const { fenced, clock, renewDeadline, identity, logger } = this.#options;
    if (!fenced) return true;
    const began = clock.elapsed();
    for (;;) {
      if (await this.#try(fenced(fence))) return fenceOf(this.#seen!.lease) === fence;
      if (this.leader !== identity || clock.elapsed() - began > renewDeadline / 2) {
        logger.warn("the term could not be begun", { leader: this.leader });
        return false;
      }
      await clock.sleep(this.#options.retryPeriod / 4);
    }
  }

  /** Answers since when the Lease is ours. */
  async #acquire(signal: AbortSignal): Promise<number | undefined> {
    const { clock, logger, identity, name } = this.#options;
    while (!signal.aborted) {
      const started = clock.elapsed();
      if (await this.#try()) {
        logger.info("leading", { identity, lease: name });
        return started;
      }
      await this.#wait(signal);
    }
    return undefined;
  }

  /** Until it is worth another try: the Lease is let go or has run out; or after a while, if we cannot watch it. */
  async #wait(signal: AbortSignal): Promise<void> {
    const { clock, random, retryPeriod } = this.#options;
    const retry = retryPeriod * (1 + 1.2 * random.next());
    if (this.#remaining() <= 0) return clock.pause(retry, signal);
    const over = new AbortController();
    const ends = AbortSignal.any([signal, over.signal]);
    await Promise.race([
      this.#runOut(ends),
      this.#letGo(ends).then((is) => (is ? undefined : clock.pause(retry, ends))),
    ]);
    over.abort();
  }
  async #runOut(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#remaining() > 0) await this.#options.clock.pause(this.#remaining(), signal);
  }
  /** Follows the Lease until nobody holds it; false: it could not be watched any longer. */
  async #letGo(signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name, logger } = this.#options;
    const { resourceVersion } = this.#seen!.lease.metadata;
    const watch = { namespace, fieldSelector: `metadata.name=${name}`, resourceVersion };
    try {
      for await (const { type, object } of client.watch(Lease, watch, signal)) {
        if (object.metadata.name !== name) continue;
        if (type === "DELETED") return true;
        this.#look(object);
        if (this.#remaining() <= 0) return true;
      }
    } catch (error) {
      if (!signal.aborted) logger.debug("lease not watched", { error: (error as Error).message });
    }
    return false;
  }
  /** For how long the Lease is another's, in ms, as far as we have seen. */
  #remaining(): number {
    const { identity, predecessors, clock, leaseDuration } = this.#options;
    if (!this.#seen) return 0;
    const { holderIdentity: holder, leaseDurationSeconds } = this.#seen.lease.spec;
    if (!holder || holder === identity) return 0;
    if (predecessors !== undefined && holder.startsWith(predecessors)) return 0;
    const duration = leaseDurationSeconds === undefined ? leaseDuration : leaseDurationSeconds * 1000;
    return Math.max(0, this.#seen.at + duration - clock.elapsed());
  }

  async #lead(lead: (signal: AbortSignal) => Promise<void>, acquired: number, signal: AbortSignal): Promise<void> {
    const term = new AbortController();
    const ends = AbortSignal.any([signal, term.signal]);
    this.#leading = true;
    const work = lead(ends).finally(() => term.abort(new Error("leading ended")));
    try {
      await this.#renew(acquired, ends);
    } finally {
      this.#leading = false;
      term.abort(new Error("leadership lost"));
      await work;
    }
    if (signal.aborted) await this.#release();
  }

  /** Returns when leadership is lost or `signal` aborts. */
  async #renew(acquired: number, signal: AbortSignal): Promise<void> {
    const { clock, retryPeriod, renewDeadline, logger } = this.#options;
    let renewed = acquired;
    while (!signal.aborted) {
      await clock.pause(retryPeriod, signal);
      if (signal.aborted) return;
      const deadline = clock.sleep(Math.max(0, renewed + renewDeadline - clock.elapsed()), signal);
      const started = clock.elapsed();
      const ok = await Promise.race([this.#try(), deadline.then(() => false).catch(() => false)]);
      if (ok) renewed = started;
      else if (clock.elapsed() - renewed >= renewDeadline || this.leader !== this.#options.identity) {
        logger.warn("leadership lost", { leader: this.leader });
        return;
      }
    }
  }

  /** Takes or renews the Lease; answers whether it is ours. */
  async #try(client = this.#options.client): Promise<boolean> {
    const { namespace, name, logger } = this.#options;
    try {
      if (await this.#renewOwn(client)) return true;
      const lease = await client.get(Lease, { namespace, name });
      this.#look(lease);
      if (this.#remaining() > 0) return false;
      this.#look(await client.update(Lease, { ...lease, spec: this.#claim(lease.spec) }));
      return true;
    } catch (error) {
      if (isNotFound(error)) return this.#create();
      if (!isConflict(error)) logger.debug("lease not renewed", { error: (error as Error).message });
      return false;
    }
  }

  /** Without a look: what is ours, nobody else has written. False: somebody has. */
  async #renewOwn(client: Client): Promise<boolean> {
    const lease = this.#seen?.lease;
    if (lease?.spec.holderIdentity !== this.#options.identity) return false;
    try {
      this.#look(await client.update(Lease, { ...lease, spec: this.#claim(lease.spec) }));
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  async #create(): Promise<boolean> {
    const { client, namespace, name, logger } = this.#options;
    try {
      const spec = this.#claim({});
      this.#look(await client.create(Lease, { metadata: { namespace, name }, spec: { ...spec, leaseTransitions: 0 } }));
      return true;
    } catch (error) {
      if (!isAlreadyExists(error)) logger.debug("lease not created", { error: (error as Error).message });
      return false;
    }
  }

  #look(lease: Lease): void {
    if (this.#seen?.lease.metadata.resourceVersion === lease.metadata.resourceVersion) return;
    this.#seen = { lease, at: this.#options.clock.elapsed() };
  }

  /** The Lease as ours. */
  #claim(spec: LeaseSpec): LeaseSpec {
    const { identity, clock, leaseDuration } = this.#options;
    const now = clock.now();
    const ours = spec.holderIdentity === identity;
    return {
      ...spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDuration / 1000),
      acquireTime: ours ? spec.acquireTime : microTime(now),
      renewTime: microTime(now),
      leaseTransitions: (spec.leaseTransitions ?? 0) + (ours ? 0 : 1),
    };
  }

  /** Lets go at once, so that the next leader need not wait. */
  async #release(): Promise<void> {
    const lease = this.#seen?.lease;
    if (!lease || lease.spec.holderIdentity !== this.#options.identity) return;
    const spec = { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1 };
    await this.#options.client.update(Lease, { ...lease, spec }).catch((error) => {
      this.#options.logger.debug("lease not released", { error: (error as Error).message });
    });
  }
}

export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  return new Election(options);
}
