import assert from "node:assert/strict";
import { test } from "node:test";
import { Deployment } from "../../api/apps/v1/index.ts";
import { Lease } from "../../api/coordination/v1/index.ts";
import { ConfigMap, Namespace, Node, Pod, ServiceAccount } from "../../api/core/v1/index.ts";
import { draft } from "../../apimachinery/freeze.ts";
import { isAlreadyExists, isConflict, isForbidden, isInvalid, isNotFound } from "../../apimachinery/status.ts";
import { testServer } from "../testServer.ts";

const configMap = (name: string, data?: Record<string, string>) => ({ metadata: { name, namespace: "default" }, data });

const deployment = (name: string) =>
  ({
    metadata: { name, namespace: "default" },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "c", image: "i" }] } },
    },
  }) as unknown as Deployment;

async function pod(client: Awaited<ReturnType<typeof testServer>>["client"], name: string, more: object = {}) {
  await client.create(ServiceAccount, { metadata: { name: "default", namespace: "default" } }).catch(() => {});
  return client.create(Pod, {
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "c", image: "i" }], ...more },
  } as Pod);
}

test("gives a new object its identity, and hands it over frozen", async (t) => {
  const { client } = await testServer(t);
  const made = await client.create(ConfigMap, configMap("a", { k: "v" }));
  assert.match(made.metadata.uid ?? "", /^[0-9a-f-]{36}$/);
  assert.equal(made.metadata.creationTimestamp, "2030-01-01T00:00:00Z");
  assert.ok(Number(made.metadata.resourceVersion) > 0);
  assert.ok(Object.isFrozen(made) && Object.isFrozen(made.data));
  assert.deepEqual(await client.get(ConfigMap, { namespace: "default", name: "a" }), made);
});

test("refuses a second object of the same name", async (t) => {
  const { client } = await testServer(t);
  await client.create(ConfigMap, configMap("a"));
  await assert.rejects(client.create(ConfigMap, configMap("a")), isAlreadyExists);
});

test("makes a name from generateName", async (t) => {
  const { client } = await testServer(t);
  const made = await client.create(ConfigMap, { metadata: { generateName: "a-", namespace: "default" } });
  assert.match(made.metadata.name ?? "", /^a-[bcdfghjklmnpqrstvwxz2-9]{5}$/);
});

test("stores nothing in a dry run", async (t) => {
  const { client } = await testServer(t);
  const answered = await client.create(ConfigMap, configMap("a"), { dryRun: true });
  assert.equal(answered.metadata.resourceVersion, undefined);
  await assert.rejects(client.get(ConfigMap, { namespace: "default", name: "a" }), isNotFound);
});

test("refuses an update against an old version, and takes one that names none", async (t) => {
  const { client } = await testServer(t);
  const first = await client.create(ConfigMap, configMap("a", { k: "1" }));
  await client.update(ConfigMap, { ...first, data: { k: "2" } });
  await assert.rejects(client.update(ConfigMap, { ...first, data: { k: "3" } }), isConflict);
  const forced = await client.update(ConfigMap, configMap("a", { k: "4" }));
  assert.equal(forced.data?.k, "4");
});

test("does not write an update that changes nothing", async (t) => {
  const { client } = await testServer(t);
  const first = await client.create(ConfigMap, configMap("a", { k: "1" }));
  const again = await client.update(ConfigMap, first);
  assert.equal(again.metadata.resourceVersion, first.metadata.resourceVersion);
});

test("racing patches all take effect", async (t) => {
  const { client } = await testServer(t);
  await client.create(ConfigMap, configMap("a"));
  const key = { namespace: "default", name: "a" };
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
  await Promise.all(keys.map((k) => client.patch(ConfigMap, key, "merge", { data: { [k]: "v" } })));
  assert.deepEqual(Object.keys((await client.get(ConfigMap, key)).data ?? {}).sort(), keys.sort());
});

test("creates by server-side apply, and refuses to take over another manager's field", async (t) => {
  const { client } = await testServer(t);
  const key = { namespace: "default", name: "a" };
  const applied = (value: string) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a" },
    data: { k: value },
  });
  await client.patch(ConfigMap, key, "apply", applied("1"), { fieldManager: "one" });
  await assert.rejects(client.patch(ConfigMap, key, "apply", applied("2"), { fieldManager: "two" }), isConflict);
  const forced = await client.patch(ConfigMap, key, "apply", applied("2"), { fieldManager: "two", force: true });
  assert.equal(forced.data?.k, "2");
});

