/** The sentences of the conformance suite about ResourceQuota. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ReplicaSet } from "../../api/apps/v1/index.ts";
import { ConfigMap, Pod, ReplicationController, ResourceQuota, Secret, Service } from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { type Cluster, pod, replicaSet, service, testCluster } from "../../testing/index.ts";

const HARD = {
  pods: "5",
  services: "10",
  "services.nodeports": "1",
  "services.loadbalancers": "1",
  replicationcontrollers: "10",
  resourcequotas: "1",
  cpu: "1",
  memory: "500Mi",
  configmaps: "10",
  secrets: "10",
  persistentvolumeclaims: "10",
  "requests.storage": "10Gi",
  "requests.ephemeral-storage": "50Gi",
  "requests.example.com/dongle": "3",
  "count/replicasets.apps": "5",
};

function quota(name: string, spec: Partial<ResourceQuota["spec"]> = {}): ResourceQuota {
  return {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name, namespace: "default" },
    spec: { hard: HARD, ...spec },
  } as unknown as ResourceQuota;
}

type Amounts = Record<string, string>;
const resources = (requests: Amounts, limits: Amounts = {}) => ({
  containers: [{ name: "main", image: "example/pause:1", resources: { requests, limits } }] as never,
});

async function used(cluster: Cluster, name = "test-quota"): Promise<Amounts> {
  return (await cluster.get(ResourceQuota, name)).status.used ?? {};
}

/** A cluster without Pods that run: what is created is only there. */
const start = (t: Parameters<typeof testCluster>[0]) => testCluster(t, { scheduler: false });

/** Counts what `names` say has been used before an object, with it, and after it has gone. */
async function life<T extends KubernetesObject>(
  cluster: Cluster,
  options: { kind: Kind<T>; object: KubernetesObject; names: readonly string[] },
): Promise<void> {
  const { kind, object, names } = options;
  await cluster.create(quota("test-quota"));
  await cluster.settle();
  const before = await used(cluster);
  await cluster.create(object);
  await cluster.settle();
  const during = await used(cluster);
  for (const name of names) assert.equal(Number(during[name]), Number(before[name]) + 1, name);
  await cluster.delete(kind, object.metadata.name!);
  await cluster.advance("5s");
  assert.deepEqual(await used(cluster), before);
}

const object = (kind: Kind, name: string, more: object = {}) =>
  ({ apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name, namespace: "default" }, ...more }) as never;

test("[sig-api-machinery] ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated. [Conformance]", async (t) => {
  const cluster = await start(t);
  await cluster.create(quota("test-quota"));
  await cluster.settle();
  const { status } = await cluster.get(ResourceQuota, "test-quota");
  assert.deepEqual(status.hard, HARD);
  // the namespace has a Service and ConfigMaps from the beginning, and the quota counts itself
  const nothing = Object.fromEntries(Object.keys(HARD).map((name) => [name, "0"]));
  const { configmaps, services } = status.used!;
  assert.deepEqual(status.used, { ...nothing, resourcequotas: "1", configmaps, services });
});

test("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a configMap. [Conformance]", async (t) => {
  await life(await start(t), { kind: ConfigMap, object: object(ConfigMap, "test-configmap"), names: ["configmaps"] });
});

test("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a secret. [Conformance]", async (t) => {
  await life(await start(t), { kind: Secret, object: object(Secret, "test-secret"), names: ["secrets"] });
});

test("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replica set. [Conformance]", async (t) => {
  const set = replicaSet("test-rs", { replicas: 0 });
  await life(await start(t), { kind: ReplicaSet, object: set, names: ["count/replicasets.apps"] });
});

test("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replication controller. [Conformance]", async (t) => {
  const template = { metadata: { labels: { name: "test-rc" } }, spec: pod("test-rc").spec };
  const controller = object(ReplicationController as never, "test-rc", {
    spec: { replicas: 0, selector: { name: "test-rc" }, template },
  });
  await life(await start(t), { kind: ReplicationController, object: controller, names: ["replicationcontrollers"] });
});

