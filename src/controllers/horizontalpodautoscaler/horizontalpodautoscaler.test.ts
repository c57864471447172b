import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Deployment } from "../../api/apps/v1/index.ts";
import { HorizontalPodAutoscaler } from "../../api/autoscaling/v2/index.ts";
import type { Cluster } from "../../testing/index.ts";
import { testCluster } from "../../testing/index.ts";

const labels = { app: "web" };
const deployment = (replicas: number, cpu?: string) =>
  ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "web", image: "web", resources: { requests: cpu ? { cpu } : {} } }] },
      },
    },
  }) as unknown as Deployment;

const autoscaler = (spec: object) =>
  ({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web", namespace: "default" },
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, maxReplicas: 10, ...spec },
  }) as unknown as HorizontalPodAutoscaler;

const byCpu = (averageUtilization: number) => ({
  metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } }],
});

/** Load that the Pods share, in thousandths of a CPU. */
async function loaded(t: TestContext, load: { cpu: number }, replicas = 1): Promise<Cluster> {
  const cluster = await testCluster(t, {
    nodes: ["a", "b"],
    usage: () => ({ cpu: `${Math.round(load.cpu / Math.max(1, cluster.pods("web").length))}m`, memory: "10Mi" }),
  });
  await cluster.apply(deployment(replicas, "100m"));
  await cluster.advance("6m");
  return cluster;
}

const replicas = async (cluster: Cluster) => (await cluster.get(Deployment, "web")).spec.replicas;
const conditions = async (cluster: Cluster) =>
  Object.fromEntries(
    ((await cluster.get(HorizontalPodAutoscaler, "web")).status.conditions ?? []).map((c) => [
      c.type,
      `${c.status} ${c.reason}: ${c.message}`,
    ]),
  );

test("follows the load up within seconds, and down after five minutes", async (t) => {
  const load = { cpu: 50 };
  const cluster = await loaded(t, load);
  await cluster.apply(autoscaler(byCpu(50)));
  await cluster.advance("1m");
  assert.equal(await replicas(cluster), 1);
  load.cpu = 240;
  await cluster.advance("2m");
  assert.equal(await replicas(cluster), 5);
  const { status } = await cluster.get(HorizontalPodAutoscaler, "web");
  assert.deepEqual([status.currentReplicas, status.desiredReplicas], [5, 5]);
  assert.equal(status.currentMetrics?.[0]?.resource?.current.averageUtilization, 48);
  load.cpu = 10;
  await cluster.advance("4m");
  assert.equal(await replicas(cluster), 5);
  assert.match(
    (await conditions(cluster)).AbleToScale!,
    /^True ScaleDownStabilized: recent recommendations were higher/,
  );
  await cluster.advance("2m");
  assert.equal(await replicas(cluster), 1);
  assert.deepEqual(
    cluster.events("web").filter((event) => event.startsWith("SuccessfulRescale")),
    [
      "SuccessfulRescale HorizontalPodAutoscaler/web: New size: 4; reason: cpu resource utilization (percentage of request) above target",
      "SuccessfulRescale HorizontalPodAutoscaler/web: New size: 5; reason: cpu resource utilization (percentage of request) above target",
      "SuccessfulRescale HorizontalPodAutoscaler/web: New size: 1; reason: All metrics below target",
    ],
  );
});

test("keeps within its bounds, and says when these hold it back", async (t) => {
  const load = { cpu: 5000 };
  const cluster = await loaded(t, load, 6);
  await cluster.apply(autoscaler({ ...byCpu(50), minReplicas: 2, maxReplicas: 3 }));
  await cluster.advance("20s");
  assert.equal(await replicas(cluster), 3);
  await cluster.advance("1m");
  assert.match(
    (await conditions(cluster)).ScalingLimited!,
    /^True TooManyReplicas: the desired replica count is more than/,
  );
  assert.match((await conditions(cluster)).ScalingActive!, /^True ValidMetricFound: the HPA was able to successfully/);
});

test("a policy that is disabled keeps the number where it is", async (t) => {
  const cluster = await loaded(t, { cpu: 10 }, 4);
  const scaleDown = { selectPolicy: "Disabled", stabilizationWindowSeconds: 0 };
  await cluster.apply(autoscaler({ ...byCpu(50), behavior: { scaleDown } }));
  await cluster.advance("10m");
  assert.equal(await replicas(cluster), 4);
});

