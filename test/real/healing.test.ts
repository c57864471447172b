import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { cannotRun, containerProcess, get, type PodSummary, RealCluster, until } from "./realCluster.ts";

const skip = await cannotRun();

describe("healing", { skip }, () => {
  let cluster: RealCluster;
  before(async () => {
    cluster = await RealCluster.prepare("heal");
    await cluster.coxOk("up", "-f", "examples/hello/");
  });
  after(() => cluster?.remove());

  const whole = () =>
    until("three Pods are ready and answer", async () => {
      const pods = await cluster.pods("app=hello");
      await get(await cluster.nodePortUrl("hello"));
      return pods.length === 3 && pods.every((pod) => pod.ready) && pods;
    });
  const containers = (pods: readonly PodSummary[]) => pods.map((pod) => pod.containerId).sort();

  test("a deleted Pod is replaced", async () => {
    const before = await whole();
    await cluster.kubectl("delete", "pod", before[0]!.name, "--wait=false");
    const after = await until("another Pod is there", async () => {
      const pods = await whole();
      return !pods.some((pod) => pod.name === before[0]!.name) && pods;
    });
    for (const kept of before.slice(1)) assert.ok(after.some((pod) => pod.containerId === kept.containerId));
  });

  test("a killed container is started again, the others are left alone", async () => {
    const before = await whole();
    const victim = before[0]!;
    process.kill(await containerProcess(victim.containerId), "SIGKILL");
    const after = await until("it has restarted", async () => {
      const pods = await whole();
      return pods.find((pod) => pod.name === victim.name)?.restarts === victim.restarts + 1 && pods;
    });
    for (const kept of before.slice(1)) {
      assert.deepEqual(
        after.find((pod) => pod.name === kept.name),
        kept,
      );
    }
  });

  for (const component of ["node", "server", "containerd"] as const) {
    test(`all is whole after SIGKILL of ${component}, and no healthy container is restarted`, async () => {
      const before = await whole();
      const { pid, restarts } = await cluster.component(component);
      process.kill(pid, "SIGKILL");
      await until(`${component} runs again`, async () => {
        const state = await cluster.component(component);
        return state.pid !== pid && state.restarts === restarts + 1;
      });
      assert.deepEqual(containers(await whole()), containers(before));
      // and it works, not merely runs: what is asked for now is done
      await cluster.kubectl("delete", "pod", before[0]!.name);
      const after = await whole();
      assert.equal(after.filter((pod) => before.some((b) => b.containerId === pod.containerId)).length, 2);
      assert.ok(after.every((pod) => pod.restarts <= Math.max(...before.map((b) => b.restarts))));
    });
  }
});
