import { Pod, type PodStatus } from "../api/core/v1/index.ts";
import { isConflict, isNotFound } from "../apimachinery/status.ts";
import type { Client } from "../client/client.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import { statusPatch } from "./pod/statusPatch.ts";

interface Entry {
  /** the newest object the API has shown us */
  known: Pod;
  wanted?: PodStatus;
  writing?: Promise<void>;
}

export interface StatusWriterOptions {
  client: Client;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
}

/**
 * Carries pods' statuses to the API: at once, one write per pod at a time. What changes during a write is merged into
 * the next one, and what is already so is not written.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  /** Takes note of what the API has, by a watch or as an answer. */
  observe(pod: Pod): void {
    const entry = this.#entries.get(pod.metadata.uid!);
    if (!entry) this.#entries.set(pod.metadata.uid!, { known: pod });
    else if (isNewer(pod, entry.known)) entry.known = pod;
  }

  set(pod: Pod, status: PodStatus): void {
    this.observe(pod);
    const entry = this.#entries.get(pod.metadata.uid!)!;
    entry.wanted = status;
    entry.writing ??= this.#write(entry).finally(() => {
      entry.writing = undefined;
    });
  }

  /** The newest state of the pod that has been seen, its status included. */
  known(uid: string): Pod | undefined {
    return this.#entries.get(uid)?.known;
  }

  /** Writes what is wanted, then removes the pod from the API. */
  async finish(pod: Pod): Promise<void> {
    const { client, clock, signal, logger } = this.#options;
    const { namespace, name = "", uid } = pod.metadata;
    await this.#entries.get(uid!)?.writing;
    for (let delay = 100; !signal.aborted; delay = Math.min(delay * 2, 5000)) {
      try {
        return await client.delete(Pod, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return;
        logger.warn("pod could not be removed from the API", { pod: `${namespace}/${name}`, error });
        await clock.pause(delay, signal);
      }
    }
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  async #write(entry: Entry): Promise<void> {
    const { client, clock, signal, logger } = this.#options;
    let delay = 100;
    while (entry.wanted && !signal.aborted) {
      const status = entry.wanted;
      entry.wanted = undefined;
      const patch = statusPatch(entry.known.status, status);
      if (!patch) continue;
      const { namespace, name = "", uid } = entry.known.metadata;
      try {
        const body = { metadata: { uid }, status: patch };
        const answer = await client.patch(Pod, { namespace, name }, "strategic", body, { subresource: "status" });
        if (isNewer(answer, entry.known)) entry.known = answer;
        delay = 100;
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return;
        logger.warn("pod status could not be written", { pod: `${namespace}/${name}`, error });
        entry.wanted ??= status;
        await clock.pause(delay, signal);
        delay = Math.min(delay * 2, 5000);
      }
    }
  }
}

function isNewer(a: Pod, b: Pod): boolean {
  const [left, right] = [Number(a.metadata.resourceVersion ?? 0), Number(b.metadata.resourceVersion ?? 0)];
  return left >= right;
}
