/** The loops of a cluster on the emulated cloud, from the objects' side. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Deployment } from "../../api/apps/v1/index.ts";
import { Node, Service } from "../../api/core/v1/index.ts";
import { createInformers } from "../../client/index.ts";
import { Rehearsal } from "../../scheduler/index.ts";
import { type Cluster, deployment, isReady, service, testCluster } from "../../testing/index.ts";
import { silentLogger } from "../../util/logger.ts";
import { seededRandom } from "../../util/random.ts";
import { runClusterAutoscaler } from "../autoscaler/index.ts";
import { type CloudProvider, runCloudControllerManager } from "../index.ts";
import { startEmulator } from "./emulator.ts";
import { createLinodeProvider, type LinodeGroup } from "./index.ts";

/** A cluster whose simulated nodes are machines of the emulated account. */
async function onLinode(t: TestContext) {
  const cluster = await testCluster(t, { nodes: ["worker-a", "worker-b"] });
  const { client, clock } = cluster;
  const emulator = await startEmulator({ token: "right", clock });
  for (const label of ["worker-a", "worker-b"]) {
    const made = { region: "nl-ams", type: "g6-nanode-1", image: "linode/debian13", root_pass: "x", private_ip: true };
    emulator.account.createLinode({ ...made, label });
  }
  const stop = new AbortController();
  const runtime = { client, clock, random: seededRandom(3), logger: silentLogger };
  const informers = createInformers(client, runtime);
  const { url: apiUrl, account } = emulator;
  const config = { token: "right", region: "nl-ams", cluster: "test", apiUrl, nodeGroups: [] };
  const provider = createLinodeProvider({ ...config, ...runtime });
  const running = Promise.all([
    informers.run(stop.signal),
    runCloudControllerManager({ ...runtime, informers, provider }, stop.signal),
  ]);
  t.after(async () => {
    stop.abort();
    await running.catch(() => {}); // it ends because it was told to
    await emulator.close();
  });
  /** Calls of the cloud are real HTTP, which the cluster's own rest knows nothing of. */
  const until = async (isSo: () => Promise<boolean>) => {
    while (!(await isSo())) await cluster.settle();
  };
  return { cluster, account, until };
}

test("nodes become Linodes, and a LoadBalancer Service a NodeBalancer while it is there", {
  timeout: 30_000,
}, async (t) => {
  const { cluster, account, until } = await onLinode(t);
  await until(async () => (await cluster.list(Node)).every(({ spec }) => spec.providerID));
  const nodes = await cluster.list(Node);
  const machines = [...account.linodes.values()];
  for (const { metadata, spec } of nodes) {
    const machine = machines.find(({ label }) => label === metadata.name);
    assert.equal(spec.providerID, `linode://${machine?.id}`);
    assert.equal(metadata.labels?.["topology.kubernetes.io/region"], "nl-ams");
  }
  await until(async () =>
    (await cluster.list(Node)).every(({ status }) => status.addresses?.some(({ type }) => type === "ExternalIP")),
  );

  await cluster.apply(service("web", { spec: { type: "LoadBalancer" } }));
  await until(async () => (await cluster.get(Service, "web")).status.loadBalancer?.ingress !== undefined);
  const web = await cluster.get(Service, "web");
  const [balancer] = account.balancers();
  const { ipv4: ip, hostname } = balancer!;
  assert.deepEqual(web.status.loadBalancer?.ingress, [{ ip, hostname, ipMode: "Proxy" }]);
  const [config] = account.configs(balancer!.id);
  const backends = account.nodes(balancer!.id, config!.id).map(({ address }) => address);
  const nodePort = web.spec.ports?.[0]?.nodePort;
  assert.deepEqual(
    backends.toSorted(),
    machines.map(({ ipv4 }) => `${ipv4[1]}:${nodePort}`),
  );

  await cluster.delete(Service, "web");
  await until(async () => (await cluster.list(Service)).every(({ metadata }) => metadata.name !== "web"));
  assert.deepEqual(account.balancers(), []);
});

