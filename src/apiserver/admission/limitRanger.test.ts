import assert from "node:assert/strict";
import { test } from "node:test";
import { LimitRange, type LimitRangeItem, Namespace, PersistentVolumeClaim, Pod } from "../../api/core/v1/index.ts";
import type { Client } from "../../client/client.ts";
import { type TestServer, testServer } from "../testServer.ts";

async function started(t: Parameters<typeof testServer>[0]): Promise<Client> {
  const server: TestServer = await testServer(t);
  const { client } = server;
  for (const namespace of ["default", "other"]) {
    if (namespace === "other") await client.create(Namespace, { metadata: { name: namespace } } as Namespace);
    const metadata = { name: "default", namespace };
    await server.ask({
      method: "POST",
      path: `/api/v1/namespaces/${namespace}/serviceaccounts`,
      body: { apiVersion: "v1", kind: "ServiceAccount", metadata },
    } as never);
  }
  return client;
}

const limitRange = (name: string, ...limits: LimitRangeItem[]): LimitRange =>
  ({ apiVersion: "v1", kind: "LimitRange", metadata: { name, namespace: "default" }, spec: { limits } }) as LimitRange;

type Amounts = Record<string, string>;
function asking(name: string, requests: Amounts, limits: Amounts): Pod {
  const containers = [{ name: "main", image: "example/pause:1", resources: { requests, limits } }];
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default" }, spec: { containers } } as never;
}

const DEFAULTS: LimitRangeItem = {
  type: "Container",
  min: { cpu: "50m", memory: "100Mi", "ephemeral-storage": "100Gi" },
  max: { cpu: "500m", memory: "500Mi", "ephemeral-storage": "500Gi" },
  default: { cpu: "500m", memory: "500Mi", "ephemeral-storage": "500Gi" },
  defaultRequest: { cpu: "100m", memory: "200Mi", "ephemeral-storage": "200Gi" },
};

test("[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied. [Conformance]", async (t) => {
  const client = await started(t);
  const made = await client.create(LimitRange, limitRange("limit-range", DEFAULTS));
  assert.deepEqual(made.spec.limits, [DEFAULTS]);
  const none = await client.create(Pod, asking("pod-no-resources", {}, {}));
  const { default: limits, defaultRequest: requests } = DEFAULTS;
  assert.deepEqual(none.spec.containers[0]!.resources, { limits, requests });
  const set = "cpu, ephemeral-storage, memory";
  assert.equal(
    none.metadata.annotations?.["kubernetes.io/limit-ranger"],
    `LimitRanger plugin set: ${set} request for container main; ${set} limit for container main`,
  );
  const partial = await client.create(
    Pod,
    asking("pod-partial-resources", { cpu: "100m", memory: "150Mi" }, { cpu: "300m" }),
  );
  assert.deepEqual(partial.spec.containers[0]!.resources, {
    limits: { ...limits, cpu: "300m" },
    requests: { ...requests, memory: "150Mi" },
  });
  await assert.rejects(
    client.create(Pod, asking("pod-too-small", { cpu: "10m", memory: "50Mi" }, {})),
    /pods "pod-too-small" is forbidden: \[minimum cpu usage per Container is 50m, but request is 10m, minimum memory /,
  );
  await assert.rejects(
    client.create(Pod, asking("pod-too-big", { cpu: "600m" }, { cpu: "600m" })),
    /is forbidden: maximum cpu usage per Container is 500m, but limit is 600m/,
  );
  const patch = {
    spec: { limits: [{ ...DEFAULTS, min: { cpu: "9m", memory: "49Mi", "ephemeral-storage": "49Gi" } }] },
  };
  await client.patch(LimitRange, { namespace: "default", name: "limit-range" }, "merge", patch);
  await client.create(Pod, asking("pod-too-small", { cpu: "10m", memory: "50Mi", "ephemeral-storage": "50Gi" }, {}));
  await client.delete(LimitRange, { namespace: "default", name: "limit-range" });
  await client.create(Pod, asking("pod-big", { cpu: "600m" }, { cpu: "600m" }));
});

test("[sig-scheduling] LimitRange should list, patch and delete a LimitRange by collection [Conformance]", async (t) => {
  const client = await started(t);
  const labels = { "limit-range": "here" };
  for (const namespace of ["default", "other"]) {
    const range = limitRange("limit-range", DEFAULTS);
    range.metadata = { name: `range-${namespace}`, namespace, labels };
    await client.create(LimitRange, range);
  }
  const labelSelector = "limit-range=here";
  assert.equal((await client.list(LimitRange, { labelSelector })).items.length, 2);
  const key = { namespace: "default", name: "range-default" };
  const patched = await client.patch(LimitRange, key, "strategic", {
    metadata: { labels: { "range-default": "patched" } },
    spec: { limits: [{ ...DEFAULTS, min: { cpu: "40m" } }] },
  });
  assert.equal(patched.metadata.labels?.["range-default"], "patched");
  assert.deepEqual(patched.spec.limits?.[0]?.min, { cpu: "40m" });
  await client.deleteCollection(LimitRange, { namespace: "default", labelSelector: "range-default=patched" });
  const left = await client.list(LimitRange, { labelSelector });
  assert.deepEqual(
    left.items.map(({ metadata }) => metadata.name),
    ["range-other"],
  );
});

test("holds Pods as a whole, the proportion of limit to request, and claims within bounds", async (t) => {
  const client = await started(t);
  await client.create(
    LimitRange,
    limitRange(
      "bounds",
      { type: "Pod", max: { memory: "1Gi" } },
      { type: "Container", maxLimitRequestRatio: { cpu: "2" } },
      { type: "PersistentVolumeClaim", min: { storage: "1Gi" }, max: { storage: "2Gi" } },
    ),
  );
  await assert.rejects(
    client.create(Pod, asking("wide", { cpu: "100m", memory: "1Gi" }, { cpu: "300m", memory: "2Gi" })),
    {
      message:
        'pods "wide" is forbidden: [maximum memory usage per Pod is 1Gi, but limit is 2Gi, ' +
        "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000]",
    },
  );
  const claim = (name: string, storage: string) =>
    client.create(PersistentVolumeClaim, {
      metadata: { name, namespace: "default" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
    } as unknown as PersistentVolumeClaim);
  await assert.rejects(claim("small", "1Mi"), {
    message:
      'persistentvolumeclaims "small" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi',
  });
  await assert.rejects(
    claim("big", "3Gi"),
    /maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi/,
  );
  await claim("right", "2Gi");
});
