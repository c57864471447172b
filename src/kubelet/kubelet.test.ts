import assert from "node:assert/strict";
import { createHook } from "node:async_hooks";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Node, Pod } from "../api/core/v1/index.ts";
import { RuntimeClass } from "../api/node/v1/index.ts";
import { FakeRuntime, type FakeRuntimeOptions } from "../cri/fake.ts";
import { VirtualClock } from "../util/clock.ts";
import { seededRandom } from "../util/random.ts";
import { pretendCgroups } from "./cgroups.ts";
import type { KubeletOptions } from "./options.ts";
import { unitsOf } from "./pod/resources.ts";
import { createTestNode, testPod } from "./testNode.ts";
import { pretendMounter } from "./volumes/mounter.ts";

type Container = Pod["spec"]["containers"][number];
const container = (name: string, more: object = {}) => ({ name, image: "app:1", ...more }) as Container;
const statusOf = (pod: Pod | undefined) => pod?.status.containerStatuses?.[0];

/** Requests to the file system that have not been answered: the process's list of resources leaves some out. */
const filesUnderWay = new Set<number>();
createHook({
  init(id, type) {
    if (type.startsWith("FSREQ")) filesUnderWay.add(id);
  },
  destroy(id) {
    filesUnderWay.delete(id);
  },
}).enable();

/** A kubelet over a runtime in memory, both on a clock that the test owns. */
async function fakeNode(
  t: TestContext,
  options: Omit<FakeRuntimeOptions, "clock"> = {},
  more: Partial<KubeletOptions> = {},
) {
  const clock = new VirtualClock();
  const cri = new FakeRuntime({ clock, images: ["app:1"], ...options });
  const node = await createTestNode({
    clock,
    random: seededRandom(1),
    kubelet: { cri, mounter: pretendMounter, cgroups: pretendCgroups, ...more },
  });
  t.after(() => node.close());
  node.startKubelet();
  /** Lets work go on, and time whenever nothing else does, until `done`; at most `limit` ms of virtual time. */
  const until = async (done: () => boolean, limit = 600_000) => {
    const end = clock.now() + limit;
    while (!done()) {
      // Files are read in real time, on other threads: time stands while something is under way there.
      for (let quiet = 0; quiet < 4 && !done(); quiet++) {
        await turn();
        if (filesUnderWay.size > 0) quiet = 0;
      }
      if (done()) return;
      assert.ok(clock.now() < end, "the time is over");
      clock.step(Math.min(clock.now() + 250, end));
    }
  };
  const isReady = (name: string) => () =>
    !!node.pod(name)?.status.conditions?.some((it) => it.type === "Ready" && it.status === "True");
  return { clock, cri, node, until, isReady };
}

test("runs a pod, and says so", async (t) => {
  const { cri, node, until, isReady } = await fakeNode(t);
  await node.create(testPod("web", { containers: [container("a"), container("b")] }));
  await until(isReady("web"));
  assert.deepEqual(cri.trace, [
    "run sandbox web #0",
    "create web/a #0",
    "start web/a",
    "create web/b #0",
    "start web/b",
  ]);
  const { status } = node.pod("web")!;
  assert.deepEqual(
    [status.phase, status.podIP, status.hostIP, status.qosClass],
    ["Running", "10.0.0.1", "127.0.0.1", "BestEffort"],
  );
  const types = status.conditions!.map((it) => `${it.type}=${it.status}/${it.observedGeneration}`);
  assert.deepEqual(types.sort(), [
    "ContainersReady=True/1",
    "Initialized=True/1",
    "PodReadyToStartContainers=True/1",
    "PodScheduled=True/1",
    "Ready=True/1",
  ]);
  const events = await node.events();
  for (const text of ["Normal Created Container created", "Normal Started Container started"])
    assert.ok(events.includes(text), text);
});

test("restarts a crashed container at once, then waits longer each time", async (t) => {
  const { cri, clock, node, until, isReady } = await fakeNode(t);
  await node.create(testPod("web", { containers: [container("a")] }));
  await until(isReady("web"));
  const gaps: number[] = [];
  for (let restarts = 1; restarts <= 4; restarts++) {
    const died = clock.now();
    cri.crash("web/a", 1);
    await until(() => cri.running().has("web/a") && statusOf(node.pod("web"))?.restartCount === restarts);
    gaps.push((clock.now() - died) / 1000);
  }
  // Time stands still but roughly while real files are written: each wait is its back-off and less than the next.
  const least = [0, 10, 20, 40, 80];
  for (const [i, gap] of gaps.entries()) assert.ok(gap >= least[i]! && gap < least[i + 1]!, `wait ${i} was ${gap} s`);
  assert.equal(statusOf(node.pod("web"))!.lastState.terminated!.exitCode, 1);
});

