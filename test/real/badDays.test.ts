/** What goes wrong below the cluster shows in conditions and events, and is over when its cause is. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { container, FOREVER, isOver, isReady, mainStatus, PodCluster, pod } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();

describe("bad days", { skip }, () => {
  let cluster: PodCluster;
  before(async () => {
    cluster = await PodCluster.start("bad");
  });
  after(() => cluster?.remove());

  const ready = async () => {
    const { items } = await cluster.cluster.json<{ items: { status: { conditions: Condition[] } }[] }>("get", "nodes");
    return items[0]!.status.conditions.find((it) => it.type === "Ready")!;
  };
  interface Condition {
    type: string;
    status: string;
    message: string;
  }

  test("a runtime that hangs: the node says so; when it goes on, so does the node, and no container was touched", async () => {
    await cluster.create(pod("steady", { containers: [container(FOREVER)] }));
    const before = mainStatus(await cluster.podWhen("steady", isReady));
    const { pid } = await cluster.cluster.component("containerd");
    process.kill(pid, "SIGSTOP");
    try {
      const trouble = await until("the node is not ready", async () => {
        const condition = await ready();
        return condition.status === "False" && condition;
      });
      assert.match(trouble.message, /^container runtime is down: \w+: no answer within 15 s$/);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await until("the node is ready", async () => (await ready()).status === "True");
    await cluster.create(pod("later", { containers: [container("echo done")] }));
    await cluster.podWhen("later", isOver);
    const now = mainStatus(await cluster.podWhen("steady", isReady));
    assert.deepEqual([now?.containerID, now?.restartCount], [before?.containerID, 0]);
  });

  test("a Pod that outgrows its limit of local storage is ended, and told why", async () => {
    const scratch = { name: "scratch", emptyDir: { sizeLimit: "1Mi" } };
    const grow = "dd if=/dev/zero of=/scratch/file bs=1M count=5; while :; do sleep 1; done";
    const mounted = container(grow, { volumeMounts: [{ name: "scratch", mountPath: "/scratch" }] });
    await cluster.create(pod("grows", { volumes: [scratch], containers: [mounted] }));
    const { status } = await cluster.podWhen("grows", (it) => isOver(it) && mainStatus(it)?.state.terminated);
    assert.equal(status.reason, "Evicted");
    assert.equal(status.message, 'Usage of EmptyDir volume "scratch" exceeds the limit "1Mi". ');
    assert.ok(status.conditions?.some((it) => it.type === "DisruptionTarget" && it.status === "True"));
    assert.ok((await cluster.events("grows")).some((it) => it.startsWith("Evicted: Usage of EmptyDir")));
  });
});