test("counts generations of the spec, not of the status", async (t) => {
  const { client } = await testServer(t);
  const made = await client.create(Deployment, deployment("web"));
  assert.equal(made.metadata.generation, 1);
  const status = await client.updateStatus(Deployment, { ...made, status: { replicas: 1 } } as Deployment);
  assert.equal(status.metadata.generation, 1);
  assert.equal(status.status.replicas, 1);
  const scaled = await client.update(Deployment, {
    ...status,
    spec: { ...status.spec, replicas: 3 },
    status: {},
  } as Deployment);
  assert.equal(scaled.metadata.generation, 2);
  assert.equal(scaled.status.replicas, 1, "the status is not written through the resource itself");
});

test("scales through /scale", async (t) => {
  const { client, ask } = await testServer(t);
  await client.create(Deployment, deployment("web"));
  const path = "/apis/apps/v1/namespaces/default/deployments/web/scale";
  const scale = (await ask({ method: "GET", path })) as { spec: object; status: { selector: string } };
  assert.equal(scale.status.selector, "app=web");
  await ask({ method: "PUT", path, body: { ...scale, spec: { replicas: 4 } } });
  const after = await client.get(Deployment, { namespace: "default", name: "web" });
  assert.equal(after.spec.replicas, 4);
  assert.equal(after.metadata.generation, 2);
});

test("keeps an object under deletion until its finalizers are gone", async (t) => {
  const { client } = await testServer(t);
  const key = { namespace: "default", name: "a" };
  const made = configMap("a");
  await client.create(ConfigMap, { ...made, metadata: { ...made.metadata, finalizers: ["example.com/wait"] } });
  await client.delete(ConfigMap, key);
  const waiting = await client.get(ConfigMap, key);
  assert.equal(waiting.metadata.deletionTimestamp, "2030-01-01T00:00:00Z");
  await client.patch(ConfigMap, key, "merge", { metadata: { finalizers: null } });
  await assert.rejects(client.get(ConfigMap, key), isNotFound);
});

test("adds the finalizer that a propagation policy asks for", async (t) => {
  const { client } = await testServer(t);
  const key = { namespace: "default", name: "web" };
  await client.create(Deployment, deployment("web"));
  await client.delete(Deployment, key, { propagationPolicy: "Foreground" });
  assert.deepEqual((await client.get(Deployment, key)).metadata.finalizers, ["foregroundDeletion"]);
});

test("refuses a deletion whose precondition does not hold", async (t) => {
  const { client } = await testServer(t);
  await client.create(ConfigMap, configMap("a"));
  const key = { namespace: "default", name: "a" };
  await assert.rejects(client.delete(ConfigMap, key, { preconditions: { uid: "other" } }), isConflict);
});

test("removes a pod that runs nowhere at once", async (t) => {
  const { client } = await testServer(t);
  await pod(client, "p");
  await client.delete(Pod, { namespace: "default", name: "p" });
  await assert.rejects(client.get(Pod, { namespace: "default", name: "p" }), isNotFound);
});

test("gives a bound pod its grace period, which can only be shortened", async (t) => {
  const { client } = await testServer(t);
  const key = { namespace: "default", name: "p" };
  await pod(client, "p");
  await client.createSubresource(Pod, key, "binding", { metadata: { name: "p" }, target: { kind: "Node", name: "n" } });
  await client.delete(Pod, key);
  const ending = await client.get(Pod, key);
  assert.equal(ending.metadata.deletionGracePeriodSeconds, 30);
  assert.equal(ending.metadata.deletionTimestamp, "2030-01-01T00:00:30Z");
  await client.delete(Pod, key, { gracePeriodSeconds: 60 });
  assert.equal((await client.get(Pod, key)).metadata.deletionGracePeriodSeconds, 30);
  await client.delete(Pod, key, { gracePeriodSeconds: 0 });
  await assert.rejects(client.get(Pod, key), isNotFound);
});

test("binds a pod once", async (t) => {
  const { client } = await testServer(t);
  const key = { namespace: "default", name: "p" };
  await pod(client, "p");
  const bind = (name: string) =>
    client.createSubresource(Pod, key, "binding", { metadata: { name: "p" }, target: { kind: "Node", name } });
  await bind("a");
  await assert.rejects(bind("b"), isConflict);
  const bound = await client.get(Pod, key);
  assert.equal(bound.spec.nodeName, "a");
  assert.equal(bound.metadata.generation, 1);
  assert.equal(bound.status.conditions?.[0]?.type, "PodScheduled");
});

