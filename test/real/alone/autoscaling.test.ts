import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { container, FOREVER, type Json, PodCluster } from "../podFixture.ts";
import { cannotRun, load, type RealCluster, until } from "../realCluster.ts";

const skip = await cannotRun();
let pods: PodCluster;
let cluster: RealCluster;

before(async () => {
  if (skip) return;
  pods = await PodCluster.start("autoscaling", "--autoscale-nodes", "0:2", "--autoscale-idle", "5s");
  cluster = pods.cluster;
});
after(() => pods?.remove());

/** Each request costs CPU time; the limit keeps the load on this machine small. */
const SERVE = `mkdir -p /tmp/www/cgi-bin
cat > /tmp/www/cgi-bin/work <<'END'
#!/bin/sh
i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done
printf 'Content-Type: text/plain\\r\\n\\r\\nversion 1\\n'
END
chmod +x /tmp/www/cgi-bin/work
exec httpd -f -p 8080 -h /tmp/www`;

const web = (): Json[] => {
  const labels = { app: "web" };
  const server = container(SERVE, {
    name: "web",
    ports: [{ containerPort: 8080 }],
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    resources: { requests: { cpu: "50m", memory: "8Mi" }, limits: { cpu: "100m" } },
  });
  const spec = { terminationGracePeriodSeconds: 0, containers: [server] };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { type: "NodePort", selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
};

const scaler: Json = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "web" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    minReplicas: 1,
    maxReplicas: 4,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } }],
    behavior: {
      scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: "Percent", value: 100, periodSeconds: 1 }] },
    },
  },
};

const apply = (...items: Json[]) =>
  cluster.kubectlInput(JSON.stringify({ apiVersion: "v1", kind: "List", items }), "apply", "-f", "-");

async function replicas(): Promise<number> {
  const { spec } = await cluster.json<{ spec: { replicas: number } }>("get", "deployment", "web");
  return spec.replicas;
}

test("kubectl top tells what nodes and containers use", { skip }, async () => {
  await apply(...web());
  await cluster.kubectl("rollout", "status", "deployment/web", "--timeout=30s");
  const nodes = await until("top nodes", () => cluster.kubectl("top", "nodes", "--no-headers"));
  assert.match(nodes, /^\S+\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%\s*$/m);
  const containers = await until("top pods", () =>
    cluster.kubectl("top", "pods", "--containers", "--no-headers", "-l", "app=web"),
  );
  assert.match(containers, /^web-\S+\s+web\s+\d+m\s+\d+Mi\s*$/m);
});

test("a service under load gets replicas, and loses them when it is quiet", { skip }, async (t) => {
  await apply(scaler);
  const asking = load(`${await cluster.nodePortUrl("web")}/cgi-bin/work`, t.signal, 4);
  const explain = async (error: unknown) => {
    const story = await cluster.kubectl("describe", "hpa", "web");
    throw new Error(`${(error as Error).message}\n${story}`);
  };
  try {
    await until("more replicas", async () => (await replicas()) > 1, 60_000).catch(explain);
  } finally {
    await asking.stop();
  }
  const events = await cluster.kubectl("get", "events", "--field-selector", "involvedObject.name=web");
  assert.match(events, /SuccessfulRescale .*New size: \d; reason: cpu resource utilization .* above target/);
  await until("one replica again", async () => (await replicas()) === 1, 90_000).catch(explain);
});

/** Two of these do not fit on one node. */
async function large(): Promise<Json> {
  const { items } = await cluster.json<{ items: { status: { allocatable: { cpu: string } } }[] }>("get", "nodes");
  const { cpu } = items[0]!.status.allocatable;
  const millis = cpu.endsWith("m") ? Number.parseInt(cpu, 10) : Number(cpu) * 1000;
  const labels = { app: "large" };
  const resources = { requests: { cpu: `${Math.floor(millis * 0.6)}m` } };
  const spec = { terminationGracePeriodSeconds: 1, containers: [container(FOREVER, { resources })] };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "large" },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

test("a node is made for Pods that do not fit, and goes when they have gone", { skip }, async () => {
  const nodes = async () => (await cluster.kubectl("get", "nodes", "-o", "name")).trim().split("\n");
  assert.equal((await nodes()).length, 1);
  await apply(await large());
  await cluster.kubectl("rollout", "status", "deployment/large", "--timeout=90s").catch(async (error: Error) => {
    throw new Error(`${error.message}\n${await cluster.kubectl("get", "events")}`);
  });
  assert.equal((await nodes()).length, 2, "no more than they need");
  const events = await cluster.kubectl("get", "events", "--field-selector", "reason=TriggeredScaleUp");
  assert.match(events, /pod triggered scale-up: \[{autoscaled 0->1 \(max: 2\)}\]/);
  await cluster.kubectl("scale", "deployment/large", "--replicas=1");
  await until("one node again", async () => (await nodes()).length === 1, 60_000);
  await cluster.kubectl("rollout", "status", "deployment/large", "--timeout=30s");
  assert.doesNotMatch(await cluster.coxOk("node", "list"), /node-2/);
});
