import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "./clock.ts";
import { withDeadline } from "./deadline.ts";

/** Work that nobody finishes: it ends when it is given up. */
const endless = (signal?: AbortSignal) =>
  new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));

test("work whose time is over is given up, with the reason for it", async () => {
  const clock = new VirtualClock();
  const done = withDeadline({ clock, after: 1000, error: () => new Error("too late") }, endless);
  clock.step(1000 + clock.now());
  await assert.rejects(done, /too late/);
});

test("work that ends in time leaves no timer behind", async () => {
  const clock = new VirtualClock();
  const answer = await withDeadline({ clock, after: 1000, error: () => new Error("too late") }, async () => 7);
  assert.equal(answer, 7);
  assert.equal(clock.nextTimer(), undefined);
});

test("whoever waits may give it up earlier", async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const options = { clock, after: Number.POSITIVE_INFINITY, error: () => new Error("never"), signal: stop.signal };
  const done = withDeadline(options, endless);
  stop.abort(new Error("enough"));
  await assert.rejects(done, /enough/);
});
