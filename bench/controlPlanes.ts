import { performance } from "node:perf_hooks";
import { ConfigMap, Namespace, ServiceAccount } from "../src/api/core/v1/index.ts";
import { type Client, createClient, httpsTransport, loadKubeconfig } from "../src/client/index.ts";
import { realClock } from "../src/util/clock.ts";
import { Faults, type Victim } from "../test/chaos/faults.ts";
import { RealCluster } from "../test/real/realCluster.ts";
import { median, type Row } from "./row.ts";

const NAMESPACE = "default";
const ONE_BY_ONE = 200;
const AT_ONCE = 32;
const MANY = 2_000;
const ROUNDS = 3;

/** What three control planes cost and bring: a write's latency and rate beside the embedded store's, and failing over. */
export async function benchControlPlanes(): Promise<Row[]> {
  const embedded = await onCluster([], (client) => writes(client, "embedded"));
  const etcd = await onCluster(["--control-planes", "3"], async (client, cluster) => {
    const rows = await writes(client, "3 control planes");
    return [...rows, ...(await failover(client, cluster))];
  });
  return [...embedded, ...etcd];
}

async function onCluster(
  flags: readonly string[],
  measure: (client: Client, cluster: RealCluster) => Promise<Row[]>,
): Promise<Row[]> {
  const cluster = await RealCluster.prepare("bench-planes");
  try {
    await cluster.coxOk("up", ...flags);
    const transport = httpsTransport(await loadKubeconfig(String(cluster.env.KUBECONFIG)));
    try {
      return await measure(createClient(transport), cluster);
    } finally {
      await transport.close();
    }
  } finally {
    await cluster.remove();
  }
}

const settings = (name: string) =>
  ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: NAMESPACE },
    data: { a: "x".repeat(500) },
  }) as ConfigMap;

async function writes(client: Client, what: string): Promise<Row[]> {
  const took: number[] = [];
  const read: number[] = [];
  for (let i = 0; i < ONE_BY_ONE; i++) {
    took.push(await timed(() => client.create(ConfigMap, settings(`one-${i}`))));
    read.push(await timed(() => client.get(ConfigMap, { namespace: NAMESPACE, name: `one-${i}` })));
  }
  const start = performance.now();
  let next = 0;
  const writer = async () => {
    while (next < MANY) await client.create(ConfigMap, settings(`many-${next++}`));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, writer));
  const rate = MANY / ((performance.now() - start) / 1000);
  return [
    { name: `${what}: create, one by one`, value: median(took), unit: "ms" },
    { name: `${what}: get, one by one`, value: median(read), unit: "ms" },
    { name: `${what}: creates, ${AT_ONCE} at once`, value: rate, unit: "/s" },
  ];
}

async function failover(client: Client, cluster: RealCluster): Promise<Row[]> {
  const faults = await Faults.of(cluster);
  let n = 0;
  const once = async (create: () => Promise<unknown>) => {
    while (!(await create().then(() => true, isThere))) await realClock.sleep(10);
  };
  const write = () => {
    const object = settings(`after-${n++}`);
    return once(() => client.create(ConfigMap, object));
  };
  const act = async () => {
    const name = `acts-${n++}`;
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } } as Namespace;
    await once(() => client.create(Namespace, namespace));
    while (
      !(await client.get(ServiceAccount, { namespace: name, name: "default" }).then(
        () => true,
        () => false,
      ))
    )
      await realClock.sleep(50);
  };
  const after = async (victim: Victim, harm: "kill" | "stop", work: () => Promise<void>) => {
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      await faults.healed();
      await realClock.sleep(2_000); // a server that is killed just after its start is started again ever later
      const machine = await faults.find(victim, i);
      const undo = await faults.harm(machine, victim.startsWith("etcd") ? "etcd" : "server", harm);
      times.push((await timed(work)) / 1000);
      await undo();
    }
    return median(times);
  };
  try {
    return [
      { name: "server killed → written", value: await after("server", "kill", write), unit: "s" },
      { name: "etcd leader killed → written", value: await after("etcd leader", "kill", write), unit: "s" },
      { name: "etcd leader stopped → written", value: await after("etcd leader", "stop", write), unit: "s" },
      { name: "controllers' leader killed → acts", value: await after("leader", "kill", act), unit: "s" },
    ];
  } finally {
    faults.close();
  }
}

/** A create whose answer was lost may have been done. */
const isThere = (error: { code?: number }) => error.code === 409;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
