/** The conformance suite's sentences about the API of devices: what it does to each kind, in its order. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Namespace } from "../../api/core/v1/index.ts";
import { DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from "../../api/resource/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { testServer } from "../testServer.ts";

type Json = Record<string, unknown>;
type Live = KubernetesObject & { spec: Json; status?: Json };

/** The four ways to patch; apply must name its object. */
const TYPES = {
  apply: "application/apply-patch+yaml",
  strategic: "application/strategic-merge-patch+json",
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
};
type Patches = Partial<Record<keyof typeof TYPES, unknown>>;

interface Subject {
  kind: Kind<KubernetesObject>;
  spec: Json;
  change(object: Live): void;
  changed(object: Live): boolean;
  patches: Patches;
  status?: { change(object: Live): void; changed(object: Live): boolean; patches: Patches };
}

const REQUEST = { devices: { requests: [{ name: "req-0", exactly: { deviceClassName: "dra.example.com" } }] } };
const LABEL = { metadata: { labels: { "test.dra.example.com": "test" } } };
const labelled = {
  change(object: Live) {
    object.metadata.labels = { ...object.metadata.labels, ...LABEL.metadata.labels };
  },
  changed: ({ metadata }: Live) => metadata.labels?.["test.dra.example.com"] === "test",
};
const ALLOCATED = { status: { allocation: {} } };

const subjects: Record<string, Subject> = {
  "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 DeviceClass [Conformance]": {
    kind: DeviceClass as unknown as Kind<KubernetesObject>,
    spec: { selectors: [{ cel: { expression: "false" } }] },
    change(object) {
      object.spec = { selectors: [{ cel: { expression: "1 == 0" } }] };
    },
    changed: ({ spec }) => JSON.stringify(spec).includes("1 == 0"),
    patches: { strategic: { spec: { selectors: [{ cel: { expression: "1 == 0" } }] } } },
  },
  "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaim [Conformance]": {
    kind: ResourceClaim as unknown as Kind<KubernetesObject>,
    spec: REQUEST,
    ...labelled,
    patches: {
      apply: LABEL,
      strategic: LABEL,
      merge: LABEL,
      json: [{ op: "add", path: "/metadata/labels/test.dra.example.com", value: "test" }],
    },
    status: {
      change(object) {
        object.status = { allocation: {} };
      },
      changed: ({ status }) => status?.allocation !== undefined,
      patches: {
        apply: ALLOCATED,
        strategic: ALLOCATED,
        merge: ALLOCATED,
        json: [{ op: "add", path: "/status/allocation", value: {} }],
      },
    },
  },
  "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaimTemplate [Conformance]": {
    kind: ResourceClaimTemplate as unknown as Kind<KubernetesObject>,
    spec: { spec: REQUEST },
    ...labelled,
    patches: { strategic: LABEL },
  },
  "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceSlice [Conformance]": {
    kind: ResourceSlice as unknown as Kind<KubernetesObject>,
    spec: {
      driver: "dra.example.com",
      pool: { name: "cluster", generation: 1, resourceSliceCount: 1 },
      nodeName: "no-such-node",
    },
    change(object) {
      object.spec = { ...object.spec, devices: [{ name: "device-0" }] };
    },
    changed: ({ spec }) => JSON.stringify(spec.devices) === '[{"name":"device-0"}]',
    patches: { strategic: { spec: { devices: [{ name: "device-0" }] } } },
  },
};

/** What a watcher of the resource is told between one step and the next, as a line of words. */
function follow(t: TestContext, it: Awaited<ReturnType<typeof testServer>>, kind: Kind<KubernetesObject>) {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const watched = it.client.watch(kind, { labelSelector: "e2e=here" }, ending.signal)[Symbol.asyncIterator]();
  return async (...types: string[]) => {
    for (const type of types) assert.equal((await watched.next()).value?.type, type);
  };
}

async function crud(t: TestContext, { kind, spec, change, changed, patches, status }: Subject): Promise<void> {
  const it = await testServer(t);
  const { apiVersion } = kind;
  const namespace = kind.scope === "Namespaced" ? "dra" : undefined;
  if (namespace) await it.client.create(Namespace, { metadata: { name: namespace } } as Namespace);
  const everywhere = `/apis/${apiVersion}/${kind.plural}`;
  const all = namespace ? `/apis/${apiVersion}/namespaces/${namespace}/${kind.plural}` : everywhere;
  const one = `${all}/test`;
  const ask = (method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, more: object = {}) =>
    it.ask({ method, path, ...more }) as Promise<Live & { items: Live[]; resources: { name: string }[] }>;
  const initial = {
    apiVersion,
    kind: kind.kind,
    metadata: { name: "test", ...(namespace && { namespace }), labels: { e2e: "here" } },
    spec,
  };
  const create = () => ask("POST", all, { body: initial, query: { fieldValidation: "Strict" } });
  const remove = async () => {
    await ask("DELETE", one);
    await assert.rejects(ask("GET", one), isNotFound);
  };
  const update = async (object: Live, by: (object: Live) => void, path = one) => {
    const next = structuredClone(object);
    by(next);
    return ask("PUT", path, { body: next });
  };
  const patch = (live: Live, type: string, body: unknown, path = one) => {
    const { name, uid } = live.metadata;
    const metadata = { ...((body as Json).metadata as Json), name, uid, ...(namespace && { namespace }) };
    const named = { apiVersion, kind: kind.kind, ...(body as Json), metadata };
    const apply = type === "apply" ? { fieldManager: "test-apply", force: "true" } : {};
    return ask("PATCH", path, {
      body: Array.isArray(body) ? body : named,
      contentType: TYPES[type as keyof typeof TYPES],
      query: { fieldValidation: "Strict", ...apply },
    });
  };

  assert.ok((await ask("GET", `/apis/${apiVersion}`)).resources.some(({ name }) => name === kind.plural));
  const seen = follow(t, it, kind);
  await create();
  await seen("ADDED");
  const created = await ask("GET", one);
  let live = await update(created, change);
  await seen("MODIFIED");
  assert.ok(changed(live));
  assert.ok(Number(live.metadata.resourceVersion) > Number(created.metadata.resourceVersion));
  if (status) {
    assert.ok(status.changed(await update(live, status.change, `${one}/status`)));
    await seen("MODIFIED");
    assert.ok(status.changed(await ask("GET", `${one}/status`)));
  }
  for (const [type, body] of Object.entries(patches)) {
    await remove();
    live = await create();
    assert.ok(changed(await patch(live, type, body)), type);
    await seen("DELETED", "ADDED", "MODIFIED");
  }
  for (const [type, body] of Object.entries(status?.patches ?? {})) {
    await remove();
    live = await update(await create(), change);
    assert.ok(status?.changed(await patch(live, type, body, `${one}/status`)), type);
    await seen("DELETED", "ADDED", "MODIFIED", "MODIFIED");
  }
  const query = { labelSelector: "e2e=here" };
  for (const path of [all, everywhere]) assert.equal((await ask("GET", path, { query })).items.length, 1);
  await ask("DELETE", all, { query });
  await assert.rejects(ask("GET", one), isNotFound);
  await seen("DELETED");
}

for (const [title, subject] of Object.entries(subjects)) test(title, (t) => crud(t, subject));
