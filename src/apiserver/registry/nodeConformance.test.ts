/** The conformance suite's sentences of sig-node and sig-instrumentation that need an API server only, by their names. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Namespace, ServiceAccount } from "../../api/core/v1/index.ts";
import { isInvalid, isNotFound } from "../../apimachinery/status.ts";
import { testServer } from "../testServer.ts";

type Json = { [key: string]: unknown };
interface Live {
  metadata: { name: string; namespace?: string; resourceVersion?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

const NAMESPACE = "conformance";
const STRATEGIC = "application/strategic-merge-patch+json";
const MERGE = "application/merge-patch+json";

/** One resource in a namespace of its own (or of the cluster), by plain requests as the suite makes them. */
async function resource(t: TestContext, prefix: string, plural: string, namespaced = true) {
  const it = await testServer(t);
  await it.client.create(Namespace, { metadata: { name: NAMESPACE } } as Namespace);
  await it.client.create(ServiceAccount, { metadata: { name: "default", namespace: NAMESPACE } } as ServiceAccount);
  const everywhere = `${prefix}/${plural}`;
  const here = namespaced ? `${prefix}/namespaces/${NAMESPACE}/${plural}` : everywhere;
  const ask = (method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, more: object = {}) =>
    it.ask({ method, path, ...more }) as Promise<Live>;
  const items = async (path: string, query: Json) =>
    ((await ask("GET", path, { query })) as unknown as { items: Live[] }).items;
  return {
    ask,
    create: (body: object) => ask("POST", here, { body }),
    get: (name: string) => ask("GET", `${here}/${name}`),
    patch: (name: string, body: object, contentType = STRATEGIC) =>
      ask("PATCH", `${here}/${name}`, { body, contentType }),
    update: (body: Live) => ask("PUT", `${here}/${body.metadata.name}`, { body }),
    delete: (name: string) => ask("DELETE", `${here}/${name}`),
    deleteAll: (labelSelector: string) => ask("DELETE", here, { query: { labelSelector } }),
    list: (labelSelector: string) => items(here, { labelSelector }),
    listEverywhere: (labelSelector: string) => items(everywhere, { labelSelector }),
    listBy: (fieldSelector: string, path = here) => items(path, { fieldSelector }),
  };
}

const names = (items: readonly Live[]) => items.map(({ metadata }) => metadata.name);

// --- ConfigMaps and Secrets ---

const configMap = (name: string, data: Json, labels = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, labels },
  data,
});
const secret = (name: string, data: Json, labels = {}) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, labels },
  data,
  type: "Opaque",
});
const encode = (text: string) => Buffer.from(text).toString("base64");

test("[sig-node] ConfigMap should fail to create ConfigMap with empty key [Conformance]", async (t) => {
  const configMaps = await resource(t, "/api/v1", "configmaps");
  await assert.rejects(configMaps.create(configMap("empty", { "": "value-1" })), isInvalid);
});

test("[sig-node] Secrets should fail to create secret due to empty secret key [Conformance]", async (t) => {
  const secrets = await resource(t, "/api/v1", "secrets");
  await assert.rejects(secrets.create(secret("empty", { "": encode("value-1\n") })), isInvalid);
});

test("[sig-node] ConfigMap should update ConfigMap successfully [NodeConformance] [Conformance]", async (t) => {
  const configMaps = await resource(t, "/api/v1", "configmaps");
  const made = await configMaps.create(configMap("updated", {}));
  await configMaps.update({ ...made, data: { data: "value" } });
  assert.deepEqual((await configMaps.get("updated")).data, { data: "value" });
});

test("[sig-node] ConfigMap should run through a ConfigMap lifecycle [Conformance]", async (t) => {
  const configMaps = await resource(t, "/api/v1", "configmaps");
  const selector = "test-configmap-static=true";
  await configMaps.create(configMap("life", { valueName: "value" }, { "test-configmap-static": "true" }));
  await configMaps.get("life");
  const patch = { metadata: { labels: { "test-configmap": "patched" } }, data: { valueName: "value1" } };
  await configMaps.patch("life", patch);
  const [found] = await configMaps.listEverywhere(selector);
  assert.equal(found?.metadata.labels?.["test-configmap"], "patched");
  assert.deepEqual(found.data, { valueName: "value1" });
  await configMaps.deleteAll(selector);
  assert.deepEqual(await configMaps.listEverywhere(selector), []);
});

