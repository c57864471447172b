/** The conformance suite's sentences about scheduling, by their codenames. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ReplicaSet } from "../api/apps/v1/index.ts";
import { Node, Pod } from "../api/core/v1/index.ts";
import { PriorityClass } from "../api/scheduling/v1/index.ts";
import { isInvalid } from "../apimachinery/status.ts";
import { type Cluster, testCluster } from "../testing/index.ts";

const FOO = "scheduling.k8s.io/foo";
const PAUSE = "registry.k8s.io/pause:3.10";

interface PauseOptions {
  labels?: Record<string, string>;
  finalizers?: string[];
  namespace?: string;
  resources?: Record<string, string>;
  spec?: object;
}

function pause(name: string, { labels, finalizers, namespace = "default", resources, spec }: PauseOptions = {}): Pod {
  const container = { name, image: PAUSE, resources: { requests: resources, limits: resources } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels, finalizers },
    spec: { containers: [container], terminationGracePeriodSeconds: 0, ...spec },
  } as unknown as Pod;
}

/** Two nodes whose Pods end a second after they are told to. */
function start(t: TestContext): Promise<Cluster> {
  const nodes = ["a", "b"].map((name) => ({ name, capacity: { cpu: "1" } }));
  return testCluster(t, { nodes, behaviour: { stopDelay: 1000 } });
}

async function create(it: Cluster, ...pods: Pod[]): Promise<void> {
  for (const each of pods) await it.create(each);
  await it.settle();
}

const live = (it: Cluster, name: string, namespace?: string) => it.get(Pod, name, namespace);

async function isScheduled(it: Cluster, name: string): Promise<boolean> {
  const { spec, status } = await live(it, name);
  const condition = status.conditions?.find(({ type }) => type === "PodScheduled");
  assert.equal(condition?.status, spec.nodeName ? "True" : "False");
  return spec.nodeName !== undefined;
}

async function assertNotScheduled(it: Cluster, name: string): Promise<void> {
  assert.equal(await isScheduled(it, name), false);
  assert.equal((await live(it, name)).status.conditions?.[0]?.reason, "Unschedulable");
  assert.ok(it.events(name).some((text) => text.startsWith(`FailedScheduling Pod/${name}: 0/2 nodes are available: `)));
}

async function label(it: Cluster, node: string, key: string, value: string): Promise<void> {
  await it.client.patch(Node, { name: node }, "merge", { metadata: { labels: { [key]: value } } });
  await it.settle();
}

test("[sig-scheduling] SchedulerPredicates [Serial] validates resource limits of pods that are allowed to run [Conformance]", async (t) => {
  const it = await start(t);
  for (const node of ["a", "b"]) {
    await label(it, node, "node", node);
    const spec = { nodeSelector: { node } };
    await create(it, pause(`filler-${node}`, { resources: { cpu: "700m" }, spec }));
    assert.ok(await isScheduled(it, `filler-${node}`));
  }
  await create(it, pause("additional-pod", { resources: { cpu: "500m" } }));
  await assertNotScheduled(it, "additional-pod");
});

test("[sig-scheduling] SchedulerPredicates [Serial] validates that NodeSelector is respected if not matching [Conformance]", async (t) => {
  const it = await start(t);
  const restricted = { labels: { name: "restricted" }, spec: { nodeSelector: { label: "nonempty" } } };
  await create(it, pause("restricted-pod", restricted));
  await assertNotScheduled(it, "restricted-pod");
});

test("[sig-scheduling] SchedulerPredicates [Serial] validates that NodeSelector is respected if matching [Conformance]", async (t) => {
  const it = await start(t);
  await create(it, pause("without-label"));
  const node = (await live(it, "without-label")).spec.nodeName!;
  await it.delete(Pod, "without-label");
  const key = "kubernetes.io/e2e-8f1b7c52";
  await label(it, node, key, "42");
  assert.equal((await it.get(Node, node)).metadata.labels?.[key], "42");
  await create(it, pause("with-labels", { spec: { nodeSelector: { [key]: "42" } } }));
  assert.equal((await live(it, "with-labels")).spec.nodeName, node);
});

