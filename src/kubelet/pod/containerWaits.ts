import type { Pod } from "../../api/core/v1/index.ts";
import type { Alarm } from "./alarm.ts";
import { describe, StartFailure } from "./containerStarter.ts";
import type { NodeServices } from "./node.ts";
import { newest, type RuntimeContainer, type RuntimePod } from "./runtimePod.ts";
import { formatPod } from "./spec.ts";

const RETRY_FIRST = 2000;
const RETRY_LAST = 300_000;

/** As a container's status shows it. */
interface Reason {
  reason: string;
  message: string;
}

/** Whose containers they are. */
export interface WaitsOwner {
  pod(): Pod;
  alarm: Alarm;
  wake(): void;
}

/** Why containers of one pod do not run, and when each may be tried again. */
export class ContainerWaits {
  readonly #node: NodeServices;
  readonly #owner: WaitsOwner;
  readonly #reasons = new Map<string, Reason>();
  readonly #retryAt = new Map<string, number>();
  readonly #toldUntil = new Map<string, number>();
  readonly #failures = new Map<string, number>();

  constructor(node: NodeServices, owner: WaitsOwner) {
    this.#node = node;
    this.#owner = owner;
  }

  get reasons(): ReadonlyMap<string, Reason> {
    return this.#reasons;
  }

  /** When a container may be started, after its last run. */
  until(name: string, last: RuntimeContainer | undefined): number {
    return Math.max(this.#retryAt.get(name) ?? 0, this.#crashedUntil(name, last));
  }

  #crashedUntil(name: string, last: RuntimeContainer | undefined): number {
    return last ? this.#node.crashes.retryAt(this.#key(name), last.finishedAt) : 0;
  }
  #key(name: string): string {
    return `${this.#owner.pod().metadata.uid}/${name}`;
  }

  /** Takes in which containers a plan lets wait; of crashes it tells once for each back-off. */
  note(waiting: readonly { name: string; until: number }[], runtime: RuntimePod): void {
    const { clock, crashes, recorder } = this.#node;
    const pod = this.#owner.pod();
    for (const { name, until } of waiting) {
      this.#owner.alarm.at(until);
      if (this.#crashedUntil(name, newest(runtime, name)) <= clock.now()) continue;
      const delay = formatDelay(crashes.delayOf(this.#key(name)));
      const message = `back-off ${delay} restarting failed container=${name} pod=${formatPod(pod)}`;
      this.#reasons.set(name, { reason: "CrashLoopBackOff", message });
      if (this.#toldUntil.get(name) === until) continue;
      this.#toldUntil.set(name, until);
      const text = `Back-off restarting failed container ${name} in pod ${formatPod(pod)}`;
      recorder.event(pod, "Warning", "BackOff", text, { fieldPath: `spec.containers{${name}}` });
    }
  }

  /** It is started once more after its last run. */
  again(name: string, last: RuntimeContainer | undefined): void {
    if (last?.state === "exited") this.#node.crashes.restarted(this.#key(name), last.finishedAt);
  }
  started(name: string): void {
    this.#reasons.delete(name);
    this.#retryAt.delete(name);
  }

  startFailed(name: string, error: unknown): void {
    const reason = error instanceof StartFailure ? error.reason : "RunContainerError";
    if (error instanceof StartFailure && error.created) {
      // It counts as a container that ended: its restart policy and the crash back-off say what comes next.
      this.#reasons.set(name, { reason, message: describe(error) });
      this.#owner.wake();
      return;
    }
    const tries = (this.#failures.get(name) ?? 0) + 1;
    this.#failures.set(name, tries);
    const delay = Math.min(RETRY_LAST, RETRY_FIRST * 2 ** Math.min(tries, 8));
    this.failed(name, { reason, message: describe(error) }, this.#node.clock.now() + delay);
  }

  failed(name: string, why: Reason, retryAt: number): void {
    this.#reasons.set(name, why);
    this.#retryAt.set(name, retryAt);
    this.#owner.alarm.at(retryAt);
  }

  /** What a container could not be made of may be there now. */
  referenceChanged(): void {
    for (const name of [...this.#retryAt.keys()]) {
      if (this.#reasons.get(name)?.reason === "CreateContainerConfigError") this.#retryAt.delete(name);
    }
  }
}

/** As Go prints durations: 10s, 1m20s, 5m0s. */
export function formatDelay(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
