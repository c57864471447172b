import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { Pod } from "../src/api/core/v1/index.ts";
import { type Client, createClient, httpsTransport, loadKubeconfig } from "../src/client/index.ts";
import { realClock } from "../src/util/clock.ts";
import { CLUSTER, cox } from "./cluster.ts";
import { median, type Row } from "./row.ts";

const KUBECONFIG = process.env.KUBECONFIG ?? join(homedir(), ".kube/config");
const NAMESPACE = "default";
const IMAGE = "coxswain.local/hello:v1";
const ONE_BY_ONE = 10;
const AT_ONCE = 30;

/** The kubelet's latencies, each measured by a client that watches, from the request until the event. */
export async function benchNode(): Promise<Row[]> {
  await cox("up", "-f", "examples/hello/", "--name", CLUSTER);
  const transport = httpsTransport({ ...(await loadKubeconfig(KUBECONFIG, `coxswain-${CLUSTER}`)), clock: realClock });
  const client = createClient(transport);
  try {
    const running: number[] = [];
    const restarted: number[] = [];
    const gone: number[] = [];
    for (let i = 0; i < ONE_BY_ONE; i++) {
      running.push(await timed(client, `one-${i}`, isRunning, () => create(client, `one-${i}`)));
      restarted.push(await timed(client, `one-${i}`, isRestarted, () => killMain(client, `one-${i}`)));
      gone.push(await timed(client, `one-${i}`, undefined, () => remove(client, `one-${i}`)));
    }
    const names = Array.from({ length: AT_ONCE }, (_, i) => `many-${i}`);
    const start = performance.now();
    await Promise.all(names.map((name) => timed(client, name, isRunning, () => create(client, name))));
    const burst = (performance.now() - start) / 1000;
    await Promise.all(names.map((name) => timed(client, name, undefined, () => remove(client, name))));
    return [
      { name: "create → Running", value: median(running), unit: "ms", reference: 556 },
      { name: "container killed → running again", value: median(restarted), unit: "ms", reference: 942 },
      { name: "delete → gone", value: median(gone), unit: "ms", reference: 949 },
      { name: "30 Pods at once → all Running", value: burst, unit: "s", reference: 6.4 },
    ];
  } finally {
    await transport.close();
    await cox("down", "--name", CLUSTER);
  }
}

const isRunning = (pod: Pod) => pod.status.phase === "Running";
const isRestarted = (pod: Pod) => {
  const [status] = pod.status.containerStatuses ?? [];
  return (status?.restartCount ?? 0) > 0 && status?.state?.running !== undefined;
};

/** How long after `act` (ms) a watch tells that the Pod is as wished, or gone when nothing is wished. */
async function timed(
  client: Client,
  name: string,
  reached: ((pod: Pod) => boolean) | undefined,
  act: () => Promise<void>,
): Promise<number> {
  const ending = new AbortController();
  const fieldSelector = `metadata.name=${name}`;
  const { metadata } = await client.list(Pod, { namespace: NAMESPACE, fieldSelector });
  const options = { namespace: NAMESPACE, fieldSelector, resourceVersion: metadata.resourceVersion };
  const events = client.watch(Pod, options, ending.signal);
  const start = performance.now();
  const acted = act();
  for await (const { type, object } of events) {
    if (reached ? type !== "DELETED" && reached(object) : type === "DELETED") break;
  }
  const took = performance.now() - start;
  ending.abort();
  await acted;
  return took;
}

/** A Pod whose one container ends as soon as it is asked to. */
async function create(client: Client, name: string): Promise<void> {
  const command = ["/bin/sh", "-c", "trap 'exit 0' TERM; while true; do sleep 1 & wait $!; done"];
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: NAMESPACE },
    spec: { containers: [{ name: "main", image: IMAGE, command, env: [{ name: "BENCH_POD", value: name }] }] },
  };
  await client.create(Pod, pod as unknown as Pod);
}

async function remove(client: Client, name: string): Promise<void> {
  await client.delete(Pod, { namespace: NAMESPACE, name });
}

/** Kills the container's first process, found by the variable that only it has. */
async function killMain(_client: Client, name: string): Promise<void> {
  for (const entry of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    try {
      const environment = readFileSync(`/proc/${entry}/environ`, "utf8");
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8");
      if (!environment.includes(`BENCH_POD=${name}\0`) || !command.includes("trap")) continue;
      process.kill(Number(entry), "SIGKILL");
      return;
    } catch {
      // it ended while we looked, or is not ours to read
    }
  }
  throw new Error(`no process of Pod ${name} was found`);
}
