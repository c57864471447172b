/** Sentences of Kubernetes' conformance suite about the API of network kinds, each under its name there. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Endpoints, Namespace, Service } from "../../api/core/v1/index.ts";
import { EndpointSlice } from "../../api/discovery/v1/index.ts";
import { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from "../../api/networking/v1/index.ts";
import { draft } from "../../apimachinery/freeze.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import type { WatchEvent } from "../../client/client.ts";
import { type TestServer, testServer } from "../testServer.ts";

const NAMESPACE = "special";
const LABEL = "special-label";
const SELECTOR = { labelSelector: `${LABEL}=api` };

/** The group, its version and the resource are in the discovery documents. */
async function discovered({ ask }: TestServer, kind: Kind<KubernetesObject>): Promise<void> {
  const get = (path: string) => ask({ method: "GET", path }) as Promise<Record<string, unknown>>;
  const { groups } = (await get("/apis")) as { groups: { name: string; versions: { version: string }[] }[] };
  const group = groups.find(({ name }) => name === kind.group);
  assert.ok(
    group?.versions.some(({ version }) => version === kind.version),
    `${kind.apiVersion} in /apis`,
  );
  const alone = (await get(`/apis/${kind.group}`)) as { versions: { version: string }[] };
  assert.ok(alone.versions.some(({ version }) => version === kind.version));
  const { resources } = (await get(`/apis/${kind.apiVersion}`)) as { resources: { name: string; verbs: string[] }[] };
  const found = resources.find(({ name }) => name === kind.plural);
  const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
  assert.deepEqual(found?.verbs, verbs);
}

/** Events of a kind from now on, one after the other. */
function watcher<T extends KubernetesObject>(t: TestContext, server: TestServer, kind: Kind<T>, namespace?: string) {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const events = server.client.watch(kind, { namespace, ...SELECTOR }, ending.signal)[Symbol.asyncIterator]();
  return {
    async next(type: WatchEvent<T>["type"]): Promise<T> {
      const { value } = (await events.next()) as { value: WatchEvent<T> };
      assert.equal(value.type, type);
      return value.object;
    },
  };
}

interface Operations<T extends KubernetesObject> {
  readonly kind: Kind<T>;
  /** a new object of this name, with the label that all of these tests have */
  make(name: string): T;
  readonly names: readonly [string, string, string];
  readonly hasStatus?: { readonly patch: object; update(object: T): void; holds(object: T): boolean };
  /** a finalizer of the control plane's, without which deletion is at once */
  readonly lingers?: boolean;
}

/** Create, get, list, watch, patch, update, the status, delete and deletecollection, as the suite goes through them. */
async function apiOperations<T extends KubernetesObject>(t: TestContext, operations: Operations<T>): Promise<void> {
  const { kind, make, names, hasStatus } = operations;
  const server = await testServer(t);
  const { client } = server;
  await discovered(server, kind as unknown as Kind<KubernetesObject>);
  const namespace = kind.scope === "Namespaced" ? NAMESPACE : undefined;
  if (namespace) await client.create(Namespace, { metadata: { name: namespace } } as Namespace);
  const watched = watcher(t, server, kind, namespace);
  const [first] = names;
  const key = { namespace, name: first };
  for (const name of names) await client.create(kind, make(name));
  assert.equal((await client.get(kind, key)).metadata.name, first);
  assert.equal((await client.list(kind, { namespace, ...SELECTOR })).items.length, 3);
  assert.equal((await client.list(kind, SELECTOR)).items.length, 3);
  for (const name of names) assert.equal((await watched.next("ADDED")).metadata.name, name);

  const patch = { metadata: { annotations: { patched: "true" } } };
  assert.equal((await client.patch(kind, key, "merge", patch)).metadata.annotations?.patched, "true");
  assert.equal((await watched.next("MODIFIED")).metadata.annotations?.patched, "true");
  const changed = draft(await client.get(kind, key)) as T;
  changed.metadata.annotations = { ...changed.metadata.annotations, updated: "true" };
  assert.equal((await client.update(kind, changed)).metadata.annotations?.updated, "true");
  assert.equal((await watched.next("MODIFIED")).metadata.annotations?.updated, "true");

  if (hasStatus) {
    const patched = await client.patch(
      kind,
      key,
      "merge",
      { ...patch, status: hasStatus.patch },
      { subresource: "status" },
    );
    assert.ok(hasStatus.holds(patched), "the status is patched");
    const next = draft(await client.get(kind, key)) as T;
    hasStatus.update(next);
    assert.ok(!hasStatus.holds(await client.updateStatus(kind, next)), "the status is updated");
  }
  await client.delete(kind, key);
  await assert.rejects(client.get(kind, key), isNotFound);
  assert.equal((await client.list(kind, { namespace, ...SELECTOR })).items.length, 2);
  await client.deleteCollection(kind, { namespace, ...SELECTOR });
  assert.equal((await client.list(kind, { namespace, ...SELECTOR })).items.length, 0);
}

