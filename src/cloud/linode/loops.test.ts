/** The loops of a cluster on the emulated cloud, from the objects' side. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Node, Service } from "../../api/core/v1/index.ts";
import { createInformers } from "../../client/index.ts";
import { service, testCluster } from "../../testing/index.ts";
import { silentLogger } from "../../util/logger.ts";
import { seededRandom } from "../../util/random.ts";
import { runCloudControllerManager } from "../index.ts";
import { startEmulator } from "./emulator.ts";
import { createLinodeProvider } from "./index.ts";

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
