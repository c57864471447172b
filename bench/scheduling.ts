import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { loadKubeconfig } from "../src/client/kubeconfig.ts";
import { clusterPaths } from "../src/cluster/layout.ts";
import { CLUSTER, cox } from "./cluster.ts";
import { cpuSeconds, pssMegabytes } from "./processes.ts";
import type { Row } from "./row.ts";
import { Api, createDeployments, createPods } from "./schedulingLoad.ts";

const PODS = 5000;
const DEPLOYMENTS = 100;
const REPLICAS = 30;
const NAMESPACE = "bench";
const WATCH_IDLE = 30_000;

/** Real Kubernetes 1.36.2, whole, on a machine of the same kind: Pods bound per second. */
const KUBERNETES: Readonly<Record<number, { pods: number; deployments?: number }>> = {
  1000: { pods: 212, deployments: 210 },
  5000: { pods: 98 },
};

/**
 * A whole cluster with this many simulated nodes: how fast Pods are created and bound, from the first request to the
 * last binding that a watcher sees. The nodes beat, and leave their Pods at that, as those of the reference did.
 */
export async function benchScheduling(nodes: number): Promise<Row[]> {
  await cox("down", "--name", CLUSTER);
  await cox("up", "--name", CLUSTER, "--simulated-nodes", String(nodes));
  const { server: url, ca, cert, key } = await loadKubeconfig(clusterPaths(CLUSTER).kubeconfig("admin"));
  const api = Api.open({ url, ca: ca!, cert: cert!, key: key! });
  try {
    await api.create("/api/v1/namespaces/kube-system/configmaps", {
      metadata: { name: "simulation-rules" },
      data: { all: "startDelay: never" },
    });
    await api.create("/api/v1/namespaces", { metadata: { name: NAMESPACE } });
    await api.untilReady(nodes);
    const pids = await processes();
    const idle = await idleRows(pids);
    const loads = [await bindPods(api, pids, nodes)];
    if (KUBERNETES[nodes]?.deployments) loads.push(await bindDeployments(api, pids, nodes));
    const memory = [...pids].map(
      ([name, pid]): Row => ({ name: `${name}, memory`, value: pssMegabytes(pid), unit: "MB" }),
    );
    return [...loads.flat(), ...idle, ...memory];
  } finally {
    api.close();
    await cox("down", "--name", CLUSTER);
  }
}

function bindPods(api: Api, pids: ReadonlyMap<string, number>, nodes: number): Promise<Row[]> {
  const reference = KUBERNETES[nodes]?.pods;
  return measure(api, pids, { what: `${PODS} Pods`, pods: PODS, reference }, () => createPods(api, NAMESPACE, PODS));
}

function bindDeployments(api: Api, pids: ReadonlyMap<string, number>, nodes: number): Promise<Row[]> {
  const what = `${DEPLOYMENTS} Deployments x ${REPLICAS}`;
  const reference = KUBERNETES[nodes]?.deployments;
  return measure(api, pids, { what, pods: DEPLOYMENTS * REPLICAS, reference }, () =>
    createDeployments(api, NAMESPACE, DEPLOYMENTS, REPLICAS),
  );
}

async function measure(
  api: Api,
  pids: ReadonlyMap<string, number>,
  { what, pods, reference }: { what: string; pods: number; reference: number | undefined },
  run: () => Promise<void>,
): Promise<Row[]> {
  const { bound } = await api.watchBound(NAMESPACE, pods);
  const before = new Map([...pids].map(([name, pid]) => [name, cpuSeconds(pid)]));
  const own = process.cpuUsage();
  const start = performance.now();
  await run();
  await bound;
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(own);
  const cpu = [...pids].map(
    ([name, pid]): Row => ({
      name: `${what}, ${name} CPU each`,
      value: ((cpuSeconds(pid) - before.get(name)!) * 1e6) / pods,
      unit: "µs",
    }),
  );
  const load: Row = { name: `${what}, load client CPU each`, value: (user + system) / pods, unit: "µs" };
  return [{ name: `${what}, bound`, value: pods / seconds, unit: "/s", reference }, ...cpu, load];
}

/** CPU of each process while nothing happens but heartbeats. */
async function idleRows(pids: ReadonlyMap<string, number>): Promise<Row[]> {
  const before = new Map([...pids].map(([name, pid]) => [name, cpuSeconds(pid)]));
  await pause(WATCH_IDLE);
  return [...pids].map(([name, pid]): Row => {
    const used = cpuSeconds(pid) - before.get(name)!;
    return { name: `${name}, idle CPU`, value: (used / WATCH_IDLE) * 1e6, unit: "ms/s" };
  });
}

async function processes(): Promise<Map<string, number>> {
  const { output } = await cox("status", "--name", CLUSTER, "-o", "json");
  const { components } = JSON.parse(output) as { components: { component: string; pid?: number }[] };
  const wanted = components.filter(({ component, pid }) => pid && ["server", "simulated-nodes"].includes(component));
  return new Map(wanted.map(({ component, pid }) => [component, pid!]));
}