/** A cloud whose calls are counted while they are under way: time must not pass meanwhile. */
function counted(provider: CloudProvider): { provider: CloudProvider; quiet(): Promise<void> } {
  let underWay = 0;
  const count =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      underWay++;
      try {
        return await call(...args);
      } finally {
        underWay--;
      }
    };
  const { instances, nodeGroups } = provider;
  const { list, grow, giveBack } = nodeGroups!;
  return {
    provider: {
      name: provider.name,
      instances: { of: count(instances!.of) },
      nodeGroups: { list: count(list), grow: count(grow), giveBack: count(giveBack) },
    },
    async quiet() {
      while (underWay > 0) await new Promise(setImmediate);
    },
  };
}

const WORKERS: LinodeGroup = {
  id: "workers",
  min: 0,
  max: 3,
  type: "g6-standard-2",
  image: "linode/debian13",
  userData: "#cloud-config",
  labels: { pool: "workers" },
};

/** The autoscaler and the loops of the cloud; Linodes become nodes, and nodes fall silent with their Linodes. */
async function scaledOnLinode(t: TestContext) {
  const cluster = await testCluster(t, { nodes: ["first"] });
  const { client, clock, informers } = cluster;
  const emulator = await startEmulator({ token: "right", clock });
  const { account } = emulator;
  account.createLinode({ region: "nl-ams", type: "g6-standard-2", label: "first" });
  const stop = new AbortController();
  const runtime = { client, clock, informers, random: seededRandom(3), logger: silentLogger };
  const config = { token: "right", region: "nl-ams", cluster: "test", apiUrl: emulator.url, nodeGroups: [WORKERS] };
  const { provider, quiet } = counted(createLinodeProvider({ ...config, ...runtime }));
  const scaling = { unneededTime: 60_000, delayAfterAdd: 60_000, nodeGroups: provider.nodeGroups! };
  const stage = { rehearsal: new Rehearsal(runtime), reads: Rehearsal.reads };
  const running = Promise.all([
    runClusterAutoscaler({ ...runtime, ...scaling, ...stage }, stop.signal),
    runCloudControllerManager({ ...runtime, provider }, stop.signal),
  ]);
  t.after(async () => {
    stop.abort();
    await running.catch(() => {}); // it ends because it was told to
    await emulator.close();
  });
  const seconds = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await cluster.advance("1s");
      await quiet();
      await follow(
        cluster,
        [...account.linodes.values()].map(({ label }) => label),
      );
    }
  };
  return { cluster, account, seconds };
}

async function follow(cluster: Cluster, machines: readonly string[]): Promise<void> {
  const nodes = (await cluster.list(Node)).map(({ metadata }) => metadata.name!);
  for (const name of machines) if (!nodes.includes(name)) await cluster.join({ name, labels: { pool: "workers" } });
  for (const name of nodes) if (!machines.includes(name)) cluster.silence(name);
}

test("Pods that find no room become Linodes of a group, which go when they are idle, and their nodes with them", {
  timeout: 60_000,
}, async (t) => {
  const { cluster, account, seconds } = await scaledOnLinode(t);
  const container = { name: "main", image: "example/web:1", resources: { requests: { cpu: "900m" } } };
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [container] } };
  await cluster.apply(deployment("web", { replicas: 6, spec: { template } as never }));
  await seconds(30);
  assert.equal(cluster.pods("web").filter(isReady).length, 6);
  const made = [...account.linodes.values()].filter(({ label }) => label !== "first");
  assert.equal(made.length, 1, "the first takes four, and another two");
  assert.deepEqual(made[0]?.tags, ["group:test/workers", "cluster:test"]);
  const node = await cluster.get(Node, made[0]!.label);
  assert.equal(node.spec.providerID, `linode://${made[0]!.id}`);
  await cluster.edit(Deployment, "web", ({ spec }) => {
    spec.replicas = 1;
  });
  await seconds(180);
  assert.deepEqual(
    [...account.linodes.values()].map(({ label }) => label),
    ["first"],
  );
  assert.deepEqual(
    (await cluster.list(Node)).map(({ metadata }) => metadata.name),
    ["first"],
  );
  assert.equal(cluster.pods("web").filter(isReady).length, 1);
});
