import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../util/random.ts";
import { choose, type Expander, isExpander, type Offer } from "./expander.ts";

const offer = (id: string, by: number, pods: number, waste: number): Offer =>
  ({ group: { id }, by, pods: Array(pods).fill({}), waste }) as unknown as Offer;
const OFFERS = [offer("large", 1, 5, 0.5), offer("small", 5, 5, 0.1), offer("odd", 1, 1, 0), offer("also", 5, 5, 0.1)];
const chosen = (...expanders: Expander[]) => choose(OFFERS, expanders, seededRandom(1))?.group.id;

test("expanders leave what they think best, one after the other; then the name decides", () => {
  assert.equal(chosen("most-pods", "least-waste"), "also");
  assert.equal(chosen("least-waste"), "odd");
  assert.equal(chosen("most-pods", "least-nodes"), "large");
  assert.equal(chosen(), "also");
  assert.equal(choose([], ["random"], seededRandom(1)), undefined);
});

test("chance decides evenly, and the same way for the same seed", () => {
  const random = seededRandom(7);
  const counts = new Map<string, number>();
  for (let i = 0; i < 400; i++) {
    const { id } = choose(OFFERS, ["random"], random)!.group;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (const { group } of OFFERS) assert.ok(counts.get(group.id)! > 60, `${group.id}: ${counts.get(group.id)}`);
  assert.equal(chosen("random"), chosen("random"));
});

test("names are known exactly", () => {
  assert.deepEqual(["random", "toString", "Random"].map(isExpander), [true, false, false]);
});
