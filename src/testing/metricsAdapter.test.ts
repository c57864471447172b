import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { APIService } from "../api/apiregistration/v1/index.ts";
import { Deployment } from "../api/apps/v1/index.ts";
import { HorizontalPodAutoscaler } from "../api/autoscaling/v2/index.ts";
import { Pod, Service } from "../api/core/v1/index.ts";
import { outside, until, withServer } from "../apiserver/aggregation/testApi.ts";
import { type Client, createClient, createInformers } from "../client/index.ts";
import { runControllers } from "../controllers/index.ts";
import { runScheduler } from "../scheduler/index.ts";
import { runSimulatedNodes } from "../simulation/index.ts";
import { realClock } from "../util/clock.ts";
import { silentLogger } from "../util/logger.ts";
import { realRandom } from "../util/random.ts";
import { deployment } from "./index.ts";

const CUSTOM = "custom.metrics.k8s.io/v1beta1";
const EXTERNAL = "external.metrics.k8s.io/v1beta1";
const NOW = new Date(realClock.now()).toISOString().replace(/\.\d+/, "");

const value = (apiVersion: string, kind: string, name: string, metricName: string, amount: string) => ({
  describedObject: { kind, namespace: "default", name, apiVersion },
  metricName,
  timestamp: NOW,
  value: amount,
  selector: null,
});

interface Asked {
  path: string;
  user: unknown;
}

/** An adapter as those that bring metrics of other systems: it knows one metric of each kind. */
function adapter(client: () => Client, asked: Asked[]) {
  const answers: Record<string, () => Promise<object[]> | object[]> = {
    "pods/*/packets-per-second": async () => {
      const { items } = await client().list(Pod, { namespace: "default", labelSelector: "app=by-pods" });
      return items.map(({ metadata }) => value("/v1", "Pod", metadata.name!, "packets-per-second", "30"));
    },
    "services/main/requests": () => [value("/v1", "Service", "main", "requests", "6k")],
    queue_length: () => [
      { metricName: "queue_length", metricLabels: { queue: "mail" }, timestamp: NOW, value: "25" },
      { metricName: "queue_length", metricLabels: { queue: "mail" }, timestamp: NOW, value: "15" },
    ],
  };
  return async (request: IncomingMessage, response: ServerResponse) => {
    const send = (code: number, body: object) =>
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    const url = decodeURIComponent(request.url!).replaceAll("+", " ");
    const [, group, rest = ""] = /^\/apis\/([^/]+\/v1beta1)\/?([^?]*)/.exec(url) ?? [];
    if (rest === "")
      return send(200, { kind: "APIResourceList", apiVersion: "v1", groupVersion: group, resources: [] });
    asked.push({ path: url, user: request.headers["x-remote-user"] });
    const answer = answers[rest.replace("namespaces/default/", "")];
    if (!answer) return send(404, { kind: "Status", status: "Failure", reason: "NotFound", code: 404 });
    const kind = group === EXTERNAL ? "ExternalMetricValueList" : "MetricValueList";
    return send(200, { kind, apiVersion: group, metadata: {}, items: await answer() });
  };
}

/** A cluster of which only what scaling needs is there, with the adapter behind its API server. */
async function withAdapter(t: TestContext) {
  const asked: Asked[] = [];
  const { client, dev, service } = await withServer(
    t,
    adapter(() => client, asked),
  );
  const common = { clock: realClock, random: realRandom, logger: silentLogger };
  const informers = createInformers(client, common);
  const stop = new AbortController();
  const groups = ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"];
  /** with no more than the rights that they have in any cluster */
  const clientAs = (account: string) =>
    createClient(dev.server.directTransport({ name: `system:serviceaccount:kube-system:${account}`, groups }));
  const network = { rootCA: "", clusterCIDR: "10.128.0.0/9", nodeCIDRMaskSize: 24 };
  const running = Promise.all([
    informers.run(stop.signal),
    runControllers({ ...common, ...network, client, informers, clientAs }, stop.signal),
    runScheduler({ ...common, client, informers }, stop.signal),
    runSimulatedNodes({ ...common, client, informers, nodes: ["a"] }, stop.signal),
  ]);
  t.after(async () => {
    stop.abort();
    await running;
  });
  await client.create(Service, outside());
  for (const group of [CUSTOM, EXTERNAL].map((one) => one.split("/")[0]!)) {
    const spec = { group, version: "v1beta1", groupPriorityMinimum: 100, versionPriority: 100, service };
    const name = `v1beta1.${group}`;
    await client.create(APIService, {
      metadata: { name },
      spec: { ...spec, insecureSkipTLSVerify: true },
    } as APIService);
    const conditions = async () => (await client.get(APIService, { name })).status.conditions;
    await until(`${name} is available`, async () => (await conditions())?.[0]?.status === "True");
  }
  return { client, asked };
}

