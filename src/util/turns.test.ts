import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns, TurnsByKey } from "./turns.ts";

test("lets so many work at a time, in the order in which they came, whatever becomes of each", async () => {
  const turns = new Turns(3);
  let now = 0;
  let most = 0;
  const order: number[] = [];
  const all = Array.from({ length: 2_500 }, (_, i) =>
    turns.take(async () => {
      most = Math.max(most, ++now);
      order.push(i);
      await Promise.resolve();
      now--;
      if (i % 7 === 0) throw new Error("no");
    }),
  );
  await Promise.allSettled(all);
  assert.equal(most, 3);
  assert.deepEqual(
    order,
    Array.from({ length: 2_500 }, (_, i) => i),
  );
  assert.equal(await turns.take(async () => "again"), "again");
});

test("under one key one after another, whatever becomes of each; other keys go on", async () => {
  const turns = new TurnsByKey();
  const order: string[] = [];
  const { promise: held, resolve } = Promise.withResolvers<void>();
  const first = turns.take("a", async () => {
    await held;
    order.push("a1");
    throw new Error("no");
  });
  const second = turns.take("a", async () => {
    order.push("a2");
    return 2;
  });
  await turns.take("b", async () => void order.push("b"));
  resolve();
  await assert.rejects(first, /no/);
  assert.equal(await second, 2);
  assert.deepEqual(order, ["b", "a1", "a2"]);
});
