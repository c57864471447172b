import assert from "node:assert/strict";
import { test } from "node:test";
import { deepFreeze } from "../freeze.ts";
import { applyObject } from "./applyObject.ts";
import { LAST_APPLIED } from "./lastApplied.ts";
import { Thing, thing } from "./testKind.ts";
import { trackUpdate } from "./trackUpdate.ts";

const now = Date.UTC(2026, 0, 1);

function apply(live: Thing | undefined, spec: unknown, manager = "alice", force = false, metadata: object = {}): Thing {
  const applied = {
    apiVersion: "x.example.com/v1",
    kind: "Thing",
    metadata: { name: "t", namespace: "ns", ...metadata },
    spec,
  };
  return deepFreeze(applyObject({ kind: Thing, live, applied, manager, force, now }).object) as Thing;
}

function updatedBy(manager: string, live: Thing | undefined, object: Thing): Thing {
  const managedFields = trackUpdate({ kind: Thing, live, updated: object, manager, now });
  return deepFreeze({ ...object, metadata: { ...object.metadata, managedFields } });
}

const ownedBy = (object: Thing, manager: string) =>
  object.metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1;

test("creates what is applied, and the applier owns exactly that", () => {
  const object = apply(undefined, { replicas: 1, items: [{ name: "a", image: "i" }], options: { o: "1" } });
  assert.equal(object.spec.replicas, 1);
  assert.deepEqual(ownedBy(object, "alice"), {
    "f:spec": {
      "f:replicas": {},
      "f:items": { 'k:{"name":"a"}': { ".": {}, "f:name": {}, "f:image": {} } },
      "f:options": { "f:o": {} },
    },
  });
});

test("merges into what others wrote", () => {
  const live = updatedBy("bob", undefined, thing({ items: [{ name: "a", image: "i" }], options: { b: "1" } }));
  const object = apply(live, { items: [{ name: "b", image: "j" }], options: { a: "1" } });
  assert.deepEqual(
    object.spec.items.map(({ name }) => name),
    ["a", "b"],
  );
  assert.deepEqual(object.spec.options, { a: "1", b: "1" });
});

test("the applied order of items wins, others keep their place", () => {
  const items = ["a", "x", "b"].map((name) => ({ name }));
  const live = updatedBy("bob", undefined, thing({ items }));
  const object = apply(live, { items: [{ name: "b" }, { name: "a" }, { name: "c" }] });
  assert.deepEqual(
    object.spec.items.map(({ name }) => name),
    ["x", "b", "a", "c"],
  );
});

test("what the applier no longer applies goes, unless someone else owns it", () => {
  const first = apply(undefined, {
    replicas: 1,
    items: [{ name: "a" }, { name: "b" }],
    options: { mine: "1", ours: "1" },
  });
  const shared = apply(first, { options: { ours: "1" } }, "bob");
  const object = apply(shared, { items: [{ name: "a" }] });
  assert.equal(object.spec.replicas, undefined);
  assert.deepEqual(object.spec.items, [{ name: "a" }]);
  assert.deepEqual(object.spec.options, { ours: "1" });
});

test("refuses to change what another manager owns, and says which", () => {
  const live = updatedBy("kubectl", undefined, thing({ replicas: 1 }));
  assert.throws(() => apply(live, { replicas: 2 }), {
    code: 409,
    message: 'Apply failed with 1 conflict: conflict with "kubectl" using x.example.com/v1: .spec.replicas',
  });
});

test("names all conflicts by manager", () => {
  const first = apply(undefined, { items: [{ name: "a", image: "i" }], replicas: 1 }, "bob");
  try {
    apply(first, { items: [{ name: "a", image: "j" }], replicas: 2 });
    assert.fail("was not refused");
  } catch (error) {
    const { status } = error as { status: { message: string; details: { causes: unknown[] } } };
    assert.equal(
      status.message,
      'Apply failed with 2 conflicts: conflicts with "bob":\n- .spec.replicas\n- .spec.items[name="a"].image',
    );
    assert.deepEqual(status.details.causes[0], {
      reason: "FieldManagerConflict",
      message: 'conflict with "bob"',
      field: ".spec.replicas",
    });
  }
});

test("applying the same value shares it", () => {
  const live = updatedBy("bob", undefined, thing({ replicas: 1 }));
  const object = apply(live, { replicas: 1 });
  assert.deepEqual(ownedBy(object, "alice"), ownedBy(object, "bob"));
});

test("force takes the field over", () => {
  const live = updatedBy("bob", undefined, thing({ replicas: 1, options: { o: "1" } }));
  const object = apply(live, { replicas: 2 }, "alice", true);
  assert.equal(object.spec.replicas, 2);
  assert.deepEqual(ownedBy(object, "bob"), { "f:spec": { "f:options": { ".": {}, "f:o": {} } } });
});

test("keys that are not given take the schema's default", () => {
  const object = apply(undefined, { items: [{ name: "a", ports: [{ port: 80 }] }] });
  const fields = JSON.stringify(ownedBy(object, "alice"));
  assert.match(fields, /k:\{\\"port\\":80,\\"protocol\\":\\"TCP\\"\}/);
});

test("an object that was never tracked belongs to before-first-apply", () => {
  const object = apply(deepFreeze(thing({ replicas: 1 })), { options: { o: "1" } });
  assert.deepEqual(ownedBy(object, "before-first-apply"), { "f:spec": { "f:replicas": {} } });
});

test("managedFields cannot be applied", () => {
  assert.throws(() => apply(undefined, {}, "alice", false, { managedFields: [] }), {
    code: 400,
    message: "metadata.managedFields must be nil",
  });
});

test("says what the schema does not allow", () => {
  const says = (spec: unknown, message: string) =>
    assert.throws(() => apply(undefined, spec), {
      code: 500,
      message: `failed to create typed patch object (ns/t; x.example.com/v1, Kind=Thing): ${message}`,
    });
  says({ nonsense: 1 }, ".spec.nonsense: field not declared in schema");
  says({ replicas: "1" }, ".spec.replicas: expected numeric (int or float), got string");
  const omitted =
    'associative list with keys has an element that omits key field "name" (and doesn\'t have default value)';
  says({ items: [{ image: "i" }] }, `.spec.items: element 0: ${omitted}`);
  says({ items: [{ name: "a" }, { name: "a" }] }, '.spec.items: duplicate entries for key [name="a"]');
});

test("applying again without a change keeps the entry's time", () => {
  const first = apply(undefined, { replicas: 1 });
  const later = applyObject({
    kind: Thing,
    live: first,
    applied: {
      apiVersion: "x.example.com/v1",
      kind: "Thing",
      metadata: { name: "t", namespace: "ns" },
      spec: { replicas: 1 },
    },
    manager: "alice",
    force: false,
    now: now + 60_000,
  }).object;
  assert.deepEqual(later.metadata.managedFields, first.metadata.managedFields);
});

test("kubectl takes over what it applied before by its annotation", () => {
  const lastApplied = JSON.stringify({
    apiVersion: "x.example.com/v1",
    kind: "Thing",
    metadata: {},
    spec: { replicas: 1 },
  });
  const object = thing({ replicas: 1 });
  object.metadata.annotations = { [LAST_APPLIED]: lastApplied };
  const live = updatedBy("kubectl-client-side-apply", undefined, object);
  const taken = apply(live, { replicas: 2 }, "kubectl");
  assert.equal(taken.spec.replicas, 2);
  assert.match(taken.metadata.annotations?.[LAST_APPLIED] ?? "", /"replicas":2/);
  assert.throws(() => apply(live, { replicas: 2 }, "someone"), { code: 409 });
});