test("[sig-scheduling] SchedulerPredicates [Serial] validates that there exists conflict between pods with same hostPort and protocol but one using 0.0.0.0 hostIP [Conformance]", async (t) => {
  const it = await start(t);
  const onA = (name: string, hostIP?: string) => {
    const ports = [{ containerPort: 80, hostPort: 54322, protocol: "TCP", hostIP }];
    const containers = [{ name: "agnhost", image: "agnhost", ports }];
    return pause(name, { spec: { containers, nodeSelector: { "kubernetes.io/hostname": "a" } } });
  };
  await create(it, onA("pod4"));
  assert.ok(await isScheduled(it, "pod4"));
  const { addresses } = (await it.get(Node, "a")).status;
  await create(it, onA("pod5", addresses?.find(({ type }) => type === "InternalIP")?.address));
  await assertNotScheduled(it, "pod5");
});

/** Gives a node some of a resource that nobody knows, as an administrator would by its status. */
async function addExtendedResource(it: Cluster, node: string, resource: string, amount: string): Promise<void> {
  const more = { [resource]: amount };
  const patch = { status: { capacity: more, allocatable: more } };
  await it.client.patch(Node, { name: node }, "strategic", patch, { subresource: "status" });
  await it.settle();
}

async function createPriorities(it: Cluster, priorities: Record<string, number>): Promise<void> {
  for (const [name, value] of Object.entries(priorities)) {
    const { apiVersion, kind } = PriorityClass;
    await it.create({ apiVersion, kind, metadata: { name }, value } as PriorityClass);
  }
}

/** Fills both nodes by four Pods that take four fifths of them; the first is the least important. */
async function fillNodes(it: Cluster): Promise<Pod[]> {
  await createPriorities(it, { "low-priority": 1, "medium-priority": 100, "high-priority": 1000 });
  const pods: Pod[] = [];
  for (const node of ["a", "b"]) {
    await addExtendedResource(it, node, FOO, "5");
    for (let i = 0; i < 2; i++) {
      const priorityClassName = pods.length === 0 ? "low-priority" : "medium-priority";
      const nodeSelector = { "kubernetes.io/hostname": node };
      pods.push(pause(`pod${node}-${i}`, { resources: { [FOO]: "2" }, spec: { priorityClassName, nodeSelector } }));
    }
  }
  await create(it, ...pods);
  for (const { metadata } of pods) assert.ok(await isScheduled(it, metadata.name!));
  return pods;
}

/** The first Pod is gone or going, the others are not. */
async function assertOnlyFirstPreempted(it: Cluster, pods: readonly Pod[]): Promise<void> {
  const first = await live(it, pods[0]!.metadata.name!).catch(() => undefined);
  assert.ok(!first || first.metadata.deletionTimestamp);
  for (const { metadata } of pods.slice(1)) {
    assert.equal((await live(it, metadata.name!)).metadata.deletionTimestamp, undefined);
  }
}

test("[sig-scheduling] SchedulerPreemption [Serial] validates basic preemption works [Conformance]", async (t) => {
  const it = await start(t);
  const pods = await fillNodes(it);
  const preemptor = pause("preemptor-pod", {
    resources: { [FOO]: "2" },
    spec: { priorityClassName: "high-priority", nodeSelector: { "kubernetes.io/hostname": "a" } },
  });
  await create(it, preemptor);
  await it.until(async () => (await live(it, "preemptor-pod")).spec.nodeName !== undefined);
  await assertOnlyFirstPreempted(it, pods);
});

test("[sig-scheduling] SchedulerPreemption [Serial] validates lower priority pod preemption by critical pod [Conformance]", async (t) => {
  const it = await start(t);
  const pods = await fillNodes(it);
  const critical = pause("critical-pod", {
    namespace: "kube-system",
    resources: { [FOO]: "2" },
    spec: { priorityClassName: "system-cluster-critical", nodeSelector: { "kubernetes.io/hostname": "a" } },
  });
  await create(it, critical);
  await it.until(async () => (await live(it, "critical-pod", "kube-system")).spec.nodeName !== undefined);
  await assertOnlyFirstPreempted(it, pods);
});

