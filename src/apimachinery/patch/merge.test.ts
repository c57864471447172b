import assert from "node:assert/strict";
import { test } from "node:test";
import { deepFreeze } from "../freeze.ts";
import { applyMergePatch } from "./merge.ts";

test("objects merge, null removes, everything else replaces", () => {
  const document = deepFreeze({ a: { b: 1, c: 2 }, list: [1, 2], d: "x" });
  const patched = applyMergePatch(document, { a: { b: null, e: { f: null, g: 3 } }, list: [9], d: { h: 1 } });
  assert.deepEqual(patched, { a: { c: 2, e: { g: 3 } }, list: [9], d: { h: 1 } });
  assert.deepEqual(document.a, { b: 1, c: 2 });
});

test("a patch that is no object is refused", () => {
  assert.throws(() => applyMergePatch({}, [1]), {
    code: 400,
    message: "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
  });
});
