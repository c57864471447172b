import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { kubeconfigText } from "../src/cluster/kubeconfig.ts";
import { type ApiProcess, startApi, startCox } from "./apiProcess.ts";
import { cpuSeconds } from "./processes.ts";
import { type Breakdown, breakdown, Inspector } from "./profile.ts";
import type { Row } from "./row.ts";
import { Api, createDeployments, createPods } from "./schedulingLoad.ts";

const NODES = 1000;
const PODS = 3000;
const DEPLOYMENTS = 100;
const REPLICAS = 30;
/** what `cox up --simulated-nodes` gives these processes */
const RUNTIME = ["--max-semi-space-size=32", "--v8-pool-size=2"];
const SHOWN = 25;

interface Phase {
  name: string;
  pods: number;
  bound: boolean;
  run: (api: Api, namespace: string) => Promise<void>;
}

const PHASES: readonly Phase[] = [
  { name: "created only", pods: PODS, bound: false, run: (api, ns) => createPods(api, ns, PODS, "none") },
  { name: "created and bound", pods: PODS, bound: true, run: (api, ns) => createPods(api, ns, PODS) },
  {
    name: "by Deployments",
    pods: DEPLOYMENTS * REPLICAS,
    bound: true,
    run: (api, ns) => createDeployments(api, ns, DEPLOYMENTS, REPLICAS),
  },
];

/**
 * What a scheduled Pod costs, by process and by part of the server: µs of CPU for each Pod. Without `profile`, only by
 * process, as being watched costs time itself.
 */
export async function benchSchedulingParts(profile = process.env.PROFILE !== "0"): Promise<Row[]> {
  const server = await startApi("server", { runtime: RUNTIME, inspect: profile });
  const { url, ca, cert, key, folder } = server;
  const kubeconfig = join(folder, "kubeconfig");
  const [authority, certificate, secret] = [ca, cert, key].map(String);
  writeFileSync(
    kubeconfig,
    kubeconfigText({ name: "bench", server: url, ca: authority!, cert: certificate, key: secret }),
  );
  const args = ["simulated-nodes", `--kubeconfig=${kubeconfig}`, `--count=${NODES}`, "--log-level=warn"];
  const nodes = startCox(RUNTIME, args);
  const api = Api.open({ url, ca, cert, key });
  const inspector = server.inspector ? await Inspector.open(server.inspector) : undefined;
  try {
    await api.create("/api/v1/namespaces/kube-system/configmaps", {
      metadata: { name: "simulation-rules" },
      data: { all: "startDelay: never" },
    });
    await api.untilReady(NODES);
    const rows: Row[] = [];
    for (const [i, phase] of PHASES.entries()) {
      rows.push(...(await measure(phase, `bench-${i}`, { api, server, nodes: nodes.pid!, inspector })));
    }
    return rows;
  } finally {
    inspector?.close();
    api.close();
    nodes.kill();
    await server.stop();
  }
}

async function measure(
  { name, pods, bound, run }: Phase,
  namespace: string,
  { api, server, nodes, inspector }: { api: Api; server: ApiProcess; nodes: number; inspector: Inspector | undefined },
): Promise<Row[]> {
  await api.create("/api/v1/namespaces", { metadata: { name: namespace } });
  await pause(2000);
  const watch = bound ? await api.watchBound(namespace, pods) : undefined;
  await inspector?.start();
  const before = [server.pid, nodes].map(cpuSeconds);
  const own = process.cpuUsage();
  const start = performance.now();
  await run(api, namespace);
  await watch?.bound;
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(own);
  // Events and statuses come after the last binding, and are part of what a Pod costs.
  await pause(1500);
  const [ofServer, ofNodes] = [server.pid, nodes].map((pid, i) => ((cpuSeconds(pid) - before[i]!) * 1e6) / pods);
  const profile = await inspector?.stop();
  if (profile && process.env.PROFILE_DIR)
    writeFileSync(join(process.env.PROFILE_DIR, `${namespace}.cpuprofile`), JSON.stringify(profile));
  return [
    { name: `${name}: rate`, value: pods / seconds, unit: "/s" },
    { name: `${name}: server`, value: ofServer!, unit: "µs" },
    { name: `${name}: simulated nodes`, value: ofNodes!, unit: "µs" },
    { name: `${name}: load client`, value: (user + system) / pods, unit: "µs" },
    ...(profile ? partRows(name, breakdown(profile), pods) : []),
  ];
}

function partRows(name: string, { parts, functions }: Breakdown, pods: number): Row[] {
  const top = (map: Map<string, number>) => [...map].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
  return [...top(parts), ...top(functions)].map(([part, value]) => ({
    name: `${name}: ${part}`,
    value: value / pods,
    unit: "µs",
  }));
}
