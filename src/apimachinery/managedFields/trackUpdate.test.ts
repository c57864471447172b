import assert from "node:assert/strict";
import { test } from "node:test";
import { deepFreeze } from "../freeze.ts";
import type { ManagedFieldsEntry } from "../meta.ts";
import { Thing, thing } from "./testKind.ts";
import { managerName, trackUpdate } from "./trackUpdate.ts";

const at = (second: number) => Date.UTC(2026, 0, 1, 0, 0, second);

function created(object: Thing, manager = "creator"): Thing {
  const managedFields = trackUpdate({ kind: Thing, live: undefined, updated: object, manager, now: at(0) });
  return deepFreeze({ ...object, metadata: { ...object.metadata, managedFields } });
}

function updated(live: Thing, change: Partial<Thing>, manager: string, second: number, subresource = ""): Thing {
  const object: Thing = { ...live, ...change };
  const managedFields = trackUpdate({ kind: Thing, live, updated: object, manager, subresource, now: at(second) });
  return deepFreeze({ ...object, metadata: { ...object.metadata, managedFields } });
}

const entries = (object: Thing) => object.metadata.managedFields as ManagedFieldsEntry[];
const fieldsOf = (object: Thing, manager: string) => entries(object).find((e) => e.manager === manager)?.fieldsV1;

test("a creator owns all it set, but not what the server keeps", () => {
  const object = created(
    thing({ replicas: 1, items: [{ name: "a", image: "i", ports: [{ port: 80, protocol: "TCP" }] }] }),
  );
  assert.deepEqual(entries(object), [
    {
      manager: "creator",
      operation: "Update",
      apiVersion: "x.example.com/v1",
      time: "2026-01-01T00:00:00Z",
      fieldsType: "FieldsV1",
      fieldsV1: {
        "f:spec": {
          "f:replicas": {},
          "f:items": {
            'k:{"name":"a"}': {
              ".": {},
              "f:name": {},
              "f:image": {},
              "f:ports": {
                ".": {},
                'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {}, "f:protocol": {} },
              },
            },
          },
        },
      },
    },
  ]);
});

test("what is owned whole is one path: atomic lists and maps; sets and maps are owned in parts", () => {
  const object = created(
    thing({ selector: { a: "b" }, tags: ["x"], options: { o: "1" }, items: [{ name: "a", args: ["x"] }] }),
  );
  assert.deepEqual(fieldsOf(object, "creator"), {
    "f:spec": {
      "f:items": { 'k:{"name":"a"}': { ".": {}, "f:name": {}, "f:args": {} } },
      "f:tags": { ".": {}, 'v:"x"': {} },
      "f:selector": {},
      "f:options": { ".": {}, "f:o": {} },
    },
  });
});

test("a changed field goes over to who changed it", () => {
  const live = created(thing({ replicas: 1, options: { o: "1" } }));
  const object = updated(live, { spec: { ...live.spec, replicas: 2 } }, "scaler", 5);
  assert.deepEqual(fieldsOf(object, "creator"), { "f:spec": { "f:options": { ".": {}, "f:o": {} } } });
  assert.deepEqual(fieldsOf(object, "scaler"), { "f:spec": { "f:replicas": {} } });
  assert.deepEqual(
    entries(object).map(({ time }) => time),
    ["2026-01-01T00:00:00Z", "2026-01-01T00:00:05Z"],
  );
});

test("a removed field is owned by nobody, and who owns nothing has no entry", () => {
  const live = created(thing({ replicas: 1 }));
  const object = updated(live, { spec: { items: null as never } }, "remover", 5);
  assert.deepEqual(entries(object), []);
});

test("status belongs to its own subresource", () => {
  const live = created(thing({ replicas: 1 }));
  const object = updated(live, { status: { ready: 1 } }, "controller", 5, "status");
  const entry = entries(object).find(({ manager }) => manager === "controller");
  assert.equal(entry?.subresource, "status");
  assert.deepEqual(entry?.fieldsV1, { "f:status": { "f:ready": {} } });
});

test("the resource itself never gives ownership of status", () => {
  const object = created(thing({ replicas: 1 }, { status: { ready: 3 } }));
  assert.deepEqual(fieldsOf(object, "creator"), { "f:spec": { "f:replicas": {} } });
});

test("a write that changes nothing hands over the same entries", () => {
  const live = created(thing({ replicas: 1 }));
  assert.equal(entries(updated(live, {}, "other", 5)), entries(live));
});

test("entries that lose nothing are handed over as they are", () => {
  const live = created(thing({ replicas: 1 }));
  const object = updated(live, { status: { ready: 1 } }, "controller", 5, "status");
  assert.equal(entries(object).includes(entries(live)[0]!), true);
});

test("what was never tracked stays so until someone applies", () => {
  const live = deepFreeze(thing({ replicas: 1 }));
  assert.deepEqual(entries(updated(live, { spec: { ...live.spec, replicas: 2 } }, "x", 1)), []);
});

test("beyond ten updaters the oldest become one", () => {
  let object = created(thing({ options: { k0: "v" } }), "m0");
  for (let i = 1; i <= 11; i++) {
    object = updated(
      object,
      { spec: { ...object.spec, options: { ...object.spec.options, [`k${i}`]: "v" } } },
      `m${i}`,
      i,
    );
  }
  const managers = entries(object).map(({ manager }) => manager);
  assert.deepEqual(managers, ["ancient-changes", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10", "m11"]);
  const ancient = fieldsOf(object, "ancient-changes") as { "f:spec": { "f:options": object } };
  assert.deepEqual(Object.keys(ancient["f:spec"]["f:options"]).sort(), [".", "f:k0", "f:k1", "f:k2"]);
});

test("a client may give entries of its own, or reset them with an empty one", () => {
  const live = created(thing({ replicas: 1 }));
  const reset = { ...live.metadata, managedFields: [{}] };
  const object = updated(live, { metadata: reset, spec: { ...live.spec, replicas: 2 } }, "r", 5);
  assert.deepEqual(
    entries(object).map(({ manager }) => manager),
    [],
  );
});

test("items with equal keys are owned as one", () => {
  const object = created(
    thing({
      items: [
        { name: "a", image: "i" },
        { name: "a", image: "j" },
      ],
    }),
  );
  assert.deepEqual(fieldsOf(object, "creator"), { "f:spec": { "f:items": { 'k:{"name":"a"}': {} } } });
});

test("a manager is named by what was asked for, or by the client's program", () => {
  assert.equal(managerName("me", "kubectl/v1.36 (linux)"), "me");
  assert.equal(managerName(undefined, "kubectl/v1.36 (linux)"), "kubectl");
  assert.equal(managerName("", undefined), "");
});

test("equal objects share one set of fields", () => {
  const one = created(thing({ replicas: 1, options: { o: "1" } }));
  const other = created(thing({ replicas: 5, options: { o: "2" } }));
  assert.equal(fieldsOf(one, "creator"), fieldsOf(other, "creator"));
});
