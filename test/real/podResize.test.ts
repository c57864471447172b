import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { Pod } from "../../src/api/core/v1/index.ts";
import { parseQuantity } from "../../src/apimachinery/quantity.ts";
import { container, isReady, type Json, PodCluster, pod } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

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

/**
 * What the kernel enforces on a container, as it sees it itself under either version of cgroups. The shell reads it
 * without starting programs, for which these containers have hardly any processor time.
 */
const SEE = `cd /sys/fs/cgroup; if test -f cgroup.controllers
  then read quota rest < cpu.max; read memory < memory.max; shares=weight
  else read quota < cpu/cpu.cfs_quota_us; read memory < memory/memory.limit_in_bytes; read shares < cpu/cpu.shares; fi
  echo $quota $memory $shares`;
const milli = (text: string | undefined) => (text ? Number(parseQuantity(text).milli()) : 0);
const bytes = (text: string | undefined) => (text ? Number(parseQuantity(text).value()) : 0);

/** The amounts that Kubernetes' own tests use: before, less and more, a little different for each container of a Pod. */
const CPU = { original: 20, reduced: 15, increased: 25, increasedLimit: 35 };
const MEMORY = { original: 35, reduced: 30, increased: 40, increasedLimit: 50 };
const cpu = (size: keyof typeof CPU, index = 0) => `${CPU[size] + 2 * index}m`;
const memory = (size: keyof typeof MEMORY, index = 0) => `${MEMORY[size] + 2 * index}Mi`;
const guaranteed = (index: number, ...[cpuTo, memoryTo]: [keyof typeof CPU, keyof typeof MEMORY]) => ({
  from: same(cpu("original", index), memory("original", index)),
  to: same(cpu(cpuTo, index), memory(memoryTo, index)),
});

const CASES: Record<string, Plan> = {
  "[sig-node] Pod InPlace Resize Container guaranteed pods with multiple containers 3 containers - increase cpu & mem on c1, c2, decrease cpu & mem on c3 - net increase [MinimumKubeletVersion:1.34] [Conformance]":
    {
      c1: guaranteed(0, "increased", "increased"),
      c2: guaranteed(1, "increased", "increased"),
      c3: guaranteed(2, "reduced", "reduced"),
    },
  "[sig-node] Pod InPlace Resize Container guaranteed pods with multiple containers 3 containers - increase cpu & mem on c1, decrease cpu & mem on c2, c3 - net decrease [MinimumKubeletVersion:1.34] [Conformance]":
    {
      c1: guaranteed(0, "increased", "increased"),
      c2: guaranteed(1, "reduced", "reduced"),
      c3: guaranteed(2, "reduced", "reduced"),
    },
  "[sig-node] Pod InPlace Resize Container guaranteed pods with multiple containers 3 containers - increase: CPU (c1,c3), memory (c2, c3) ; decrease: CPU (c2) [MinimumKubeletVersion:1.34] [Conformance]":
    {
      c1: guaranteed(0, "increased", "original"),
      c2: guaranteed(1, "reduced", "increased"),
      c3: guaranteed(2, "increased", "increased"),
    },
  "[sig-node] Pod InPlace Resize Container burstable pods - extended 6 containers - various operations performed (including adding limits and requests) [MinimumKubeletVersion:1.34] [Conformance]":
    {
      c1: {
        from: { requests: { cpu: cpu("original") } },
        to: { requests: { cpu: cpu("increased") }, limits: { cpu: cpu("increasedLimit") } },
      },
      c2: {
        from: { requests: { memory: memory("original") } },
        to: { requests: { memory: memory("reduced") }, limits: { memory: memory("increasedLimit") } },
      },
      c3: {
        from: { requests: { cpu: cpu("original"), memory: memory("original") } },
        to: { requests: { cpu: cpu("original"), memory: memory("reduced") } },
      },
      c4: {
        from: { requests: { cpu: cpu("original") } },
        to: { requests: { cpu: cpu("reduced"), memory: memory("original") } },
      },
      c5: {
        from: { requests: { memory: memory("original") } },
        to: { requests: { cpu: cpu("original"), memory: memory("increased") } },
      },
    },
  "[sig-node] Pod InPlace Resize Container burstable pods - extended resize with equivalents [MinimumKubeletVersion:1.34] [Conformance]":
    {
      c1: {
        from: { requests: { cpu: "2m" }, limits: { cpu: "10m" } },
        to: { requests: { cpu: "1m" }, limits: { cpu: "5m" } },
      },
    },
  "containers that are started anew to be resized": {
    c1: { from: same("100m", "64Mi"), to: same("150m", "80Mi"), restarts: ["cpu", "memory"] },
    c2: { from: same("200m", "64Mi"), to: same("150m", "96Mi"), restarts: ["memory"] },
  },
};
/** Back is not tried where limits were added, which may not be taken away, nor where containers were restarted. */
const reverses = (plan: Plan) =>
  Object.values(plan).every(({ from, to, restarts }) => !restarts && !!from.limits === !!to.limits);
const reversed = (plan: Plan): Plan =>
  Object.fromEntries(Object.entries(plan).map(([name, { from, to }]) => [name, { from: to, to: from }]));

/** What the Pods of Kubernetes' own tests may do. */
const RESTRICTED = {
  runAsNonRoot: true,
  runAsUser: 1000,
  seccompProfile: { type: "RuntimeDefault" },
};
const LOCKED = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