test("[sig-node] Secrets should patch a secret [Conformance]", async (t) => {
  const secrets = await resource(t, "/api/v1", "secrets");
  const selector = "testsecret-constant=true";
  await secrets.create(secret("patched", { key: encode("value") }, { "testsecret-constant": "true" }));
  assert.deepEqual(names(await secrets.listEverywhere(selector)), ["patched"]);
  const data = { key: encode("value1") };
  await secrets.patch("patched", { metadata: { labels: { testsecret: "true" } }, data });
  const live = await secrets.get("patched");
  assert.deepEqual([live.metadata.labels?.testsecret, live.data], ["true", data]);
  await secrets.deleteAll(selector);
  assert.deepEqual(await secrets.listEverywhere(selector), []);
});

// --- PodTemplates ---

const podTemplate = (name: string, labels: Json) => ({
  apiVersion: "v1",
  kind: "PodTemplate",
  metadata: { name, labels },
  template: { spec: { containers: [{ name: "nginx", image: "nginx" }] } },
});

test("[sig-node] PodTemplates should run the lifecycle of PodTemplates [Conformance]", async (t) => {
  const templates = await resource(t, "/api/v1", "podtemplates");
  await templates.create(podTemplate("life", { "podtemplate-static": "true" }));
  assert.equal((await templates.listEverywhere("podtemplate-static=true")).length, 1);
  await templates.patch("life", { metadata: { labels: { podtemplate: "patched" } } });
  assert.equal((await templates.get("life")).metadata.labels?.podtemplate, "patched");
  await templates.delete("life");
  assert.deepEqual(await templates.listEverywhere("podtemplate-static=true"), []);
});

test("[sig-node] PodTemplates should delete a collection of pod templates [Conformance]", async (t) => {
  const templates = await resource(t, "/api/v1", "podtemplates");
  for (const name of ["one", "two", "three"]) await templates.create(podTemplate(name, { "podtemplate-set": "true" }));
  assert.equal((await templates.list("podtemplate-set=true")).length, 3);
  await templates.deleteAll("podtemplate-set=true");
  assert.deepEqual(await templates.list("podtemplate-set=true"), []);
});

test("[sig-node] PodTemplates should replace a pod template [Conformance]", async (t) => {
  const templates = await resource(t, "/api/v1", "podtemplates");
  const made = await templates.create(podTemplate("replaced", { "podtemplate-set": "true" }));
  await templates.update({ ...made, metadata: { ...made.metadata, annotations: { updated: "true" } } as never });
  assert.deepEqual((await templates.get("replaced")).metadata, {
    ...(await templates.get("replaced")).metadata,
    annotations: { updated: "true" },
  });
});

// --- Leases ---

test("[sig-node] Lease lease API should be available [Conformance]", async (t) => {
  const leases = await resource(t, "/apis/coordination.k8s.io/v1", "leases");
  const acquired = "2026-01-02T03:04:05.678901Z";
  const spec = {
    holderIdentity: "holder",
    leaseDurationSeconds: 30,
    acquireTime: acquired,
    renewTime: "2026-01-02T03:04:10.678901Z",
    leaseTransitions: 0,
  };
  const lease = (name: string, labels?: Json) => ({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name, ...(labels && { labels }) },
    spec,
  });
  const made = await leases.create(lease("lease"));
  assert.deepEqual((await leases.get("lease")).spec, spec);
  const second = { ...spec, holderIdentity: "holder2", leaseTransitions: 1, renewTime: "2026-01-02T03:05:05.000000Z" };
  await leases.update({ ...made, spec: second });
  assert.deepEqual((await leases.get("lease")).spec, second);
  const third = { holderIdentity: "holder3", leaseDurationSeconds: 60, acquireTime: "2026-01-02T03:06:00.000000Z" };
  await leases.patch("lease", { spec: third });
  assert.deepEqual((await leases.get("lease")).spec, { ...second, ...third });
  await leases.create(lease("lease2", { deletecollection: "true" }));
  assert.deepEqual(names(await leases.list("")).sort(), ["lease", "lease2"]);
  await leases.deleteAll("deletecollection=true");
  assert.deepEqual(names(await leases.list("")), ["lease"]);
  await leases.delete("lease");
  await assert.rejects(leases.get("lease"), isNotFound);
});