test("[sig-scheduling] SchedulerPreemption [Serial] validates pod disruption condition is added to the preempted pod [Conformance]", async (t) => {
  const it = await start(t);
  await createPriorities(it, { "low-priority": 1, "high-priority": 1000 });
  await addExtendedResource(it, "a", FOO, "1");
  const victim = pause("victim-pod", {
    finalizers: ["example.com/test-finalizer"],
    resources: { [FOO]: "1" },
    spec: { priorityClassName: "low-priority" },
  });
  await create(it, victim);
  assert.equal((await live(it, "victim-pod")).spec.nodeName, "a");
  await create(it, pause("preemptor-pod", { resources: { [FOO]: "1" }, spec: { priorityClassName: "high-priority" } }));
  await it.advance("30s");
  const preempted = await live(it, "victim-pod");
  assert.ok(preempted.metadata.deletionTimestamp);
  const condition = preempted.status.conditions?.find(({ type }) => type === "DisruptionTarget");
  assert.equal(condition?.status, "True");
  assert.equal(condition?.reason, "PreemptionByScheduler");
  await it.client.patch(Pod, { namespace: "default", name: "victim-pod" }, "merge", { metadata: { finalizers: null } });
  await it.until(async () => (await live(it, "preemptor-pod")).spec.nodeName === "a");
});

test("[sig-scheduling] SchedulerPreemption [Serial] PreemptionExecutionPath runs ReplicaSets to verify preemption running path [Conformance]", async (t) => {
  const it = await start(t);
  const resource = "example.com/fakecpu";
  await addExtendedResource(it, "a", resource, "1000");
  await createPriorities(it, { p1: 1, p2: 2, p3: 3, p4: 4 });
  const specFor = (name: string, priorityClassName: string, amount: string) =>
    pause(name, {
      resources: { [resource]: amount },
      spec: { priorityClassName, nodeSelector: { "kubernetes.io/hostname": "a" } },
    }).spec;
  const sizes = { pod1: ["p1", "200"], pod2: ["p2", "300"], pod3: ["p3", "450"] } as const;
  const seen = new Map<string, Set<string>>();
  const look = () => {
    for (const name of Object.keys(sizes)) {
      const uids = seen.get(name) ?? new Set();
      for (const { metadata } of it.pods(`rs-${name}`)) uids.add(metadata.uid!);
      seen.set(name, uids);
    }
  };
  for (const [name, [priority, amount]] of Object.entries(sizes)) {
    const labels = { name };
    await it.create({
      apiVersion: ReplicaSet.apiVersion,
      kind: ReplicaSet.kind,
      metadata: { name: `rs-${name}`, namespace: "default" },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: specFor("pause", priority, amount) },
      },
    } as unknown as ReplicaSet);
    await it.until(() => it.pods(`rs-${name}`)[0]?.status.phase === "Running");
  }
  look();
  await create(it, pause("pod4", { resources: { [resource]: "500" }, spec: specFor("pod4", "p4", "500") }));
  await it.until(async () => (await live(it, "pod4")).spec.nodeName === "a");
  await it.advance("10s");
  look();
  assert.deepEqual(
    [...seen].map(([name, uids]) => [name, uids.size]),
    [
      ["pod1", 2],
      ["pod2", 2],
      ["pod3", 1],
    ],
  );
});

test("[sig-scheduling] SchedulerPreemption [Serial] PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods [Conformance]", async (t) => {
  const it = await start(t);
  await createPriorities(it, { p1: 1, p2: 2 });
  const names = (await it.list(PriorityClass)).map(({ metadata }) => metadata.name);
  assert.ok(names.includes("p1") && names.includes("p2"));
  for (const name of ["p1", "p2"]) {
    const found = await it.get(PriorityClass, name);
    await assert.rejects(it.client.patch(PriorityClass, { name }, "merge", { value: found.value * 10 }), isInvalid);
    await assert.rejects(it.client.update(PriorityClass, { ...found, value: found.value * 10 }), isInvalid);
    const updated = await it.client.update(PriorityClass, { ...found, description: "updated description" });
    assert.equal(updated.description, "updated description");
    await it.client.patch(PriorityClass, { name }, "merge", { description: "patched description" });
    const { description, value } = await it.get(PriorityClass, name);
    assert.deepEqual([description, value], ["patched description", found.value]);
  }
});