test("ends a deleted pod gracefully, and removes it from the API last", async (t) => {
  const { cri, node, until, isReady } = await fakeNode(t, { behaviour: () => ({ stopsIn: 5000 }) });
  await node.create(testPod("web", { containers: [container("a")] }));
  await until(isReady("web"));
  cri.trace.length = 0;
  await node.client.delete(Pod, { namespace: "default", name: "web" }, { gracePeriodSeconds: 20 });
  await until(() => node.pod("web") === undefined);
  await until(() => cri.trace.length === 3);
  assert.deepEqual(cri.trace, ["stop web/a 20s", "stop sandbox web", "remove sandbox web"]);
});

test("a restarted kubelet finds everything, restarts nothing, and removes what the API has forgotten", async (t) => {
  const { cri, node, until, isReady } = await fakeNode(t);
  for (const name of ["keep", "drop"]) await node.create(testPod(name, { containers: [container("a")] }));
  await until(() => isReady("keep")() && isReady("drop")());
  const before = cri.running();
  await node.stopKubelet();
  assert.deepEqual(cri.running(), before);
  await node.client.delete(Pod, { namespace: "default", name: "drop" }, { gracePeriodSeconds: 0 });
  node.startKubelet();
  await until(() => !cri.running().has("drop/a"));
  assert.deepEqual(cri.running(), new Map([["keep/a", before.get("keep/a")!]]));
  assert.equal(statusOf(node.pod("keep"))!.restartCount, 0);
});

test("replaces a sandbox that died", async (t) => {
  const { cri, node, until, isReady } = await fakeNode(t);
  await node.create(testPod("web", { containers: [container("a")] }));
  await until(isReady("web"));
  cri.crashSandbox("web");
  await until(() => statusOf(node.pod("web"))?.restartCount === 1 && isReady("web")());
  assert.ok(cri.trace.includes("run sandbox web #1"));
  assert.ok(
    (await node.events()).includes("Normal SandboxChanged Pod sandbox changed, it will be killed and re-created."),
  );
});

test("a node gives what others say that it has besides, as long as they say so", async (t) => {
  const { node, until } = await fakeNode(t);
  const key = { name: "node-a" };
  let seen: Node | undefined;
  const allocatable = (amount: string | undefined) => () => {
    void node.client.get(Node, key).then(
      (it) => (seen = it),
      () => {},
    );
    return seen !== undefined && seen.status.allocatable?.["example.com/gpu"] === amount && !!seen.status.capacity?.cpu;
  };
  const say = (amount: string | null) =>
    node.client.patch(
      Node,
      key,
      "strategic",
      { status: { capacity: { "example.com/gpu": amount } } },
      { subresource: "status" },
    );
  await until(allocatable(undefined));
  await say("2");
  await until(allocatable("2"));
  await say(null);
  await until(allocatable(undefined));
});

test("a Pod of a RuntimeClass runs by its handler, and says so when there is none", async (t) => {
  const { node, until, isReady } = await fakeNode(t);
  const eventsHave = async (text: string) => (await node.events()).includes(text);
  for (const handler of ["runc", "nonexistent"]) {
    await node.client.create(RuntimeClass, { metadata: { name: `by-${handler}` }, handler } as RuntimeClass);
  }
  await node.create(testPod("good", { containers: [container("a")], runtimeClassName: "by-runc" }));
  await until(isReady("good"));
  await node.create(testPod("bad", { containers: [container("a")], runtimeClassName: "by-nonexistent" }));
  const why =
    'rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "nonexistent" is configured';
  let seen = false;
  const look = () => {
    void eventsHave(`Warning FailedCreatePodSandBox Failed to create pod sandbox: ${why}`).then((it) => (seen ||= it));
    return seen;
  };
  await until(look);
  assert.equal(node.pod("bad")?.status.phase, "Pending");
});

test("a job's pod succeeds or fails, and its deadline ends it", async (t) => {
  const { node, until } = await fakeNode(t, {
    behaviour: (config) =>
      config.metadata?.name === "long" ? {} : { runsFor: 1000, exitCode: config.metadata?.name === "bad" ? 3 : 0 },
  });
  const phase = (name: string) => node.pod(name)?.status.phase;
  for (const name of ["good", "bad"])
    await node.create(testPod(name, { restartPolicy: "Never", containers: [container(name)] }));
  await node.create(testPod("long", { activeDeadlineSeconds: 60, containers: [container("long")] }));
  await until(() => phase("good") === "Succeeded" && phase("bad") === "Failed" && phase("long") === "Failed");
  assert.equal(node.pod("long")!.status.reason, "DeadlineExceeded");
  assert.equal(statusOf(node.pod("bad"))!.state.terminated!.exitCode, 3);
});