test("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a service. [Conformance]", async (t) => {
  const cluster = await start(t);
  await cluster.create(quota("test-quota"));
  await cluster.settle();
  const before = await used(cluster);
  await cluster.create(service("test-service"));
  const nodePort = { type: "NodePort", ports: [{ port: 80 }] } as never;
  await cluster.create(service("test-service-np", { spec: nodePort }));
  // a load balancer's ports would be the second on the nodes
  await assert.rejects(
    cluster.create(service("test-service-lb", { spec: { type: "LoadBalancer", ports: [{ port: 80 }] } as never })),
    /exceeded quota: test-quota, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1/,
  );
  await cluster.settle();
  const during = await used(cluster);
  assert.equal(Number(during.services), Number(before.services) + 2);
  assert.equal(during["services.nodeports"], "1");
  assert.equal(during["services.loadbalancers"], "0");
  await cluster.delete(Service, "test-service");
  await cluster.delete(Service, "test-service-np");
  await cluster.advance("5s");
  assert.deepEqual(await used(cluster), before);
});

test("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a pod. [Conformance]", async (t) => {
  const cluster = await start(t);
  await cluster.create(quota("test-quota"));
  await cluster.settle();
  const asked = { cpu: "500m", memory: "252Mi", "ephemeral-storage": "30Gi", "example.com/dongle": "2" };
  const made = await cluster.create(pod("test-pod", { spec: resources(asked, { "example.com/dongle": "2" }) }));
  await cluster.settle();
  const { pods, cpu, memory, ...others } = await used(cluster);
  assert.deepEqual(
    [pods, cpu, memory, others["requests.ephemeral-storage"], others["requests.example.com/dongle"]],
    ["1", "500m", "252Mi", "30Gi", "2"],
  );
  await assert.rejects(
    cluster.create(pod("fail-pod", { spec: resources({ cpu: "600m", memory: "100Mi" }) })),
    (error: Error & { status: { code: number; reason: string } }) =>
      error.status.code === 403 &&
      error.status.reason === "Forbidden" &&
      error.message.includes("exceeded quota: test-quota, requested: cpu=600m, used: cpu=500m, limited: cpu=1"),
  );
  const dongles = { cpu: "500m", memory: "100Mi", "ephemeral-storage": "10Gi", "example.com/dongle": "2" };
  await assert.rejects(
    cluster.create(pod("fail-pod", { spec: resources(dongles, { "example.com/dongle": "2" }) })),
    /requested: requests.example.com\/dongle=2, used: requests.example.com\/dongle=2, limited: requests.example.com\/dongle=3/,
  );
  const changed = structuredClone(made);
  changed.spec.containers[0]!.resources!.requests = { ...asked, cpu: "100m", memory: "100Mi" };
  await assert.rejects(cluster.client.update(Pod, changed), /pod updates may not change fields other than/);
  assert.equal((await used(cluster)).cpu, "500m");
  await cluster.delete(Pod, "test-pod");
  await cluster.advance("5s");
  const after = await used(cluster);
  assert.deepEqual([after.pods, after.cpu, after.memory, after["requests.example.com/dongle"]], ["0", "0", "0", "0"]);
});

test("[sig-api-machinery] ResourceQuota should verify ResourceQuota with best effort scope. [Conformance]", async (t) => {
  const cluster = await start(t);
  const hard = { pods: "5" };
  await cluster.create(quota("best", { hard, scopes: ["BestEffort"] }));
  await cluster.create(quota("not-best", { hard, scopes: ["NotBestEffort"] }));
  await cluster.settle();
  const both = async () => [(await used(cluster, "best")).pods, (await used(cluster, "not-best")).pods];
  assert.deepEqual(await both(), ["0", "0"]);
  await cluster.create(pod("besteffort"));
  assert.deepEqual(await both(), ["1", "0"]);
  await cluster.delete(Pod, "besteffort");
  await cluster.advance("5s");
  assert.deepEqual(await both(), ["0", "0"]);
  const asked = { cpu: "500m", memory: "200Mi" };
  await cluster.create(pod("not-besteffort", { spec: resources(asked, { cpu: "1", memory: "400Mi" }) }));
  assert.deepEqual(await both(), ["0", "1"]);
  await cluster.delete(Pod, "not-besteffort");
  await cluster.advance("5s");
  assert.deepEqual(await both(), ["0", "0"]);
});