const NAMES = ["one", "three", "two"] as const;
const metadata = (name: string) => ({ name, labels: { [LABEL]: "api" } });
const inNamespace = (name: string) => ({ ...metadata(name), namespace: NAMESPACE });

test("[sig-network] Ingress API should support creating Ingress API operations [Conformance]", (t) =>
  apiOperations(t, {
    kind: Ingress,
    names: NAMES,
    make: (name) => ({
      metadata: inNamespace(name),
      spec: { defaultBackend: { service: { name: "default-backend", port: { number: 80 } } }, rules: [] },
      status: { loadBalancer: {} },
    }),
    hasStatus: {
      patch: { loadBalancer: { ingress: [{ ip: "169.1.1.1" }] } },
      update: ({ status }) => {
        status.loadBalancer = { ingress: [{ ip: "169.1.1.2" }] };
      },
      holds: ({ status }) => status.loadBalancer.ingress?.[0]?.ip === "169.1.1.1",
    },
  }));

test("[sig-network] IngressClass API should support creating IngressClass API operations [Conformance]", (t) =>
  apiOperations(t, {
    kind: IngressClass,
    names: NAMES,
    make: (name) => ({ metadata: metadata(name), spec: { controller: "example.com/controller" } }),
  }));

test("NetworkPolicy API should support creating NetworkPolicy API operations", (t) =>
  apiOperations(t, {
    kind: NetworkPolicy,
    names: NAMES,
    make: (name) => ({
      metadata: inNamespace(name),
      spec: {
        podSelector: { matchLabels: { "pod-name": "server" } },
        ingress: [{ from: [{ namespaceSelector: {} }] }],
      },
    }),
  }));

test("[sig-network] ServiceCIDR and IPAddress API should support IPAddress API operations [Conformance]", (t) =>
  apiOperations(t, {
    kind: IPAddress,
    names: ["192.168.1.1", "192.168.1.2", "192.168.1.3"],
    make: (name) => ({
      metadata: metadata(name),
      spec: { parentRef: { group: "example.com", resource: "foos", namespace: "bars", name: "example" } },
    }),
  }));

test("[sig-network] ServiceCIDR and IPAddress API should support ServiceCIDR API operations [Conformance]", async (t) => {
  let next = 0;
  const condition = (status: string) => ({
    type: "Other",
    status,
    reason: "Tested",
    message: "by a test",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  });
  await apiOperations(t, {
    kind: ServiceCIDR,
    names: NAMES,
    make: (name) => ({ metadata: metadata(name), spec: { cidrs: [`10.20${next++}.0.0/24`] }, status: {} }),
    hasStatus: {
      patch: { conditions: [condition("True")] },
      update: ({ status }) => {
        status.conditions = [condition("False")];
      },
      holds: ({ status }) => status.conditions?.[0]?.status === "True",
    },
  });
});

test("[sig-network] EndpointSlice should support creating EndpointSlice API operations [Conformance]", (t) =>
  apiOperations(t, {
    kind: EndpointSlice,
    names: NAMES,
    make: (name) => ({
      metadata: inNamespace(name),
      addressType: "IPv4",
      endpoints: [{ addresses: ["1.2.3.4", "5.6.7.8"], conditions: {} }],
      ports: [],
    }),
  }));

test("[sig-network] API Server should provide secure master service [Conformance]", async (t) => {
  const { client } = await testServer(t);
  const { spec } = await client.get(Service, { namespace: "default", name: "kubernetes" });
  assert.deepEqual(
    spec.ports?.map(({ name, port, protocol }) => [name, port, protocol]),
    [["https", 443, "TCP"]],
  );
});

test("[sig-network] API Server should have Endpoints and EndpointSlices pointing to API Server [Conformance]", async (t) => {
  const { client } = await testServer(t);
  const namespace = "default";
  const { subsets } = await client.get(Endpoints, { namespace, name: "kubernetes" });
  const { items } = await client.list(EndpointSlice, {
    namespace,
    labelSelector: "kubernetes.io/service-name=kubernetes",
  });
  assert.ok(items.length > 0, "at least one slice");
  const addresses = subsets?.flatMap((subset) => (subset.addresses ?? []).map(({ ip }) => ip));
  assert.deepEqual(
    items.flatMap((slice) => slice.endpoints.flatMap((endpoint) => endpoint.addresses)),
    addresses,
  );
  assert.deepEqual(
    items[0]?.ports.map(({ port }) => port),
    subsets?.[0]?.ports?.map(({ port }) => port),
  );
});

