import assert from "node:assert/strict";
import { test } from "node:test";
import { unifiedDiff } from "./unifiedDiff.ts";

const lines = (text: string) => text.split("");

test("equal texts do not differ", () => {
  assert.equal(unifiedDiff(lines("abc"), lines("abc")), "");
});

test("a changed line stands between three that are the same", () => {
  assert.equal(
    unifiedDiff(lines("abcdefghi"), lines("abcdXfghi")),
    "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+X\n f\n g\n h\n",
  );
});

test("changes far from each other are printed apart", () => {
  const [old, now] = [lines("a123456789b"), lines("X123456789Y")];
  assert.equal(unifiedDiff(old, now), "@@ -1,4 +1,4 @@\n-a\n+X\n 1\n 2\n 3\n@@ -8,4 +8,4 @@\n 7\n 8\n 9\n-b\n+Y\n");
});

test("added and removed lines are counted", () => {
  assert.equal(unifiedDiff(lines("ab"), lines("axb")), "@@ -1,2 +1,3 @@\n a\n+x\n b\n");
  assert.equal(unifiedDiff(lines("axb"), lines("ab")), "@@ -1,3 +1,2 @@\n a\n-x\n b\n");
});