test("a new pod is pending, has an account with its token, a priority and tolerations", async (t) => {
  const { client } = await testServer(t);
  const made = await pod(client, "p");
  assert.deepEqual(made.status, { phase: "Pending", qosClass: "BestEffort" });
  assert.equal(made.spec.serviceAccountName, "default");
  assert.equal(made.spec.priority, 0);
  assert.match(made.spec.volumes?.[0]?.name ?? "", /^kube-api-access-/);
  assert.deepEqual(
    made.spec.tolerations?.map(({ key, tolerationSeconds }) => [key, tolerationSeconds]),
    [
      ["node.kubernetes.io/not-ready", 300],
      ["node.kubernetes.io/unreachable", 300],
    ],
  );
});

test("refuses a pod without its service account, and one with an unknown priority class", async (t) => {
  const { client } = await testServer(t);
  const object = { metadata: { name: "p", namespace: "default" }, spec: { containers: [{ name: "c", image: "i" }] } };
  await assert.rejects(client.create(Pod, object as Pod), isForbidden);
  await assert.rejects(pod(client, "p", { priorityClassName: "nonsense" }), isForbidden);
});

test("nothing is created in a namespace that is missing or being deleted", async (t) => {
  const { client } = await testServer(t);
  const within = (namespace: string) => ({ metadata: { name: "a", namespace } });
  await assert.rejects(client.create(ConfigMap, within("nowhere")), isNotFound);
  await client.create(Namespace, { metadata: { name: "gone" } } as Namespace);
  await client.delete(Namespace, { name: "gone" });
  const ending = await client.get(Namespace, { name: "gone" });
  assert.equal(ending.status.phase, "Terminating");
  await assert.rejects(client.create(ConfigMap, within("gone")), isForbidden);
  await client.update(Namespace, { ...(draft(ending) as Namespace), spec: {} }, { subresource: "finalize" });
  await assert.rejects(client.get(Namespace, { name: "gone" }), isNotFound);
});

test("default and kube-system cannot be deleted", async (t) => {
  const { client } = await testServer(t);
  await assert.rejects(client.delete(Namespace, { name: "default" }), isForbidden);
  await assert.rejects(client.delete(Namespace, { name: "kube-system" }), isForbidden);
});

test("a new node takes no pods until it is ready", async (t) => {
  const { client } = await testServer(t);
  const node = await client.create(Node, { metadata: { name: "n" } } as Node);
  assert.deepEqual(node.spec.taints, [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }]);
});

test("a lease must say which version it replaces, and is created by PUT", async (t) => {
  const { client } = await testServer(t);
  const lease = { metadata: { name: "l", namespace: "default" }, spec: { holderIdentity: "a" } } as Lease;
  await client.update(Lease, lease);
  await assert.rejects(client.update(Lease, lease), isInvalid);
});

test("removes an event an hour after it was last written", async (t) => {
  const { client, ask, advance } = await testServer(t);
  const event = {
    metadata: { name: "e", namespace: "default" },
    involvedObject: { kind: "Pod", name: "p", namespace: "default" },
    reason: "Tested",
  };
  await ask({ method: "POST", path: "/api/v1/namespaces/default/events", body: event });
  await advance(59 * 60_000);
  assert.ok(await ask({ method: "GET", path: "/api/v1/namespaces/default/events/e" }));
  await advance(3 * 60_000);
  await assert.rejects(ask({ method: "GET", path: "/api/v1/namespaces/default/events/e" }), isNotFound);
  assert.ok(client);
});

test("one event is one object in both of its groups", async (t) => {
  const { ask } = await testServer(t);
  const event = {
    metadata: { name: "e", namespace: "default" },
    involvedObject: { kind: "Pod", name: "p", namespace: "default" },
    reason: "Tested",
    message: "it was",
  };
  await ask({ method: "POST", path: "/api/v1/namespaces/default/events", body: event });
  const other = (await ask({ method: "GET", path: "/apis/events.k8s.io/v1/namespaces/default/events/e" })) as {
    apiVersion: string;
    note: string;
  };
  assert.equal(other.apiVersion, "events.k8s.io/v1");
  assert.equal(other.note, "it was");
});