test("[sig-api-machinery] ResourceQuota should verify ResourceQuota with terminating scopes. [Conformance]", async (t) => {
  const cluster = await start(t);
  const hard = {
    pods: "5",
    "requests.cpu": "1",
    "requests.memory": "500Mi",
    "limits.cpu": "2",
    "limits.memory": "1Gi",
  };
  await cluster.create(quota("ends", { hard, scopes: ["Terminating"] }));
  await cluster.create(quota("stays", { hard, scopes: ["NotTerminating"] }));
  await cluster.settle();
  const none = { pods: "0", "requests.cpu": "0", "requests.memory": "0", "limits.cpu": "0", "limits.memory": "0" };
  const one = {
    pods: "1",
    "requests.cpu": "500m",
    "requests.memory": "200Mi",
    "limits.cpu": "1",
    "limits.memory": "400Mi",
  };
  const both = async () => [await used(cluster, "ends"), await used(cluster, "stays")];
  const spec = resources({ cpu: "500m", memory: "200Mi" }, { cpu: "1", memory: "400Mi" });
  await cluster.create(pod("long", { spec }));
  assert.deepEqual(await both(), [none, one]);
  await cluster.delete(Pod, "long");
  await cluster.advance("5s");
  assert.deepEqual(await both(), [none, none]);
  await cluster.create(pod("short", { spec: { ...spec, activeDeadlineSeconds: 3600 } }));
  assert.deepEqual(await both(), [one, none]);
  await cluster.delete(Pod, "short");
  await cluster.advance("5s");
  assert.deepEqual(await both(), [none, none]);
});

test("[sig-api-machinery] ResourceQuota should be able to update and delete ResourceQuota. [Conformance]", async (t) => {
  const cluster = await start(t);
  await cluster.create(quota("test-quota", { hard: { cpu: "1", memory: "500Mi" } }));
  assert.deepEqual((await cluster.get(ResourceQuota, "test-quota")).spec.hard, { cpu: "1", memory: "500Mi" });
  await cluster.edit(ResourceQuota, "test-quota", ({ spec }) => {
    spec.hard = { cpu: "2", memory: "1Gi" };
  });
  assert.deepEqual((await cluster.get(ResourceQuota, "test-quota")).spec.hard, { cpu: "2", memory: "1Gi" });
  await cluster.delete(ResourceQuota, "test-quota");
  await assert.rejects(cluster.get(ResourceQuota, "test-quota"), /not found/);
});

test("[sig-api-machinery] ResourceQuota should manage the lifecycle of a ResourceQuota [Conformance]", async (t) => {
  const cluster = await start(t);
  const named = quota("test-quota", { hard: { cpu: "1", memory: "500Mi" } });
  named.metadata.labels = { "test-quota": "test-quota" };
  await cluster.create(named);
  const labelSelector = "test-quota=test-quota";
  assert.equal((await cluster.client.list(ResourceQuota, { labelSelector })).items.length, 1);
  const key = { namespace: "default", name: "test-quota" };
  const patched = await cluster.client.patch(ResourceQuota, key, "strategic", {
    metadata: { labels: { "test-quota": "patched" } },
    spec: { hard: { memory: "750Mi" } },
  });
  assert.deepEqual(patched.spec.hard, { cpu: "1", memory: "750Mi" });
  assert.equal(patched.metadata.labels?.["test-quota"], "patched");
  await cluster.client.deleteCollection(ResourceQuota, { namespace: "default", labelSelector: "test-quota=patched" });
  assert.equal((await cluster.list(ResourceQuota)).length, 0);
});

test("[sig-api-machinery] ResourceQuota should apply changes to a resourcequota status [Conformance]", async (t) => {
  const cluster = await start(t);
  const hard = { cpu: "500m", memory: "500Mi" };
  await cluster.create(quota("test-quota", { hard }));
  await cluster.settle();
  const current = await cluster.get(ResourceQuota, "test-quota");
  const wrong = { cpu: "1", memory: "1Gi" };
  const updated = await cluster.client.updateStatus(ResourceQuota, {
    ...current,
    status: { ...current.status, hard: wrong },
  });
  assert.deepEqual(updated.status.hard, wrong);
  await cluster.settle();
  assert.deepEqual((await cluster.get(ResourceQuota, "test-quota")).status.hard, hard);
  const key = { namespace: "default", name: "test-quota" };
  const more = { cpu: "1", memory: "1Gi" };
  await cluster.client.patch(ResourceQuota, key, "merge", { spec: { hard: more } });
  await cluster.settle();
  assert.deepEqual((await cluster.get(ResourceQuota, "test-quota")).status.hard, more);
  const status = { hard: { cpu: "2", memory: "2Gi" } };
  const patched = await cluster.client.patch(ResourceQuota, key, "merge", { status }, { subresource: "status" });
  assert.deepEqual([patched.status.hard, patched.spec.hard], [status.hard, more]);
  await cluster.settle();
  const last = await cluster.get(ResourceQuota, "test-quota");
  assert.deepEqual([last.status.hard, last.spec.hard], [more, more]);
});
