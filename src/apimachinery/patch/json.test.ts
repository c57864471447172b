import assert from "node:assert/strict";
import { test } from "node:test";
import { deepFreeze } from "../freeze.ts";
import { StatusError } from "../status.ts";
import { applyJsonPatch } from "./json.ts";

const document = deepFreeze({ metadata: { name: "web", labels: { app: "web", "a/b": "c" } }, list: [1, 2, 3] });

const refusal = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return `${error.code} ${error.reason}`;
  }
  return "applied";
};

test("adds, replaces and removes where the pointer says, and leaves the original alone", () => {
  const patched = applyJsonPatch(document, [
    { op: "add", path: "/metadata/labels/tier", value: "front" },
    { op: "replace", path: "/metadata/labels/a~1b", value: "d" },
    { op: "remove", path: "/list/0" },
    { op: "add", path: "/list/-", value: 4 },
    { op: "add", path: "/list/1", value: 9 },
  ]);
  assert.deepEqual(patched, {
    metadata: { name: "web", labels: { app: "web", "a/b": "d", tier: "front" } },
    list: [2, 9, 3, 4],
  });
  assert.deepEqual(document.list, [1, 2, 3]);
});

test("copies and moves values", () => {
  const patched = applyJsonPatch(document, [
    { op: "copy", from: "/metadata/labels/app", path: "/metadata/labels/copy" },
    { op: "move", from: "/metadata/labels/app", path: "/metadata/labels/moved" },
  ]);
  assert.deepEqual(patched, {
    metadata: { name: "web", labels: { "a/b": "c", copy: "web", moved: "web" } },
    list: [1, 2, 3],
  });
});

test("replaces a key that is not there", () => {
  assert.deepEqual(applyJsonPatch({ a: 1 }, [{ op: "replace", path: "/b", value: 2 }]), { a: 1, b: 2 });
});

test("counts negative positions from the end", () => {
  assert.deepEqual(applyJsonPatch({ l: [1, 2, 3] }, [{ op: "remove", path: "/l/-1" }]), { l: [1, 2] });
});

test("shares what was not touched", () => {
  const patched = applyJsonPatch(document, [{ op: "add", path: "/metadata/x", value: 1 }]) as typeof document;
  assert.equal(patched.list, document.list);
  assert.equal(patched.metadata.labels, document.metadata.labels);
});

test("a patch that does not apply is a 422 without a reason why", () => {
  const patches = [
    [{ op: "test", path: "/metadata/name", value: "other" }],
    [{ op: "remove", path: "/metadata/nothing" }],
    [{ op: "replace", path: "/list/7", value: 1 }],
    [{ op: "explode", path: "/metadata/name" }],
    [{ op: "add", path: "/list/7", value: 1 }],
    [{ op: "add", path: "/no/such/way", value: 1 }],
    [{ op: "add", path: "", value: {} }],
  ];
  for (const patch of patches) {
    assert.equal(
      refusal(() => applyJsonPatch(document, patch)),
      "422 Invalid",
      JSON.stringify(patch),
    );
  }
});

test("what is no list of operations is a 400", () => {
  assert.throws(() => applyJsonPatch(document, { a: 1 }), {
    message: "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
  });
  assert.equal(
    refusal(() => applyJsonPatch(document, ["x"])),
    "400 BadRequest",
  );
});

test("refuses more operations than Kubernetes takes", () => {
  const many = Array.from({ length: 10_001 }, () => ({ op: "test", path: "/list/0", value: 1 }));
  assert.equal(
    refusal(() => applyJsonPatch(document, many)),
    "413 RequestEntityTooLarge",
  );
});
