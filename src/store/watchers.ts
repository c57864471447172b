import type { Change } from "./backend.ts";

/** More than this waiting for one slow watcher is dropped: it reads the changes from the log again when it comes. */
const MAX_WAITING = 4096;

/** A watcher that has seen everything so far, and gets changes as they are published. */
export class LiveWatcher {
  readonly prefix: string;
  #waiting: Change[] = [];
  #wake: (() => void) | undefined;
  /** it missed changes and has to read the log */
  behind = false;

  constructor(prefix: string) {
    this.prefix = prefix;
  }
  offer(changes: readonly Change[]): void {
    if (this.behind) return;
    for (const change of changes) if (change.key.startsWith(this.prefix)) this.#waiting.push(change);
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting = [];
      this.behind = true;
    }
    if (this.behind || this.#waiting.length > 0) this.wake();
  }
  /** Everything that waits, once there is something, or nothing after `wake`. */
  async take(): Promise<readonly Change[]> {
    if (this.#waiting.length === 0 && !this.behind) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }
  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
