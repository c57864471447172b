import assert from "node:assert/strict";
import { test } from "node:test";
import { countIndexes, parseIndexes, readIndexes, writeIndexes } from "./indexes.ts";

test("writes what it reads", () => {
  for (const text of ["", "0", "1,2", "1,3-5,7", "0-9,11,12,14-99"]) {
    assert.equal(writeIndexes(readIndexes(text, 100)), text);
    assert.equal(countIndexes(parseIndexes(text, 100)), readIndexes(text, 100).size);
  }
});

test("refuses what is no set of indexes, in the words of Kubernetes", () => {
  for (const [text, message] of [
    [
      "1-2-3",
      `the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by '-'`,
    ],
    ["a", 'cannot convert string to integer for index: "a"'],
    ["3-10", 'too large index: "10"'],
    ["3-2", "non-increasing order, previous: 3, current: 2"],
    ["1,1", "non-increasing order, previous: 1, current: 1"],
  ] as const) {
    assert.throws(() => parseIndexes(text, 10), { message });
  }
});

test("leaves out indexes that a Job no longer has", () => {
  assert.deepEqual([...readIndexes("0,2-7", 4)], [0, 2, 3]);
});
