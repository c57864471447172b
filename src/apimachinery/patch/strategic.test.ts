import assert from "node:assert/strict";
import { test } from "node:test";
import { deepFreeze } from "../freeze.ts";
import { int32, list, map, message, string, struct } from "../schema.ts";
import { applyStrategicPatch } from "./strategic.ts";

const Port = message("x.Port", { port: int32(1), name: string(2) });
const Container = message("x.Container", {
  name: string(1),
  image: string(2),
  args: list(3, "string"),
  ports: list(4, Port).merge("port"),
});
const Strategy = message("x.Strategy", { type: string(1), rolling: map(2, "string") });
const Thing = message("x.Thing", {
  labels: map(1, "string"),
  finalizers: list(2, "string").merge(),
  containers: list(3, Container).merge("name"),
  strategy: struct(4, Strategy).patchStrategy("retainKeys"),
  volumes: list(5, Container).merge("name", "merge,retainKeys"),
});

const thing = deepFreeze({
  labels: { app: "web" },
  finalizers: ["a", "b"],
  containers: [
    { name: "one", image: "i:1", args: ["x"], ports: [{ port: 80, name: "http" }] },
    { name: "two", image: "j:1" },
  ],
  strategy: { type: "Rolling", rolling: { surge: "1" } },
});
const patched = (patch: unknown, document: unknown = thing) =>
  applyStrategicPatch(Thing, document, patch) as typeof thing;
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

test("merges items of keyed lists and replaces plain ones", () => {
  const { containers } = patched({ containers: [{ name: "one", args: ["y"], ports: [{ port: 81 }] }] });
  assert.deepEqual(containers[0], {
    name: "one",
    image: "i:1",
    args: ["y"],
    ports: [{ port: 81 }, { port: 80, name: "http" }],
  });
  assert.deepEqual(containers[1], thing.containers[1]);
});

test("new items stand where the patch puts them, before those it does not name", () => {
  assert.deepEqual(names(patched({ containers: [{ name: "new" }] }).containers), ["new", "one", "two"]);
});

test("$setElementOrder orders what it names and keeps the place of the rest", () => {
  const { containers } = patched({
    containers: [{ name: "new" }],
    "$setElementOrder/containers": [{ name: "two" }, { name: "new" }],
  });
  assert.deepEqual(names(containers), ["one", "two", "new"]);
});

test("$setElementOrder alone reorders", () => {
  const order = [{ name: "two" }, { name: "one" }];
  assert.deepEqual(names(patched({ "$setElementOrder/containers": order }).containers), ["two", "one"]);
});

test("a patch must keep to its own order", () => {
  const patch = {
    containers: [{ name: "two" }, { name: "one" }],
    "$setElementOrder/containers": [{ name: "one" }, { name: "two" }],
  };
  assert.throws(() => patched(patch), { code: 500, message: /doesn't match \$setElementOrder list/ });
});

test("$patch: delete takes an item out, $patch: replace the whole list", () => {
  assert.deepEqual(names(patched({ containers: [{ name: "one", $patch: "delete" }] }).containers), ["two"]);
  const { containers } = patched({ containers: [{ name: "only" }, { $patch: "replace" }] });
  assert.deepEqual(names(containers), ["only"]);
});

test("$patch: replace and delete on objects", () => {
  assert.deepEqual(patched({ labels: { $patch: "replace", only: "this" } }).labels, { only: "this" });
  assert.deepEqual(patched({ labels: { $patch: "delete" } }).labels, {});
});

test("an object with a directive that has nothing to act on is dropped", () => {
  assert.deepEqual(patched({ labels: { $patch: "replace", only: "this" } }, {}), {});
});

test("sets are united, and values taken out of them", () => {
  assert.deepEqual([...patched({ finalizers: ["c"] }).finalizers].sort(), ["a", "b", "c"]);
  assert.deepEqual(patched({ "$deleteFromPrimitiveList/finalizers": ["a"] }).finalizers, ["b"]);
  const both = {
    "$deleteFromPrimitiveList/finalizers": ["a"],
    "$setElementOrder/finalizers": ["c", "b"],
    finalizers: ["c"],
  };
  assert.deepEqual(patched(both).finalizers, ["c", "b"]);
});

test("$retainKeys drops every field it does not name", () => {
  const { strategy } = patched({ strategy: { $retainKeys: ["type"], type: "Recreate" } });
  assert.deepEqual(strategy, { type: "Recreate" });
});

test("$retainKeys must name what the patch sets", () => {
  assert.throws(() => patched({ strategy: { $retainKeys: ["rolling"], type: "Recreate" } }), {
    code: 400,
    message: "invalid patch format of retainKeys",
  });
});

test("null removes, also below what is new", () => {
  assert.equal(patched({ strategy: null }).strategy, undefined);
  assert.deepEqual(patched({ strategy: { rolling: { a: null, b: "1" } } }, {}).strategy, { rolling: { b: "1" } });
});

test("an item without its key is the patch's fault, told as Kubernetes tells it", () => {
  assert.throws(() => patched({ containers: [{ image: "x" }] }), {
    code: 500,
    message: 'map: {"image":"x"} does not contain declared merge key: name',
  });
});

test("an unknown directive is named", () => {
  assert.throws(() => patched({ labels: { $patch: "explode" } }), {
    code: 500,
    message: /unknown patch type: explode/,
  });
});
