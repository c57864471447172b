import type { Pod } from "../../api/core/v1/index.ts";
import { type Alarm, retryDelay } from "./alarm.ts";
import type { NodeServices } from "./node.ts";

const RETRY_LAST = 5000;

/** Has the devices of one pod's claims made ready, again and again until that succeeds. */
export class DeviceKeeper {
  readonly #node: NodeServices;
  readonly #owner: { pod(): Pod; alarm: Alarm; life: AbortSignal };
  #attempt: Promise<void> | undefined;
  #trouble = 0;
  #retryAt = 0;

  constructor(node: NodeServices, owner: { pod(): Pod; alarm: Alarm; life: AbortSignal }) {
    this.#node = node;
    this.#owner = owner;
  }

  /** Whoever needs them waits for the same attempt. Rejects when it fails, which is told and tried again from here. */
  ensure(): Promise<void> {
    if (this.#retryAt > 0 && this.#node.clock.now() >= this.#retryAt) this.#attempt = undefined;
    this.#attempt ??= this.#prepare();
    return this.#attempt;
  }

  async #prepare(): Promise<void> {
    const { devices, recorder, clock } = this.#node;
    const { pod, alarm, life } = this.#owner;
    this.#retryAt = 0;
    try {
      await devices.prepare(pod());
      this.#trouble = 0;
    } catch (error) {
      if (!life.aborted) {
        const message = `Failed to prepare dynamic resources: ${(error as Error).message}`;
        recorder.event(pod(), "Warning", "FailedPrepareDynamicResources", message);
        this.#retryAt = clock.now() + retryDelay(this.#trouble++, RETRY_LAST);
        alarm.at(this.#retryAt);
      }
      throw error;
    }
  }
}
