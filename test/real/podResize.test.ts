import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Pod } from "../../src/api/core/v1/index.ts";
import { parseQuantity } from "../../src/apimachinery/quantity.ts";
import { container, FOREVER, isReady, type Json, PodCluster, pod } from "./podFixture.ts";
import { cannotRun } from "./realCluster.ts";

const skip = await cannotRun();

interface Amounts {
  cpu?: string;
  memory?: string;
}
interface Sizes {
  requests?: Amounts;
  limits?: Amounts;
}
type Plan = Record<string, { from: Sizes; to: Sizes; restarts?: string[] }>;
const same = (cpu: string, memory: string): Sizes => ({ requests: { cpu, memory }, limits: { cpu, memory } });

/** What the kernel enforces on a container, as it sees it itself under either version of cgroups. */
const SEE = `cd /sys/fs/cgroup; if test -f cgroup.controllers
  then echo $(cut -d' ' -f1 cpu.max) $(cat memory.max) weight
  else echo $(cat cpu/cpu.cfs_quota_us) $(cat memory/memory.limit_in_bytes) $(cat cpu/cpu.shares); fi`;
const milli = (text: string | undefined) => (text ? Number(parseQuantity(text).milli()) : 0);
const bytes = (text: string | undefined) => (text ? Number(parseQuantity(text).value()) : 0);

const CASES: Record<string, Plan> = {
  "guaranteed: cpu & memory up on c1, c2, down on c3": {
    c1: { from: same("100m", "64Mi"), to: same("150m", "80Mi") },
    c2: { from: same("150m", "96Mi"), to: same("200m", "112Mi") },
    c3: { from: same("200m", "112Mi"), to: same("150m", "96Mi") },
  },
  "guaranteed: up on c1, down on c2, c3": {
    c1: { from: same("100m", "64Mi"), to: same("150m", "80Mi"), restarts: ["cpu", "memory"] },
    c2: { from: same("200m", "112Mi"), to: same("150m", "96Mi") },
    c3: { from: same("300m", "128Mi"), to: same("200m", "112Mi") },
  },
  "guaranteed: cpu up on c1, c3, down on c2; memory up on c2, c3": {
    c1: { from: same("100m", "64Mi"), to: same("150m", "64Mi") },
    c2: { from: same("200m", "64Mi"), to: same("150m", "96Mi"), restarts: ["memory"] },
    c3: { from: same("100m", "64Mi"), to: same("200m", "96Mi") },
  },
  "burstable: six containers, limits and requests added": {
    c1: { from: { requests: { cpu: "50m" } }, to: { requests: { cpu: "80m" } } },
    c2: { from: { requests: { cpu: "50m" } }, to: { requests: { cpu: "50m" }, limits: { cpu: "100m" } } },
    c3: { from: { requests: { memory: "32Mi" } }, to: { requests: { memory: "48Mi" } } },
    c4: { from: { requests: { memory: "32Mi" } }, to: { requests: { memory: "32Mi" }, limits: { memory: "64Mi" } } },
    c5: { from: {}, to: { requests: { cpu: "30m", memory: "16Mi" } } },
    c6: { from: {}, to: same("50m", "32Mi") },
  },
  "burstable: written differently": {
    c1: { from: { requests: { cpu: "100m" } }, to: { requests: { cpu: "0.1" } } },
    c2: { from: { requests: { cpu: "1m" } }, to: { requests: { cpu: "2m" } } },
    c3: {
      from: { limits: { memory: "64Mi" }, requests: { memory: "64Mi" } },
      to: { limits: { memory: "65536Ki" }, requests: { memory: "65536Ki" } },
    },
  },
};