test("a probe by exec decides over readiness", async (t) => {
  let healthy = false;
  const { node, until, isReady } = await fakeNode(t, { exec: () => ({ exitCode: healthy ? 0 : 1, output: "no" }) });
  const readinessProbe = { exec: { command: ["check"] }, periodSeconds: 5, failureThreshold: 1 };
  await node.create(testPod("web", { containers: [container("a", { readinessProbe })] }));
  await until(() => node.pod("web")?.status.phase === "Running");
  assert.equal(isReady("web")(), false);
  healthy = true;
  await until(isReady("web"));
  healthy = false;
  await until(() => !isReady("web")());
  assert.ok((await node.events()).includes("Warning Unhealthy Readiness probe failed: no"));
});

test("registers its node, and keeps its lease", async (t) => {
  const { node, until, clock } = await fakeNode(t);
  let found: Node | undefined;
  await until(() => {
    void node.client.get(Node, { name: "node-a" }).then(
      (it) => (found = it),
      () => {},
    );
    return found?.status.conditions?.some((it) => it.type === "Ready" && it.status === "True") ?? false;
  });
  assert.equal(found!.metadata.labels!["kubernetes.io/hostname"], "node-a");
  assert.equal(found!.status.allocatable!.pods, "110");
  const { Lease } = await import("../api/coordination/v1/index.ts");
  let renewed: string | undefined;
  const read = () => {
    void node.client.get(Lease, { namespace: "kube-node-lease", name: "node-a" }).then(
      (it) => (renewed = it.spec.renewTime),
      () => {},
    );
    return renewed;
  };
  await until(() => read() !== undefined);
  const first = renewed;
  const begun = clock.now();
  await until(() => read() !== first);
  assert.ok(clock.now() - begun <= 11_000);
});

const amounts = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } });
const conditionOf = (pod: Pod | undefined, type: string) => pod?.status.conditions?.find((it) => it.type === type);

/** Asks for other resources, as the resize subresource would write them. */
async function resize(node: Awaited<ReturnType<typeof fakeNode>>["node"], name: string, resources: object) {
  const { metadata, spec } = node.pod(name)!;
  const [first, ...others] = spec.containers;
  const patch = {
    metadata: { generation: metadata.generation! + 1 },
    spec: { containers: [{ ...first, resources }, ...others] },
  };
  await node.client.patch(Pod, { namespace: "default", name }, "merge", patch);
}

test("gives a running container other resources", async (t) => {
  const { cri, node, until, isReady } = await fakeNode(t);
  await node.create(testPod("web", { containers: [container("a", { resources: amounts("100m", "64Mi") })] }));
  await until(isReady("web"));
  await resize(node, "web", amounts("200m", "128Mi"));
  await until(() => statusOf(node.pod("web"))?.resources?.limits?.cpu === "200m");
  assert.equal(cri.trace.at(-1), `update web/a shares=204 quota=20000 memory=${128 * 2 ** 20}`);
  await until(() => !conditionOf(node.pod("web"), "PodResizeInProgress"));
  const status = statusOf(node.pod("web"))!;
  assert.deepEqual([status.restartCount, status.allocatedResources], [0, { cpu: "200m", memory: "128Mi" }]);
  assert.equal(node.pod("web")!.status.observedGeneration, 2);
});

test("starts a container anew for resources that need it", async (t) => {
  const { node, until, isReady } = await fakeNode(t);
  const resizePolicy = [{ resourceName: "cpu", restartPolicy: "RestartContainer" }];
  const it = container("a", { resources: amounts("100m", "64Mi"), resizePolicy });
  await node.create(testPod("web", { containers: [it] }));
  await until(isReady("web"));
  await resize(node, "web", amounts("200m", "64Mi"));
  await until(() => statusOf(node.pod("web"))?.restartCount === 1 && isReady("web")());
  assert.equal(statusOf(node.pod("web"))!.resources!.limits!.cpu, "200m");
  await until(() => !conditionOf(node.pod("web"), "PodResizeInProgress"));
});

test("leaves a pod as it is that asks for more than the node has", async (t) => {
  const { cri, node, until, isReady } = await fakeNode(t);
  await node.create(testPod("web", { containers: [container("a", { resources: amounts("100m", "64Mi") })] }));
  await until(isReady("web"));
  const before = cri.trace.length;
  await resize(node, "web", amounts("100000", "64Mi"));
  await until(() => conditionOf(node.pod("web"), "PodResizePending")?.reason === "Infeasible");
  assert.equal(statusOf(node.pod("web"))!.allocatedResources!.cpu, "100m");
  await resize(node, "web", amounts("100m", "64Mi"));
  await until(() => !conditionOf(node.pod("web"), "PodResizePending"));
  assert.equal(cri.trace.length, before);
});