const service = (name: string, labels: Record<string, string> = {}) =>
  ({
    metadata: { name, namespace: "default", labels },
    spec: { type: "LoadBalancer", ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: 80 }] },
  }) as Service;

test("[sig-network] Services should complete a service status lifecycle [Conformance]", async (t) => {
  const { client, ask } = await testServer(t);
  await client.create(Service, service("test-service", { "test-service-static": "true" }));
  const key = { namespace: "default", name: "test-service" };
  const path = "/api/v1/namespaces/default/services/test-service/status";
  assert.deepEqual(((await ask({ method: "GET", path })) as Service).status.loadBalancer, {});

  const patch = {
    metadata: { annotations: { patchedstatus: "true" } },
    status: { loadBalancer: { ingress: [{ ip: "203.0.113.1" }] } },
  };
  const patched = await client.patch(Service, key, "merge", patch, { subresource: "status" });
  assert.equal(patched.status.loadBalancer.ingress?.[0]?.ip, "203.0.113.1");
  assert.equal(patched.metadata.annotations?.patchedstatus, "true");

  const updated = draft(await client.get(Service, key)) as Service;
  updated.status.conditions = [
    {
      type: "StatusUpdate",
      status: "True",
      reason: "E2E",
      message: "Set from e2e test",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    },
  ];
  const { status } = await client.updateStatus(Service, updated);
  assert.deepEqual(
    status.conditions?.map(({ type, reason }) => [type, reason]),
    [["StatusUpdate", "E2E"]],
  );
  const labelled = await client.patch(Service, key, "strategic", {
    metadata: { labels: { "test-service": "patched" } },
  });
  assert.equal(labelled.metadata.labels?.["test-service"], "patched");
  assert.equal(labelled.status.conditions?.length, 1);
  await client.delete(Service, key);
  await assert.rejects(client.get(Service, key), isNotFound);
});

test("[sig-network] Services should delete a collection of services [Conformance]", async (t) => {
  const { client } = await testServer(t);
  for (const [name, group] of [
    ["a", "x"],
    ["b", "x"],
    ["c", "y"],
  ] as const)
    await client.create(Service, service(`e2e-svc-${name}`, { "e2e-svc": group }));
  const left = async () =>
    (await client.list(Service, { namespace: "default", labelSelector: "e2e-svc" })).items.map(
      ({ metadata }) => metadata.name,
    );
  assert.equal((await left()).length, 3);
  await client.deleteCollection(Service, { namespace: "default", labelSelector: "e2e-svc=x" });
  assert.deepEqual(await left(), ["e2e-svc-c"]);
});

test("[sig-network] Services should find a service from listing all namespaces [Conformance]", async (t) => {
  const { client } = await testServer(t);
  const { items } = await client.list(Service);
  assert.ok(items.some(({ metadata }) => metadata.name === "kubernetes" && metadata.namespace === "default"));
});

test("[sig-network] Endpoints should test the lifecycle of an Endpoint [Conformance]", async (t) => {
  const server = await testServer(t);
  const { client } = server;
  const watched = watcher(t, server, Endpoints, "default");
  const key = { namespace: "default", name: "testservice" };
  const subsets = [{ addresses: [{ ip: "10.0.0.24" }], ports: [{ name: "http", port: 80, protocol: "TCP" }] }];
  await client.create(Endpoints, { metadata: { ...metadata(key.name), namespace: "default" }, subsets } as Endpoints);
  await watched.next("ADDED");
  assert.ok((await client.list(Endpoints, SELECTOR)).items.some((it) => it.metadata.name === key.name));
  const labelled = draft(await client.get(Endpoints, key)) as Endpoints;
  labelled.metadata.labels = { ...labelled.metadata.labels, "test-service": "updated" };
  await client.update(Endpoints, labelled);
  assert.equal((await watched.next("MODIFIED")).metadata.labels?.["test-service"], "updated");
  const moved = [{ addresses: [{ ip: "10.0.0.25" }], ports: [{ name: "http-test", port: 8080, protocol: "TCP" }] }];
  await client.patch(Endpoints, key, "strategic", {
    metadata: { labels: { "test-service": "patched" } },
    subsets: moved,
  });
  const { subsets: now, metadata: meta } = await watched.next("MODIFIED");
  assert.equal(meta.labels?.["test-service"], "patched");
  assert.deepEqual([now?.[0]?.addresses?.[0]?.ip, now?.[0]?.ports?.[0]?.port], ["10.0.0.25", 8080]);
  await client.deleteCollection(Endpoints, { namespace: "default", ...SELECTOR });
  await watched.next("DELETED");
  await assert.rejects(client.get(Endpoints, key), isNotFound);
});