const METRICS = {
  "by-pods": {
    type: "Pods",
    pods: { metric: { name: "packets-per-second" }, target: { type: "AverageValue", averageValue: "15" } },
  },
  "by-object": {
    type: "Object",
    object: {
      describedObject: { apiVersion: "v1", kind: "Service", name: "main" },
      metric: { name: "requests" },
      target: { type: "Value", value: "3k" },
    },
  },
  "by-external": {
    type: "External",
    external: {
      metric: { name: "queue_length", selector: { matchLabels: { queue: "mail" } } },
      target: { type: "AverageValue", averageValue: "10" },
    },
  },
};
const WANTED = 4; // no more than twice as many at once
const CURRENT = {
  "by-pods": [{ type: "Pods", pods: { metric: { name: "packets-per-second" }, current: { averageValue: "30" } } }],
  "by-object": [
    {
      type: "Object",
      object: {
        describedObject: { apiVersion: "v1", kind: "Service", name: "main" },
        metric: { name: "requests" },
        current: { value: "6k" },
      },
    },
  ],
  "by-external": [
    {
      type: "External",
      external: { metric: METRICS["by-external"].external.metric, current: { averageValue: "20" } },
    },
  ],
};

test("metrics of Pods, of objects and of other systems scale, whoever serves their APIs", async (t) => {
  const { client, asked } = await withAdapter(t);
  const names = Object.keys(METRICS) as (keyof typeof METRICS)[];
  for (const name of names) await client.create(Deployment, deployment(name, { replicas: 2 }));
  const replicasOf = async (name: string) => (await client.get(Deployment, { namespace: "default", name })).status;
  for (const name of names) await until(`${name} runs`, async () => (await replicasOf(name)).readyReplicas === 2);
  for (const name of names) {
    const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name };
    const spec = { scaleTargetRef, maxReplicas: 10, metrics: [METRICS[name]] };
    await client.create(HorizontalPodAutoscaler, {
      metadata: { name, namespace: "default" },
      spec,
    } as unknown as HorizontalPodAutoscaler);
  }
  for (const name of names) {
    const read = () => client.get(HorizontalPodAutoscaler, { namespace: "default", name });
    await until(`${name} is scaled`, async () => (await read()).status?.desiredReplicas === WANTED);
    assert.deepEqual((await read()).status?.currentMetrics, CURRENT[name]);
    await until(`${name} is large`, async () => (await replicasOf(name)).readyReplicas === WANTED);
  }
  const at = (group: string) => `/apis/${group}/namespaces/default`;
  const paths = asked.map(({ path }) => path);
  assert.ok(paths.includes(`${at(CUSTOM)}/pods/*/packets-per-second?labelSelector=app=by-pods`), paths.join("\n"));
  assert.ok(paths.some((path) => path.startsWith(`${at(CUSTOM)}/services/main/requests`)));
  assert.ok(paths.includes(`${at(EXTERNAL)}/queue_length?labelSelector=queue=mail`), paths.join("\n"));
  const users = new Set(asked.map(({ user }) => user));
  assert.deepEqual([...users], ["system:serviceaccount:kube-system:horizontal-pod-autoscaler"]);
});