test("refuses what does not fit beside the others, for good, and keeps what runs when it starts anew", async (t) => {
  const { node, until, isReady } = await fakeNode(t);
  await node.create(testPod("none", { containers: [container("a")] }));
  await until(isReady("none"));
  const { allocatable } = (await node.client.get(Node, { name: "node-a" })).status;
  const most = (parts: number) => ({ requests: { memory: String(Math.floor(unitsOf(allocatable!.memory) / parts)) } });
  await node.create(testPod("first", { containers: [container("a", { resources: most(2) })] }));
  await until(isReady("first"));
  await node.create(testPod("second", { containers: [container("a", { resources: most(1.5) })] }));
  await until(() => node.pod("second")?.status.phase === "Failed");
  assert.equal(node.pod("second")!.status.reason, "OutOfmemory");
  await node.stopKubelet();
  node.startKubelet();
  await node.create(testPod("third", { containers: [container("a", { resources: most(4) })] }));
  await until(isReady("third"));
  assert.ok(isReady("first")());
});

test("a pod that is over makes room at once, while it is still being cleared away", async (t) => {
  const behaviour = () => ({ runsFor: 1000 });
  const { node, until, isReady } = await fakeNode(t, { behaviour });
  await node.create(testPod("none", { containers: [container("a")] }));
  await until(isReady("none"));
  const { allocatable } = (await node.client.get(Node, { name: "node-a" })).status;
  const resources = { requests: { memory: String(Math.floor(unitsOf(allocatable!.memory) * 0.9)) } };
  const once = (name: string) => testPod(name, { restartPolicy: "Never", containers: [container("a", { resources })] });
  await node.create(once("first"));
  const next = node
    .waitFor("first", (pod) => pod?.status.phase === "Succeeded")
    .then(() => node.create(once("second")));
  await until(() => node.pod("first")?.status.phase === "Succeeded");
  await next;
  await until(() => node.pod("second")?.status.phase === "Succeeded");
});

test("a node short of memory says so, refuses the careless, ends the greediest, and recovers", async (t) => {
  const memory = { available: 2 ** 30, capacity: 2 ** 31 };
  const { clock, node, until, isReady } = await fakeNode(
    t,
    {},
    { observe: async () => ({ "memory.available": memory }) },
  );
  const resources = { requests: { memory: "10Mi" } };
  await node.create(testPod("modest", { containers: [container("a", { resources })], priority: 10 }));
  await node.create(testPod("plain", { containers: [container("a")] }));
  await until(() => isReady("modest")() && isReady("plain")());
  memory.available = 2 ** 20;
  await until(() => node.pod("plain")?.status.phase === "Failed");
  memory.available = 2 ** 30;
  const { status } = node.pod("plain")!;
  assert.equal(status.reason, "Evicted");
  assert.match(status.message!, /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: 1Mi/);
  const target = status.conditions!.find((it) => it.type === "DisruptionTarget");
  assert.deepEqual([target?.status, target?.reason], ["True", "TerminationByKubelet"]);
  const pressed = async () =>
    (await node.client.get(Node, { name: "node-a" })).status.conditions?.find((it) => it.type === "MemoryPressure");
  assert.deepEqual((await pressed())?.reason, "KubeletHasInsufficientMemory");
  const told = (await node.events()).join("\n");
  assert.match(told, /EvictionThresholdMet.*Attempting to reclaim memory/);
  assert.match(told, /NodeHasInsufficientMemory/);
  await node.create(testPod("late", { containers: [container("a")] }));
  await until(() => node.pod("late")?.status.phase === "Failed");
  assert.equal(node.pod("late")!.status.message, "Pod was rejected: The node had condition: [MemoryPressure]. ");
  const since = clock.now();
  await until(() => clock.now() - since > 330_000);
  assert.equal((await pressed())?.status, "False");
  assert.ok(isReady("modest")(), "what asked for its memory runs on");
});

test("volumes of a pod that went while its kubelet could not unmount them are removed by the next", async (t) => {
  const { node, until, isReady } = await fakeNode(t);
  await node.create(testPod("web", { containers: [container("a")], volumes: [{ name: "v", emptyDir: {} }] }));
  await until(isReady("web"));
  await node.stopKubelet();
  const left = join(node.directory, "pods", "left-behind");
  await mkdir(join(left, "volumes", "kubernetes.io~empty-dir", "v"), { recursive: true });
  node.startKubelet();
  await until(() => !existsSync(left));
  const kept = join(node.directory, "pods", node.pod("web")!.metadata.uid!, "volumes", "kubernetes.io~empty-dir", "v");
  assert.ok(existsSync(kept));
});
