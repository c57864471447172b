import assert from "node:assert/strict";
import { test } from "node:test";
import { type Random, seededRandom } from "../../src/util/random.ts";
import { type Asked, checkRegister, type Operation } from "./checker.ts";

const read = (value: string | undefined): Asked => ({ type: "read", value });
const swap = (from: string | undefined, to: string, outcome: "done" | "refused" | "unknown" = "done"): Asked => ({
  type: "swap",
  from,
  to,
  outcome,
});
const op = (began: number, ended: number, asked: Asked, client = 0): Operation => ({ client, asked, began, ended });
const isFine = (...operations: Operation[]) => checkRegister(operations).linearizable;

test("accepts what one copy can have answered", () => {
  assert.ok(isFine());
  assert.ok(isFine(op(0, 1, read(undefined)), op(2, 3, swap(undefined, "a")), op(4, 5, read("a"))));
  assert.ok(isFine(op(0, 9, swap(undefined, "a")), op(1, 2, read(undefined), 1), op(3, 4, read("a"), 2)));
  assert.ok(isFine(op(0, 1, swap(undefined, "a")), op(2, 3, swap(undefined, "b", "refused"))));
});

test("refuses a read of what was replaced before the read began", () => {
  assert.ok(!isFine(op(0, 1, swap(undefined, "a")), op(2, 3, swap("a", "b")), op(4, 5, read("a"))));
  // while both were under way, one may be read after the other, but not before it again
  const writing = op(0, 9, swap(undefined, "a"));
  assert.ok(!isFine(writing, op(1, 2, read("a"), 1), op(3, 4, read(undefined), 2)));
});

test("refuses a lost write, and two winners of one swap", () => {
  assert.ok(!isFine(op(0, 1, swap(undefined, "a")), op(2, 3, read(undefined))));
  assert.ok(!isFine(op(0, 1, swap(undefined, "a")), op(2, 6, swap("a", "b")), op(2, 6, swap("a", "c"), 1)));
  assert.ok(!isFine(op(0, 1, swap(undefined, "a")), op(2, 3, swap("a", "b", "refused"))), "refused for no reason");
});

test("a write of unknown outcome may have happened, at any time after it began, or not", () => {
  const unknown = op(2, 3, swap("a", "b", "unknown"));
  const begin = op(0, 1, swap(undefined, "a"));
  assert.ok(isFine(begin, unknown, op(4, 5, read("a"), 1)));
  assert.ok(isFine(begin, unknown, op(4, 5, read("b"), 1)));
  assert.ok(isFine(begin, unknown, op(4, 5, read("a"), 1), op(6, 7, read("b"), 1)), "it came true late");
  assert.ok(!isFine(begin, unknown, op(4, 5, read("b"), 1), op(6, 7, read("a"), 1)), "it cannot be undone");
  assert.ok(!isFine(begin, op(1.2, 1.5, read("b"), 1), unknown), "it cannot be seen before it began");
});

test("says which operation fits nowhere", () => {
  const late = op(4, 5, read("a"), 7);
  const verdict = checkRegister([op(0, 1, swap(undefined, "a")), op(2, 3, swap("a", "b")), late]);
  assert.ok(!verdict.linearizable);
  assert.deepEqual([verdict.ordered, verdict.stuck, verdict.value], [2, late, "b"]);
});

type Bug = "none" | "stale reads" | "lost writes" | "two winners";

/** Clients of a register with real atomicity, and a bug now and then. */
function record(random: Random, clients: number, steps: number, bug: Bug): Operation[] {
  const history: Operation[] = [];
  const free = Array.from({ length: clients }, () => 0);
  let value: string | undefined;
  let previous: string | undefined;
  let now = 0;
  for (let i = 0; i < steps; i++) {
    const client = Math.floor(random.next() * clients);
    // The operation happens at `now`; it began earlier and is answered later, but never two of one client at once.
    now += random.next();
    const began = Math.max(free[client]!, now - 5 * random.next());
    const ended = now + 5 * random.next();
    if (began > now) continue;
    free[client] = ended;
    const buggy = random.next() < 0.2;
    if (random.next() < 0.5) {
      history.push(op(began, ended, read(bug === "stale reads" && buggy ? previous : value), client));
      continue;
    }
    const from = random.next() < 0.7 ? value : `${client}-${i}-other`;
    const to = `${client}-${i}`;
    const wins = from === value || (bug === "two winners" && buggy);
    const lost = bug === "lost writes" && buggy;
    const isUnknown = random.next() < 0.1;
    history.push(op(began, ended, swap(from, to, isUnknown ? "unknown" : wins ? "done" : "refused"), client));
    if (!wins || lost || (isUnknown && random.next() < 0.5)) continue;
    previous = value;
    value = to;
  }
  return history;
}

test("accepts every history of a register without bugs", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const verdict = checkRegister(record(seededRandom(seed), 6, 400, "none"));
    assert.ok(verdict.linearizable, `seed ${seed}: ${JSON.stringify(verdict)}`);
  }
});

for (const bug of ["stale reads", "lost writes", "two winners"] as const) {
  test(`finds ${bug} that were planted`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      assert.ok(!checkRegister(record(seededRandom(seed), 6, 400, bug)).linearizable, `seed ${seed}`);
    }
  });
}

test("is quick with long histories of many clients", () => {
  assert.ok(checkRegister(record(seededRandom(1), 12, 6_000, "none")).linearizable);
});