// --- Nodes ---

test("[sig-node] Node Lifecycle should run through the lifecycle of a node [Conformance]", async (t) => {
  const nodes = await resource(t, "/api/v1", "nodes", false);
  const made = await nodes.create({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "e2e-fake-node" },
    status: { phase: "Running", conditions: [{ status: "True", type: "Ready" }] },
  });
  assert.equal(made.metadata.name, "e2e-fake-node");
  await nodes.get("e2e-fake-node");
  await nodes.patch("e2e-fake-node", { metadata: { labels: { "e2e-fake-node": "patched" } } });
  assert.deepEqual(names(await nodes.list("e2e-fake-node=patched")), ["e2e-fake-node"]);
  const live = await nodes.get("e2e-fake-node");
  await nodes.update({ ...live, metadata: { ...live.metadata, labels: { "e2e-fake-node": "updated" } } });
  assert.deepEqual(names(await nodes.list("e2e-fake-node=updated")), ["e2e-fake-node"]);
  await nodes.deleteAll("e2e-fake-node=updated");
  await assert.rejects(nodes.get("e2e-fake-node"), isNotFound);
});

// --- Pods, as far as they do not run ---

const pod = (name: string, spec: Json, metadata: Json = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, ...metadata },
  spec: { containers: [{ name: "pause", image: "pause" }], ...spec },
});

test("[sig-node] Sysctls [LinuxOnly] [NodeConformance] should reject invalid sysctls [Conformance]", async (t) => {
  const pods = await resource(t, "/api/v1", "pods");
  const sysctls = ["foo-", "kernel.shmmax", "safe-and-unsafe", "bar.."].map((name) => ({ name, value: "42" }));
  await assert.rejects(pods.create(pod("sysctls", { securityContext: { sysctls } })), ({ message }: Error) => {
    assert.match(message, /Invalid value: "foo-"/);
    assert.match(message, /Invalid value: "bar\.\."/);
    assert.doesNotMatch(message, /safe-and-unsafe|kernel\.shmmax/);
    return true;
  });
});

test("[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu [Conformance]", async (t) => {
  const pods = await resource(t, "/api/v1", "pods");
  const amounts = { cpu: "100m", memory: "100Mi" };
  const resources = { limits: amounts, requests: amounts };
  await pods.create(pod("qos", { containers: [{ name: "agnhost", image: "agnhost", args: ["pause"], resources }] }));
  assert.equal(((await pods.get("qos")).status as Json).qosClass, "Guaranteed");
});

// --- Events ---

test("[sig-instrumentation] Events should manage the lifecycle of an event [Conformance]", async (t) => {
  const events = await resource(t, "/api/v1", "events");
  await events.create({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "event-test", labels: { "testevent-constant": "true" } },
    message: "This is a test event",
    reason: "Test",
    type: "Normal",
    count: 1,
    involvedObject: { namespace: NAMESPACE },
  });
  assert.deepEqual(names(await events.listEverywhere("testevent-constant=true")), ["event-test"]);
  const message = "This is a test event - patched";
  await events.patch("event-test", { metadata: { labels: { "testevent-constant": "true" } }, message });
  const patched = await events.get("event-test");
  assert.equal(patched.message, message);
  const series = { count: 100, lastObservedTime: "2017-09-19T13:49:16.000000Z" };
  await events.update({ ...patched, series });
  assert.deepEqual((await events.get("event-test")).series, series);
  await events.delete("event-test");
  assert.deepEqual(await events.listEverywhere("testevent-constant=true"), []);
});

test("[sig-instrumentation] Events should delete a collection of events [Conformance]", async (t) => {
  const events = await resource(t, "/api/v1", "events");
  for (const name of ["test-event-1", "test-event-2", "test-event-3"]) {
    await events.create({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, labels: { "testevent-set": "true" } },
      message: `This is ${name}`,
      reason: "Test",
      type: "Normal",
      count: 1,
      involvedObject: { namespace: NAMESPACE },
    });
  }
  assert.equal((await events.list("testevent-set=true")).length, 3);
  await events.deleteAll("testevent-set=true");
  assert.deepEqual(await events.list("testevent-set=true"), []);
});

