/** What is asked of the metrics APIs, and what follows: with a server that knows a few paths. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetricSpec } from "../../api/autoscaling/v2/index.ts";
import type { Pod } from "../../api/core/v1/index.ts";
import { allKinds } from "../../api/index.ts";
import { StatusError } from "../../apimachinery/status.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { createClient, type TransportRequest } from "../../client/index.ts";
import { askMetric, type Target } from "./proposals.ts";

const NOW = 10_000_000;

/** Answers by path, "?" and the query in the order of its names. */
function client(answers: Record<string, readonly object[]>) {
  const asked: string[] = [];
  const request = async ({ path, query = {} }: TransportRequest): Promise<unknown> => {
    const search = Object.entries(query)
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join("&");
    const whole = search ? `${path}?${search}` : path;
    asked.push(whole);
    const items = answers[whole];
    if (items) return { apiVersion: "v1", kind: "MetricValueList", metadata: {}, items };
    throw new StatusError({
      apiVersion: "v1",
      kind: "Status",
      metadata: {},
      status: "Failure",
      reason: "NotFound",
      message: "the server could not find the requested resource",
      code: 404,
    } as never);
  };
  const watch = () => {
    throw new Error("nothing is watched");
  };
  return { asked, client: createClient({ request, watch, close: async () => {} }) };
}

const readyPod = (name: string) =>
  ({
    metadata: { name, namespace: "default" },
    spec: { containers: [] },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  }) as unknown as Pod;
const target = (replicas: number): Target => ({
  namespace: "default",
  selector: "app=web",
  pods: Array.from({ length: replicas }, (_, i) => readyPod(`web-${i}`)),
  wanted: replicas,
  found: replicas,
  tolerances: { up: 0.1, down: 0.1 },
  starting: { cpuInitialization: 300_000, initialReadiness: 30_000 },
  now: NOW,
});
const value = (name: string, amount: string) => ({
  describedObject: { kind: "Pod", name },
  timestamp: formatTime(NOW),
  value: amount,
});
const ask = (spec: object, served: ReturnType<typeof client>, replicas = 2) =>
  askMetric(spec as MetricSpec, { client: served.client, target: target(replicas), kinds: allKinds });

const CUSTOM = "/apis/custom.metrics.k8s.io";
const EXTERNAL = "/apis/external.metrics.k8s.io/v1beta1/namespaces/default";

test("a metric of Pods is asked of all that are selected, of whichever version is served", async () => {
  const pods = { metric: { name: "qps", selector: { matchLabels: { verb: "GET" } } } };
  const spec = { type: "Pods", pods: { ...pods, target: { type: "AverageValue", averageValue: "10" } } };
  const path = "namespaces/default/pods/*/qps?labelSelector=app=web&metricLabelSelector=verb=GET";
  const encoded = path.replace("*", encodeURIComponent("*"));
  const answer = [value("web-0", "30"), value("web-1", "20")];
  for (const version of ["v1beta2", "v1beta1"]) {
    const served = client({ [`${CUSTOM}/${version}/${encoded}`]: answer });
    const { replicas, status, name } = await ask(spec, served);
    assert.equal(replicas, 5, "25 for each, where 10 is wanted");
    assert.deepEqual(status, { type: "Pods", pods: { metric: pods.metric, current: { averageValue: "25" } } });
    assert.equal(name, "pods metric qps");
    assert.equal(served.asked.at(-1), `${CUSTOM}/${version}/${encoded}`);
  }
});

test("a metric of one object counts for the ready Pods, or for as many as take their share", async () => {
  const describedObject = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", name: "main" };
  const path = `${CUSTOM}/v1beta2/namespaces/default/ingresses.networking.k8s.io/main/requests`;
  const served = client({ [path]: [value("main", "2500m")] });
  const metric = { name: "requests" };
  const whole = { describedObject, metric, target: { type: "Value", value: "1" } };
  const first = await ask({ type: "Object", object: whole }, served);
  assert.deepEqual([first.replicas, first.name], [5, "Ingress metric requests"]);
  assert.deepEqual(first.status.object?.current, { value: "2500m" });
  const each = { describedObject, metric, target: { type: "AverageValue", averageValue: "500m" } };
  const second = await ask({ type: "Object", object: each }, served);
  assert.deepEqual([second.replicas, second.status.object?.current], [5, { averageValue: "1250m" }]);
});

test("a metric of the namespace has a path of its own", async () => {
  const served = client({ [`${CUSTOM}/v1beta2/namespaces/default/metrics/requests`]: [value("default", "4")] });
  const describedObject = { apiVersion: "v1", kind: "Namespace", name: "default" };
  const object = { describedObject, metric: { name: "requests" }, target: { type: "Value", value: "2" } };
  assert.equal((await ask({ type: "Object", object }, served)).replicas, 4);
});

test("an external metric is the sum of its series", async () => {
  const path = `${EXTERNAL}/jobs?labelSelector=queue=mail`;
  const served = client({ [path]: [{ value: "20" }, { value: "15" }] });
  const metric = { name: "jobs", selector: { matchLabels: { queue: "mail" } } };
  const each = { metric, target: { type: "AverageValue", averageValue: "10" } };
  const { replicas, status } = await ask({ type: "External", external: each }, served);
  assert.deepEqual([replicas, status.external?.current], [4, { averageValue: "17500m" }]);
  const whole = { metric, target: { type: "Value", value: "10" } };
  assert.equal((await ask({ type: "External", external: whole }, served)).replicas, 7);
  const near = { metric, target: { type: "Value", value: "33" } };
  assert.equal((await ask({ type: "External", external: near }, served)).replicas, 2, "within the tolerance");
});

test("a metric that nobody has is told with its place", async () => {
  const external = { metric: { name: "jobs" }, target: { type: "Value", value: "10" } };
  await assert.rejects(ask({ type: "External", external }, client({})), {
    reason: "FailedGetExternalMetric",
    message:
      "unable to get external metric default/jobs/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get jobs.external.metrics.k8s.io)",
  });
  const none = client({ [`${EXTERNAL}/jobs`]: [] });
  await assert.rejects(ask({ type: "External", external }, none), {
    message: "unable to get external metric default/jobs/nil: no metrics returned from external metrics API",
  });
});
