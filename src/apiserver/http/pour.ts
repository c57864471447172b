import { StatusError } from "../../apimachinery/status.ts";
import type { Clock } from "../../util/clock.ts";
import type { WatchNotice } from "../cache/watcher.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import type { Sink } from "./exchange.ts";
import type { Accepted } from "./negotiate.ts";
import { errorFrame, frameOf } from "./watchStream.ts";

/** Two writes to one watcher are at least this far apart; an event after a pause goes out at once. */
const PAUSE = 5;
const MOST_FRAMES = 512;

/**
 * Decides when watchers are written to: at the end of the turn of the event loop in which something came, or, for those
 * that have just been written to, a few milliseconds later together with whatever else has come by then. Under load
 * many events so become one write, and the bytes of watchers that see the same are joined once.
 */
class Flusher {
  #soon: (() => void)[] = [];
  #later: (() => void)[] = [];
  #joined = new Map<Uint8Array, { frames: readonly Uint8Array[]; bytes: Uint8Array }>();

  atEndOfTurn(flush: () => void): void {
    if (this.#soon.length === 0) setImmediate(() => this.#run(this.#soon.splice(0)));
    this.#soon.push(flush);
  }
  afterPause(clock: Clock, flush: () => void): void {
    if (this.#later.length === 0) clock.setTimer(PAUSE, () => this.#run(this.#later.splice(0)));
    this.#later.push(flush);
  }
  #run(flushes: readonly (() => void)[]): void {
    for (const flush of flushes) flush();
    this.#joined.clear();
  }
  join(frames: readonly Uint8Array[]): Uint8Array {
    const [first] = frames;
    if (frames.length === 1) return first!;
    const known = this.#joined.get(first!);
    if (known && same(known.frames, frames)) return known.bytes;
    const bytes = Buffer.concat(frames);
    this.#joined.set(first!, { frames, bytes });
    return bytes;
  }
}

const flusher = new Flusher();

function same(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((frame, i) => frame === b[i]);
}

/** Writes a watch to `sink` until it ends, at the reader's pace. */
export function pour(
  call: Call,
  answer: Answer & { type: "watch" },
  to: { accepted: Accepted; sink: Sink; clock: Clock },
): Promise<void> {
  const { accepted, sink, clock } = to;
  const { watcher } = answer;
  const frame = frameOf(call, answer, accepted);
  const { promise, resolve } = Promise.withResolvers<void>();
  let rest: readonly WatchNotice[] = [];
  let written = 0;
  const ready = () => {
    if (clock.now() - written < PAUSE) flusher.afterPause(clock, flush);
    else flusher.atEndOfTurn(flush);
  };
  const flush = () => {
    for (;;) {
      const batch = rest.length > 0 ? rest : watcher.take();
      if (batch === undefined) return watcher.whenReady(ready);
      if (batch === "ended") return resolve();
      const failed = batch instanceof StatusError;
      const frames = failed ? [errorFrame(batch, accepted)] : batch.slice(0, MOST_FRAMES).map(frame);
      rest = failed ? [] : batch.slice(MOST_FRAMES);
      written = clock.now();
      const full = sink.write(flusher.join(frames));
      if (full) {
        void full.then(flush);
        return;
      }
    }
  };
  watcher.whenReady(ready);
  return promise;
}
