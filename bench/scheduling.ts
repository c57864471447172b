import { type ClientHttp2Session, connect } from "node:http2";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { loadKubeconfig } from "../src/client/kubeconfig.ts";
import { clusterPaths } from "../src/cluster/layout.ts";
import { CLUSTER, cox } from "./cluster.ts";
import { drive } from "./load.ts";
import { cpuSeconds, pssMegabytes } from "./processes.ts";
import type { Row } from "./row.ts";

const PODS = 5000;
const CLIENTS = 16;
const DEPLOYMENTS = 100;
const REPLICAS = 30;
const NAMESPACE = "bench";
const WATCH_IDLE = 30_000;

/** Real Kubernetes 1.36.2, whole, on a machine of the same kind: Pods bound per second. */
const KUBERNETES: Readonly<Record<number, { pods: number; deployments?: number }>> = {
  1000: { pods: 212, deployments: 210 },
  5000: { pods: 98 },
};

const container = {
  name: "main",
  image: "example.test/app:1",
  resources: { requests: { cpu: "10m", memory: "16Mi" } },
};
const padding = { padding: "x".repeat(300) };

/**
 * A whole cluster with this many simulated nodes: how fast Pods are created and bound, from the first request to the
 * last binding that a watcher sees. The nodes beat, and leave their Pods at that, as those of the reference did.
 */
export async function benchScheduling(nodes: number): Promise<Row[]> {
  await cox("down", "--name", CLUSTER);
  await cox("up", "--name", CLUSTER, "--simulated-nodes", String(nodes));
  const api = await Api.open();
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

async function bindPods(api: Api, pids: ReadonlyMap<string, number>, nodes: number): Promise<Row[]> {
  const pod = (i: number) => ({
    metadata: { name: `pod-${i}`, labels: { app: "bench" }, annotations: padding },
    spec: { containers: [container] },
  });
  const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
  const reference = KUBERNETES[nodes]?.pods;
  return measure(api, pids, { what: `${PODS} Pods`, pods: PODS, reference }, () =>
    drive(PODS, CLIENTS, (i) => api.send("POST", path, pod(i))),
  );
}

async function bindDeployments(api: Api, pids: ReadonlyMap<string, number>, nodes: number): Promise<Row[]> {
  const deployment = (i: number) => {
    const labels = { app: `d-${i}` };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    return { metadata: { name: `d-${i}` }, spec: { replicas: REPLICAS, selector: { matchLabels: labels }, template } };
  };
  const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
  const what = `${DEPLOYMENTS} Deployments x ${REPLICAS}`;
  const reference = KUBERNETES[nodes]?.deployments;
  return measure(api, pids, { what, pods: DEPLOYMENTS * REPLICAS, reference }, () =>
    drive(DEPLOYMENTS, CLIENTS, (i) => api.send("POST", path, deployment(i))),
  );
}

async function measure(
  api: Api,
  pids: ReadonlyMap<string, number>,
  { what, pods, reference }: { what: string; pods: number; reference: number | undefined },
  run: () => Promise<void>,
): Promise<Row[]> {
  const server = pids.get("server")!;
  const { bound } = await api.watchBound(pods);
  const cpu = cpuSeconds(server);
  const start = performance.now();
  await run();
  await bound;
  const seconds = (performance.now() - start) / 1000;
  const micros = ((cpuSeconds(server) - cpu) * 1e6) / pods;
  return [
    { name: `${what}, bound`, value: pods / seconds, unit: "/s", reference },
    { name: `${what}, server CPU each`, value: micros, unit: "µs" },
  ];
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

/** The client side: a few connections, nothing parsed that need not be. */
class Api {
  readonly #sessions: readonly ClientHttp2Session[];
  #next = 0;

  private constructor(sessions: readonly ClientHttp2Session[]) {
    this.#sessions = sessions;
  }
  static async open(): Promise<Api> {
    const { server, ca, cert, key } = await loadKubeconfig(clusterPaths(CLUSTER).kubeconfig("admin"));
    const session = () => connect(server, { ca, cert, key, settings: { initialWindowSize: 8 << 20 } });
    return new Api(Array.from({ length: 4 }, session));
  }
  close(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #request(method: string, path: string, body?: object) {
    const session = this.#sessions[this.#next++ % this.#sessions.length]!;
    const request = session.request({ ":method": method, ":path": path, "content-type": "application/json" });
    request.end(body ? JSON.stringify(body) : undefined);
    return request;
  }
  send(method: string, path: string, body?: object): Promise<{ status: number }> {
    const request = this.#request(method, path, body);
    return new Promise((resolve, reject) => {
      let status = 0;
      request.on("response", (headers) => {
        status = Number(headers[":status"]);
      });
      request.on("data", () => {});
      request.on("end", () => resolve({ status }));
      request.on("error", reject);
    });
  }
  async create(path: string, body: object): Promise<void> {
    const { status } = await this.send("POST", path, body);
    if (status !== 201) throw new Error(`POST ${path} was answered with ${status}`);
  }
  async #text(path: string): Promise<string> {
    let text = "";
    for await (const chunk of this.#request("GET", path)) text += chunk;
    return text;
  }

  /** Waits until so many simulated nodes may take Pods. */
  async untilReady(nodes: number): Promise<void> {
    const path = "/api/v1/nodes?labelSelector=simulation.coxswain.dev%2Fnode";
    for (;;) {
      const { items = [] } = JSON.parse(await this.#text(path)) as { items?: { spec: { taints?: unknown[] } }[] };
      if (items.filter(({ spec }) => !spec.taints?.length).length >= nodes) return;
      await pause(500);
    }
  }

  /** Watching has begun when this resolves; `bound` resolves when so many more Pods are bound. */
  async watchBound(count: number): Promise<{ bound: Promise<void> }> {
    const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
    const { metadata } = JSON.parse(await this.#text(`${path}?limit=1`)) as { metadata: { resourceVersion: string } };
    const query = `watch=true&fieldSelector=spec.nodeName!%3D&resourceVersion=${metadata.resourceVersion}`;
    const request = this.#request("GET", `${path}?${query}`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let left = count;
    let rest = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line.startsWith('{"type":"ADDED"')) left--;
      if (left > 0) return;
      request.close();
      resolve();
    });
    request.on("error", reject);
    await new Promise((begun) => request.once("response", begun));
    return { bound: promise };
  }
}