const newEvent = (name: string, label: string) => ({
  apiVersion: "events.k8s.io/v1",
  kind: "Event",
  metadata: { name, labels: { [label]: "true" } },
  regarding: { namespace: NAMESPACE },
  eventTime: "2017-09-19T13:49:16.000000Z",
  note: `This is ${name}`,
  action: "Do",
  reason: "Test",
  type: "Normal",
  reportingController: "test-controller",
  reportingInstance: "test-node",
});

test("[sig-instrumentation] Events API should ensure that an event can be fetched, patched, deleted, and listed [Conformance]", async (t) => {
  const events = await resource(t, "/apis/events.k8s.io/v1", "events");
  const labelled = "testevent-constant=true";
  await events.create(newEvent("event-test", "testevent-constant"));
  assert.deepEqual(names(await events.listEverywhere(labelled)), ["event-test"]);
  assert.deepEqual(names(await events.list(labelled)), ["event-test"]);
  const core = `/api/v1/namespaces/${NAMESPACE}/events`;
  assert.deepEqual(names(await events.listBy("source=test-controller", core)), ["event-test"]);
  assert.deepEqual(names(await events.listBy("reportingController=test-controller")), ["event-test"]);
  const essence = ({
    metadata: { resourceVersion, managedFields, ...metadata },
    ...rest
  }: Live & { metadata: Json }) => ({
    ...rest,
    metadata,
  });
  const made = await events.get("event-test");
  const first = { count: 2, lastObservedTime: "2017-09-19T13:49:11.000000Z" };
  await events.patch("event-test", { series: first });
  const patched = await events.get("event-test");
  assert.deepEqual(essence(patched), { ...essence(made), series: first });
  const updated = { ...essence(patched), series: { count: 100, lastObservedTime: "2017-09-19T13:49:16.000000Z" } };
  await events.update(updated as unknown as Live);
  assert.deepEqual(essence(await events.get("event-test")), updated);
  await events.delete("event-test");
  assert.deepEqual([...(await events.listEverywhere(labelled)), ...(await events.list(labelled))], []);
});

test("[sig-instrumentation] Events API should delete a collection of events [Conformance]", async (t) => {
  const events = await resource(t, "/apis/events.k8s.io/v1", "events");
  for (const name of ["one", "two", "three"]) await events.create(newEvent(name, "testevent-set"));
  assert.equal((await events.list("testevent-set=true")).length, 3);
  await events.deleteAll("testevent-set=true");
  assert.deepEqual(await events.list("testevent-set=true"), []);
});

// --- what is written of Pods, without a node ---

const TOLERATIONS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

test("updating a Pod's tolerations leaves those that every Pod has", async (t) => {
  const pods = await resource(t, "/api/v1", "pods");
  await pods.create(pod("tolerant", {}));
  const live = await pods.get("tolerant");
  const tolerations = [{ key: "foo", operator: "Equal", value: "bar", effect: "NoSchedule" }];
  const updated = await pods.update({ ...live, spec: { ...(live.spec as Json), tolerations } });
  const keys = ((updated.spec as Json).tolerations as { key: string }[]).map(({ key }) => key);
  assert.deepEqual(keys.sort(), ["foo", ...TOLERATIONS]);
  assert.equal((updated.metadata as Json).generation, 2);
});

test("a patch of a Pod's status may carry an empty object around it, as Go clients send it", async (t) => {
  const pods = await resource(t, "/api/v1", "pods");
  await pods.create(pod("told", {}, { labels: { name: "told" } }));
  const before = await pods.get("told");
  const body = {
    metadata: { creationTimestamp: null },
    spec: { containers: null },
    status: { message: "Patched by e2e test", reason: "E2E" },
  };
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/told/status`;
  const patched = await pods.ask("PATCH", path, { body, contentType: MERGE });
  const { message, reason } = patched.status as Json;
  assert.deepEqual([message, reason], ["Patched by e2e test", "E2E"]);
  assert.deepEqual(patched.spec, before.spec);
  assert.deepEqual((patched.metadata as Json).creationTimestamp, (before.metadata as Json).creationTimestamp);
});