describe("containers are resized while they run", { skip }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("podresize", "--nodes", "2");
  });
  after(() => at?.remove());

  const settled = (it: Pod) =>
    isReady(it) &&
    it.status.observedGeneration === it.metadata.generation &&
    !it.status.conditions?.some((c) => c.type.startsWith("PodResize"));
  /** Statuses say what was asked, to the letter; nothing is there that was not asked. */
  const tells = (it: Pod, plan: Plan, end: "from" | "to" = "to") =>
    it.status.containerStatuses!.every((status) => isDeepStrictEqual(status.resources, plan[status.name]![end]));
  const sized = (plan: Plan) => (it: Pod) => settled(it) && tells(it, plan);

  async function create(name: string, plan: Plan): Promise<Pod> {
    const containers = Object.entries(plan).map(([name, { from, restarts }]) =>
      container("grep Cpus_allowed_list /proc/self/status | cut -f2 && exec sleep 1d", {
        name,
        resources: from,
        securityContext: LOCKED,
        ...(restarts && {
          resizePolicy: ["cpu", "memory"].map((resourceName) => ({
            resourceName,
            restartPolicy: restarts.includes(resourceName) ? "RestartContainer" : "NotRequired",
          })),
        }),
      }),
    );
    const spec = { os: { name: "linux" }, restartPolicy: "OnFailure", terminationGracePeriodSeconds: 0 };
    await at.create(pod(name, { ...spec, securityContext: RESTRICTED, containers }));
    return at.podWhen(name, isReady);
  }
  async function assertEnforced(name: string, plan: Plan, end: "from" | "to" = "to"): Promise<void> {
    const check = async ([container, sizes]: [string, Plan[string]]) => {
      const { limits, requests } = sizes[end];
      const [quota, bound, shares] = (await at.sh(name, SEE, container)).split(/\s+/);
      if (limits?.cpu) assert.equal(Number(quota), Math.max(1000, milli(limits.cpu) * 100), `${container} cpu limit`);
      else assert.ok(quota === "-1" || quota === "max", `${container} has no cpu limit: ${quota}`);
      if (limits?.memory) assert.equal(Number(bound), bytes(limits.memory), `${container} memory limit`);
      const request = milli(requests?.cpu ?? limits?.cpu);
      if (shares !== "weight")
        assert.equal(Number(shares), Math.max(2, Math.floor((request * 1024) / 1000)), `${container} cpu request`);
    };
    await Promise.all(Object.entries(plan).map(check));
  }
  const path = (name: string) => `/api/v1/namespaces/default/pods/${name}/resize`;
  const specResources = (it: Pod) => Object.fromEntries(it.spec.containers.map((c) => [c.name, c.resources]));
  const ends = (plan: Plan) => Object.fromEntries(Object.entries(plan).map(([name, { to }]) => [name, to]));

  /** By the patch that a Go client computes of two objects. */
  async function resize(name: string, plan: Plan): Promise<Pod> {
    const containers = Object.entries(plan).map(([name, { to }]) => ({ name, resources: to }));
    const order = Object.keys(plan).map((name) => ({ name }));
    const spec = { "$setElementOrder/containers": order, containers };
    const patched = await at.request("PATCH", path(name), { spec }, "application/strategic-merge-patch+json");
    assert.deepEqual(specResources(patched as unknown as Pod), ends(plan));
    const done = await at.podWhen(name, sized(plan));
    await assertEnforced(name, plan);
    return done;
  }

  describe("all at once", { concurrency: true }, () => {
    for (const [index, [title, plan]] of Object.entries(CASES).entries()) {
      test(title, async () => {
        const name = `resized-${index}`;
        const made = await create(name, plan);
        assert.ok(tells(made, plan, "from"), JSON.stringify(made.status.containerStatuses));
        assert.ok(plan.c1!.restarts || made.spec.containers[0]!.resizePolicy === undefined);
        await assertEnforced(name, plan, "from");
        const done = await resize(name, plan);
        for (const status of done.status.containerStatuses!) {
          assert.equal(status.restartCount, plan[status.name]!.restarts ? 1 : 0, status.name);
        }
        if (reverses(plan)) await resize(name, reversed(plan));
      });
    }
  });

  test("[sig-node] Pod InPlace Resize Container resize pod via the replace endpoint [MinimumKubeletVersion:1.34] [Conformance]", async (t) => {
    const plan: Plan = {
      c1: {
        from: { requests: { cpu: cpu("original"), memory: memory("original") } },
        to: { requests: { cpu: cpu("increased"), memory: memory("increased") } },
      },
    };
    const live = await create("replaced", plan);
    assert.equal(live.metadata.generation, 1);
    const seen = at.versions("replaced", t.signal);
    const spec = { ...live.spec, containers: live.spec.containers.map((it) => ({ ...it, resources: plan.c1!.to })) };
    await at.request("PUT", path("replaced"), { ...live, spec } as unknown as Json);
    const updated = await at.pod("replaced");
    assert.deepEqual(specResources(updated), ends(plan));
    assert.equal(updated.metadata.generation, 2);
    await at.podWhen("replaced", sized(plan));
    await assertEnforced("replaced", plan);
    await until("both ways show the same Pod", async () => {
      const [one, other] = [await at.pod("replaced"), await at.request("GET", path("replaced"))];
      return isDeepStrictEqual(one, other);
    });
    // Whoever is told that the change was seen is told whether it is still under way.
    for (const it of seen.filter(settled)) {
      assert.deepEqual(it.status.containerStatuses![0]!.resources, it.spec.containers[0]!.resources);
    }
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
