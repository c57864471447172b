import type { TerminalSize } from "./remoteStatus.ts";

/** Terminal sizes as they come; only the newest matters, so one that was not yet read is replaced. */
export class Resizes implements AsyncIterable<TerminalSize> {
  #newest: TerminalSize | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  push(size: TerminalSize): void {
    this.#newest = size;
    this.#wake?.();
  }
  /** Takes a message of the resize channel: `{"Width":80,"Height":24}`. What is not one is passed over. */
  pushJson(text: string): void {
    try {
      const { Width, Height } = JSON.parse(text) as { Width?: unknown; Height?: unknown };
      if (typeof Width === "number" && typeof Height === "number") this.push({ width: Width, height: Height });
    } catch {
      // A size that cannot be read leaves the terminal as it is.
    }
  }
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }
  async *[Symbol.asyncIterator](): AsyncIterator<TerminalSize> {
    for (;;) {
      const size = this.#newest;
      this.#newest = undefined;
      if (size) yield size;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