describe("containers are resized while they run", { skip }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("podresize");
  });
  after(() => at?.remove());

  const settled = (it: Pod) =>
    isReady(it) &&
    it.status.observedGeneration === it.metadata.generation &&
    !it.status.conditions?.some((c) => c.type.startsWith("PodResize"));
  const sized = (plan: Plan) => (it: Pod) =>
    settled(it) &&
    Object.entries(plan).every(([name, { to }]) => {
      const status = it.status.containerStatuses!.find((s) => s.name === name)!;
      return (["limits", "requests"] as const).every((kind) => {
        const has = (status.resources?.[kind] ?? {}) as Amounts;
        return milli(has.cpu) === milli(to[kind]?.cpu) && bytes(has.memory) === bytes(to[kind]?.memory);
      });
    });

  async function create(name: string, plan: Plan): Promise<void> {
    const containers = Object.entries(plan).map(([name, { from, restarts = [] }]) =>
      container(FOREVER, {
        name,
        resources: from,
        resizePolicy: ["cpu", "memory"].map((resourceName) => ({
          resourceName,
          restartPolicy: restarts.includes(resourceName) ? "RestartContainer" : "NotRequired",
        })),
      }),
    );
    await at.create(pod(name, { restartPolicy: "Always", containers }));
    await at.podWhen(name, isReady);
  }
  async function assertEnforced(name: string, plan: Plan): Promise<void> {
    for (const [container, { to }] of Object.entries(plan)) {
      const [quota, memory, shares] = (await at.sh(name, SEE, container)).split(/\s+/);
      if (to.limits?.cpu)
        assert.equal(Number(quota), Math.max(1000, milli(to.limits.cpu) * 100), `${container} cpu limit`);
      else assert.ok(quota === "-1" || quota === "max", `${container} has no cpu limit: ${quota}`);
      if (to.limits?.memory) assert.equal(Number(memory), bytes(to.limits.memory), `${container} memory limit`);
      const request = milli(to.requests?.cpu ?? to.limits?.cpu);
      if (shares !== "weight")
        assert.equal(Number(shares), Math.max(2, Math.floor((request * 1024) / 1000)), `${container} cpu request`);
    }
  }
  const path = (name: string) => `/api/v1/namespaces/default/pods/${name}/resize`;

  for (const [index, [title, plan]] of Object.entries(CASES).entries()) {
    test(title, async () => {
      const name = `resized-${index}`;
      await create(name, plan);
      const containers = Object.entries(plan).map(([name, { to }]) => ({ name, resources: to }));
      await at.request("PATCH", path(name), { spec: { containers } }, "application/strategic-merge-patch+json");
      const done = await at.podWhen(name, sized(plan));
      for (const status of done.status.containerStatuses!) {
        assert.equal(status.restartCount, plan[status.name]!.restarts ? 1 : 0, status.name);
      }
      await assertEnforced(name, plan);
      await at.cluster.kubectl("delete", "pod", name); // the next ones need the room
    });
  }

  test("by replacing", async () => {
    const plan: Plan = { c1: { from: same("100m", "64Mi"), to: same("150m", "96Mi") } };
    await create("replaced", plan);
    const live = (await at.request("GET", path("replaced"))) as unknown as Pod;
    const spec = { ...live.spec, containers: live.spec.containers.map((it) => ({ ...it, resources: plan.c1!.to })) };
    await at.request("PUT", path("replaced"), { ...live, spec } as unknown as Json);
    await at.podWhen("replaced", sized(plan));
    await assertEnforced("replaced", plan);
  });

  test("a kubelet that starts anew finds what was given, and gives what was asked meanwhile", async () => {
    const plan: Plan = { c1: { from: same("100m", "64Mi"), to: same("150m", "96Mi") } };
    const ask = (resources: Sizes) => {
      const containers = [{ name: "c1", resources }];
      return at.request("PATCH", path("kept"), { spec: { containers } }, "application/strategic-merge-patch+json");
    };
    await create("kept", plan);
    await ask(plan.c1!.to);
    await at.podWhen("kept", sized(plan));
    const { pid } = await at.cluster.component("node");
    process.kill(pid, "SIGKILL");
    const later: Plan = { c1: { from: plan.c1!.to, to: same("200m", "112Mi") } };
    await ask(later.c1!.to);
    const it = await at.podWhen("kept", sized(later));
    assert.equal(it.status.containerStatuses![0]!.restartCount, 0);
    await assertEnforced("kept", later);
    await at.cluster.kubectl("delete", "pod", "kept");
  });

  test("what does not fit on the node waits, and says so", async () => {
    const plan: Plan = { c1: { from: same("100m", "64Mi"), to: same("100m", "64Mi") } };
    await create("greedy", plan);
    const containers = [{ name: "c1", resources: same("1000", "64Mi") }];
    await at.request("PATCH", path("greedy"), { spec: { containers } }, "application/strategic-merge-patch+json");
    const it = await at.podWhen("greedy", (p) => p.status.conditions?.find((c) => c.type === "PodResizePending"));
    assert.equal(it.status.conditions!.find((c) => c.type === "PodResizePending")!.reason, "Infeasible");
    await assertEnforced("greedy", plan);
  });
});
