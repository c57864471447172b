import assert from "node:assert/strict";
import { access, readdir, readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { clusterPaths, workerPaths } from "../../src/cluster/layout.ts";
import { findProcesses } from "../../src/cluster/processes.ts";
import { PodCluster } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();

interface PodObject {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { nodeName: string };
  status: { containerStatuses?: { containerID: string; restartCount: number; ready: boolean }[] };
}
interface Measured {
  cpu: { usageCoreNanoSeconds: number };
  memory: { workingSetBytes: number; availableBytes: number };
}
interface Listed {
  name: string;
  state: string;
  ready?: boolean;
  schedulable?: boolean;
}

/** Nodes on machines of their own: what happens to each of their parts, and to each of them as a whole. */
describe("several nodes", { skip }, () => {
  let at: PodCluster;
  let first: string;
  const k = (...args: string[]) => at.cluster.kubectl(...args);
  const nodes = async () =>
    (JSON.parse(await at.cluster.coxOk("node", "list", "-o", "json")) as { nodes: Listed[] }).nodes;
  const pods = async (): Promise<PodObject[]> => {
    const { items } = await at.cluster.json<{ items: PodObject[] }>("get", "pods", "-l", "app=web");
    return items.filter(({ metadata }) => !metadata.deletionTimestamp);
  };
  const isReady = ({ status }: PodObject) => status.containerStatuses?.[0]?.ready === true;
  const ready = async (count = 4) => {
    const all = await pods();
    return all.length === count && all.every(isReady) && all;
  };
  const containers = (all: readonly PodObject[]) =>
    all.map(({ status }) => status.containerStatuses![0]!.containerID).sort();

  before(async () => {
    at = await PodCluster.start("nodes");
    await at.cluster.coxOk("node", "add", "--label", "kind=worker", "--node-cpu", "1500m", "--node-memory", "2Gi");
    first = (await nodes())[0]!.name;
    const serve = "mkdir -p /tmp/w; hostname >/tmp/w/name; trap 'exit 0' TERM; httpd -f -p 8080 -h /tmp/w & wait";
    const tolerate = (key: string) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 2 });
    const template = {
      metadata: { labels: { app: "web" } },
      spec: {
        terminationGracePeriodSeconds: 1,
        tolerations: ["node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready"].map(tolerate),
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: { app: "web" } },
          },
        ],
        containers: [{ name: "web", image: "coxswain.local/box:1", command: ["sh", "-c", serve] }],
      },
    };
    const spec = { replicas: 4, selector: { matchLabels: { app: "web" } }, template };
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec };
    await at.cluster.kubectlInput(JSON.stringify(deployment), "apply", "-f", "-");
    await until("all Pods are ready", ready);
  });
  after(() => at?.remove());

  test("nothing that the cluster does by itself was refused at its start", async () => {
    for (const component of ["server", "node", "node-node-2"]) {
      const log = await readFile(`${clusterPaths(at.cluster.name).logs}/${component}.log`, "utf8");
      assert.doesNotMatch(log, /forbidden/);
    }
  });

  test("each node has its own name, address and Pods; an image that was built is on all", async () => {
    const listed = await at.cluster.json<{
      items: {
        metadata: { name: string; labels: Record<string, string> };
        spec: { podCIDR: string; taints?: unknown[] };
        status: { addresses: { type: string; address: string }[] };
      }[];
    }>("get", "nodes");
    assert.equal(listed.items.length, 2);
    const distinct = (values: string[]) => assert.equal(new Set(values).size, 2, values.join(", "));
    distinct(listed.items.map(({ spec }) => spec.podCIDR));
    for (const type of ["InternalIP", "Hostname"])
      distinct(listed.items.map(({ status }) => status.addresses.find((a) => a.type === type)!.address));
    assert.ok(
      listed.items.every(({ spec }) => !spec.taints?.length),
      "neither is tainted",
    );
    assert.equal(listed.items.find(({ metadata }) => metadata.name === "node-2")?.metadata.labels.kind, "worker");
    assert.deepEqual([...new Set((await pods()).map(({ spec }) => spec.nodeName))].sort(), ["node-2", first].sort());
  });

  test("kubectl logs, exec and statistics reach the Pods of every node", async () => {
    for (const { metadata } of await pods())
      assert.equal((await k("exec", metadata.name, "--", "hostname")).trim(), metadata.name);
    const [{ metadata } = assert.fail()] = (await pods()).filter(({ spec }) => spec.nodeName === "node-2");
    assert.equal(await k("logs", metadata.name), "");
    assert.match(await k("get", "--raw", "/api/v1/nodes/node-2/proxy/stats/summary"), /"nodeName":"node-2"/);
  });

  test("a node has what it was given of the host, and uses what is its own", async () => {
    const { status } = await at.cluster.json<{ status: Record<"capacity" | "allocatable", Record<string, string>> }>(
      "get",
      "node",
      "node-2",
    );
    assert.deepEqual([status.capacity.cpu, status.capacity.memory], ["1500m", "2Gi"]);
    assert.deepEqual([status.allocatable.cpu, status.allocatable.memory], ["1500m", "1948Mi"]);

    const parts = ["kubelet", "runtime", "pods"];
    const cpu = (it: Measured) => it.cpu.usageCoreNanoSeconds;
    const measured = async () => {
      const raw = await k("get", "--raw", "/api/v1/nodes/node-2/proxy/stats/summary");
      const { node } = JSON.parse(raw) as { node: Measured & { systemContainers: (Measured & { name: string })[] } };
      const own = node.systemContainers.filter(({ name }) => parts.includes(name));
      assert.deepEqual(own.map(({ name }) => name).sort(), [...parts].sort());
      return { node, sum: own.reduce((total, it) => total + cpu(it), 0) };
    };
    // counters only grow, so three readings in a row prove that the node is the sum of its parts
    const [before, between, after] = [await measured(), await measured(), await measured()];
    assert.ok(before.sum <= cpu(between.node) && cpu(between.node) <= after.sum);
    assert.ok(between.node.memory.workingSetBytes < 1024 ** 3, "not the whole host's memory");
    assert.ok(between.node.memory.availableBytes <= 2 * 1024 ** 3 - between.node.memory.workingSetBytes);
  });

  test("kubectl describe tells what has become of a node", async () => {
    const told = await until("the kubelet and the node controller have told", async () => {
      const text = await k("describe", "node", "node-2");
      return text.includes("NodeReady") && text.includes("RegisteredNode") && text;
    });
    assert.match(told, /Normal +Starting .* kubelet +Starting kubelet\./);
    assert.match(told, /Normal +NodeAllocatableEnforced .* Updated Node Allocatable limit across pods/);
    for (const reason of ["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID", "NodeReady"])
      assert.match(told, new RegExp(`Normal +${reason} .* kubelet +Node node-2 status is now: ${reason}`));
    assert.match(told, /RegisteredNode .* node-controller +Node node-2 event: Registered Node node-2 in Controller/);
  });

  for (const component of ["node-node-2", "containerd-node-2"] as const) {
    test(`after SIGKILL of ${component} all is healed, and no container was touched`, async () => {
      const before = await until("all are ready", ready);
      const { pid } = await at.cluster.component(component);
      process.kill(pid, "SIGKILL");
      await until(`${component} runs again`, async () => (await at.cluster.component(component)).pid !== pid);
      // it works: what is asked for now is done
      await k("delete", "pod", before.find(({ spec }) => spec.nodeName === "node-2")!.metadata.name);
      const after = await until("all are ready again", ready);
      const kept = containers(after).filter((id) => containers(before).includes(id));
      assert.equal(kept.length, 3);
      assert.ok(after.every(({ status }) => status.containerStatuses![0]!.restartCount === 0));
    });
  }

  test("cordon keeps new Pods away, drain moves the others, uncordon lets them in again", async () => {
    await k("cordon", "node-2");
    assert.equal((await nodes()).find(({ name }) => name === "node-2")?.schedulable, false);
    await k("drain", "node-2", "--ignore-daemonsets", "--timeout=60s");
    const moved = await until("all run on the first node", ready);
    assert.ok(moved.every(({ spec }) => spec.nodeName === first));
    await k("uncordon", "node-2");
    await k("rollout", "restart", "deployment/web");
    await k("rollout", "status", "deployment/web", "--timeout=60s");
    await until("some run on the other node", async () =>
      (await pods()).some(({ spec }) => spec.nodeName === "node-2"),
    );
  });

  test("a node without power comes back with nothing lost but its containers", async () => {
    await until("all are ready", ready);
    await at.cluster.coxOk("node", "stop", "node-2");
    assert.equal((await nodes()).find(({ name }) => name === "node-2")?.state, "stopped");
    assert.deepEqual(await processesOf("node-2"), [], "nothing of it runs");
    await at.cluster.coxOk("node", "start", "node-2");
    await until("all are ready again", ready);
    assert.deepEqual(
      (await nodes()).map(({ state, ready: isUp }) => [state, isUp]),
      [
        ["running", true],
        ["running", true],
      ],
    );
  });

  test("a node that is removed leaves nothing", async () => {
    const paths = workerPaths(at.cluster.name, "node-2");
    await at.cluster.coxOk("node", "remove", "node-2", "--grace", "3s");
    assert.equal((await at.cluster.tryKubectl("get", "node", "node-2")).code, 1);
    await assert.rejects(access(paths.state));
    await assert.rejects(access(paths.run));
    await assert.rejects(access(`${clusterPaths(at.cluster.name).run}/machines/node-2`));
    assert.deepEqual(await processesOf("node-2"), []);
    const logs = await readdir(clusterPaths(at.cluster.name).logs);
    assert.deepEqual(
      logs.filter((name) => name.includes("node-2")),
      [],
    );
    const moved = await until("its Pods run elsewhere", ready);
    assert.ok(moved.every(({ spec }) => spec.nodeName === first));
  });

  test("what cannot be is told in one line", async () => {
    const refused = async (why: RegExp, ...args: string[]) => {
      const { code, stderr } = await at.cluster.cox(...args);
      assert.equal(code, 1);
      assert.match(stderr, why);
    };
    await refused(/has no node nowhere/, "node", "stop", "nowhere");
    await refused(/is the cluster's first node/, "node", "remove", first);
    await refused(/has a node .* already/, "node", "add", first);
    await refused(/cannot name a node/, "node", "add", "Node_2");
    await refused(/must be from 1 to/, "up", "--nodes", "0");
  });

  /** Processes of a node, by the folder that all of them name. */
  async function processesOf(node: string): Promise<string[][]> {
    const folder = `${at.cluster.name}/nodes/${node}/`;
    const found = await findProcesses((command) => command.some((word) => word.includes(folder)));
    return found.map(({ command }) => command);
  }
});
