import type { Pod } from "../../api/core/v1/index.ts";
import type { Alarm } from "./alarm.ts";
import { retryDelay } from "./alarm.ts";
import type { NodeServices } from "./node.ts";

const RETRY_LAST = 120_000;

/** Whose volumes they are. */
export interface VolumeOwner {
  pod(): Pod;
  alarm: Alarm;
  /** aborted when the pod is to end: what is under way is given up */
  life: AbortSignal;
  /** it is time to try once more */
  again(): void;
}

/** Prepares the volumes of one pod, again and again until that succeeds, and renews what they show. */
export class VolumeKeeper {
  readonly #node: NodeServices;
  readonly #owner: VolumeOwner;
  #attempt: Promise<void> | undefined;
  #trouble = 0;
  #renewAt = Number.POSITIVE_INFINITY;

  constructor(node: NodeServices, owner: VolumeOwner) {
    this.#node = node;
    this.#owner = owner;
  }

  /** What they show has changed: whoever needs them next prepares them anew. */
  outdate(): void {
    this.#attempt = undefined;
  }

  /** Whoever needs them waits for the same attempt. Rejects when it fails, which is told and tried again from here. */
  ensure(): Promise<void> {
    if (this.#node.clock.now() >= this.#renewAt) this.outdate();
    this.#attempt ??= this.#prepare();
    return this.#attempt;
  }

  #prepare(): Promise<void> {
    const node = this.#node;
    const { alarm, life, again } = this.#owner;
    const pod = this.#owner.pod();
    const facts = node.facts(pod, node.cache.get(pod.metadata.uid!)?.sandboxes[0]?.ips ?? []);
    const attempt = node.volumes.prepare(pod, facts, life).then((renewAt) => {
      this.#trouble = 0;
      this.#renewAt = renewAt ?? Number.POSITIVE_INFINITY;
      if (renewAt) alarm.at(renewAt);
    });
    attempt.catch((error: unknown) => {
      if (life.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      node.recorder.event(this.#owner.pod(), "Warning", "FailedMount", message);
      // The next try begins when its time has come, or when what was missing appears.
      node.clock.setTimer(retryDelay(this.#trouble++, RETRY_LAST), () => {
        if (this.#attempt === attempt) again();
      });
    });
    return attempt;
  }
}