test("a policy limits how many go at a time", async (t) => {
  const cluster = await loaded(t, { cpu: 10 }, 6);
  const policies = [{ type: "Pods", value: 1, periodSeconds: 60 }];
  await cluster.apply(
    autoscaler({ ...byCpu(50), behavior: { scaleDown: { policies, stabilizationWindowSeconds: 0 } } }),
  );
  await cluster.advance("50s");
  assert.equal(await replicas(cluster), 5);
  await cluster.advance("2m");
  assert.equal(await replicas(cluster), 3);
  assert.match((await conditions(cluster)).ScalingLimited!, /^True ScaleDownLimit/);
});

test("by one container's memory", async (t) => {
  const usage = () => ({ memory: `${Math.round(60 / Math.max(1, cluster.pods("web").length))}Mi` });
  const cluster: Cluster = await testCluster(t, { nodes: ["a"], usage });
  await cluster.apply(deployment(2, "100m"));
  const target = { type: "AverageValue", averageValue: "10Mi" };
  const containerResource = { name: "memory", container: "web", target };
  await cluster.apply(autoscaler({ metrics: [{ type: "ContainerResource", containerResource }] }));
  await cluster.advance("1m");
  assert.equal(await replicas(cluster), 6);
});

test("without anything to scale, says so and waits", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.apply(autoscaler(byCpu(50)));
  await cluster.advance("20s");
  assert.equal(
    (await conditions(cluster)).AbleToScale,
    'False FailedGetScale: the HPA controller was unable to get the target\'s current scale: deployments.apps "web" not found',
  );
});

test("without requests or metrics, says which was missing and changes nothing", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], usage: () => ({ cpu: "500m" }) });
  await cluster.apply(deployment(2));
  await cluster.apply(autoscaler(byCpu(50)));
  await cluster.advance("1m");
  assert.match(
    (await conditions(cluster)).ScalingActive!,
    /^False FailedGetResourceMetric: the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container web of Pod web-/,
  );
  assert.equal(await replicas(cluster), 2);
});

test("metrics that nobody serves are named with their API", async (t) => {
  const cluster = await loaded(t, { cpu: 50 }, 2);
  const pods = { metric: { name: "qps" }, target: { type: "AverageValue", averageValue: "10" } };
  const external = { metric: { name: "jobs" }, target: { type: "Value", value: "10" } };
  await cluster.apply(
    autoscaler({
      metrics: [
        { type: "Pods", pods },
        { type: "External", external },
      ],
    }),
  );
  await cluster.advance("20s");
  assert.match(
    (await conditions(cluster)).ScalingActive!,
    /no custom metrics API \(custom.metrics.k8s.io\) registered/,
  );
  const told = cluster.events("web").find((event) => event.startsWith("FailedComputeMetricsReplicas"));
  assert.match(
    told!,
    /invalid metrics \(2 invalid out of 2\), first error is: failed to get pods metric value: unable to get metric qps/,
  );
  const failed = cluster.events("web").find((event) => event.startsWith("FailedGetExternalMetric"));
  assert.match(
    failed!,
    /unable to get external metric default\/jobs\/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource \(get jobs.external.metrics.k8s.io\)/,
  );
});

test("two autoscalers of the same Pods do nothing but say so", async (t) => {
  const cluster = await loaded(t, { cpu: 500 }, 2);
  const other = autoscaler(byCpu(50));
  other.metadata.name = "other";
  await cluster.apply(autoscaler(byCpu(50)), other);
  await cluster.advance("40s");
  assert.match(
    (await conditions(cluster)).ScalingActive!,
    /^False AmbiguousSelector: pods by selector app=web are controlled by multiple HPAs: \[default\/other default\/web\]/,
  );
  assert.match(cluster.events("web").join("\n"), /FailedComputeMetricsReplicas .*: pods by selector app=web/);
  const { currentReplicas } = (await cluster.get(HorizontalPodAutoscaler, "web")).status;
  assert.equal(currentReplicas, await replicas(cluster));
});

test("nothing is scaled up from zero", async (t) => {
  const cluster = await loaded(t, { cpu: 500 }, 0);
  await cluster.apply(autoscaler(byCpu(50)));
  await cluster.advance("20s");
  assert.match(
    (await conditions(cluster)).ScalingActive!,
    /^False ScalingDisabled: scaling is disabled since the replica count/,
  );
});
