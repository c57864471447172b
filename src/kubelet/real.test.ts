import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { Node, type Pod, Pod as PodKind } from "../api/core/v1/index.ts";
import { BUSYBOX_IMAGE, missingForContainerd, startPrivateContainerd } from "../cri/privateContainerd.ts";
import { realClock } from "../util/clock.ts";
import { createLogger } from "../util/logger.ts";
import { realRandom } from "../util/random.ts";
import { removeAllPods } from "./removeAllPods.ts";
import { createTestNode, testPod } from "./testNode.ts";

const run = promisify(execFile);
const BRIDGE = "cox-knode0";
const container = (name: string, script: string, more: object = {}) =>
  ({ name, image: BUSYBOX_IMAGE, command: ["sh", "-c", script], ...more }) as Pod["spec"]["containers"][number];
const FOREVER = "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done";
const isReady = (pod: Pod | undefined) =>
  !!pod?.status.conditions?.some((it) => it.type === "Ready" && it.status === "True");
const isRunning = (pod: Pod | undefined) => pod?.status.phase === "Running" && isReady(pod);

test("pods on a real runtime", { skip: missingForContainerd(), timeout: 120_000 }, async (t) => {
  const containerd = await startPrivateContainerd();
  const logger = createLogger({ clock: realClock, level: process.env.COX_TEST_LOG ? "debug" : "error" });
  const node = await createTestNode({
    clock: realClock,
    random: realRandom,
    logger,
    kubelet: {
      criEndpoint: containerd.endpoint,
      cniConfigDirectory: containerd.cniConfigDirectory,
      bridgeName: BRIDGE,
      cgroupRoot: "/cox-ktest",
    },
  });
  const lap = async (what: string, work: Promise<unknown>) => {
    const begun = performance.now();
    await work;
    t.diagnostic(`${what}: ${Math.round(performance.now() - begun)} ms`);
  };
  try {
    node.startKubelet();
    await lap("node Ready after podCIDR", becomeReady(node));
    await lap(
      "create to Running",
      node
        .create(testPod("one", { containers: [container("main", FOREVER)] }))
        .then(() => node.waitFor("one", isRunning)),
    );
    await lap(
      "create to Running, again",
      node
        .create(testPod("two", { containers: [container("main", FOREVER)] }))
        .then(() => node.waitFor("two", isRunning)),
    );

    await t.test("a killed container runs again, and keeps its history", async () => {
      const before = node.pod("one")!.status.containerStatuses![0]!;
      const info = await containerd.cri.containerInfo(before.containerID!.replace("containerd://", ""));
      await lap(
        "killed to Running",
        kill(JSON.parse(info.info!).pid).then(() =>
          node.waitFor("one", (pod) => isRunning(pod) && pod!.status.containerStatuses![0]!.restartCount === 1),
        ),
      );
      const after = node.pod("one")!.status.containerStatuses![0]!;
      assert.equal(after.lastState.terminated?.exitCode, 137);
      assert.equal(after.lastState.terminated?.containerID, before.containerID);
    });

    await t.test("a restarted kubelet restarts nothing", async () => {
      const before = node.pod("two")!.status.containerStatuses![0]!.containerID;
      await node.stopKubelet();
      node.startKubelet();
      await node.create(testPod("three", { containers: [container("main", FOREVER)] }));
      await node.waitFor("three", isRunning);
      assert.equal(node.pod("two")!.status.containerStatuses![0]!.containerID, before);
      assert.equal(node.pod("two")!.status.containerStatuses![0]!.restartCount, 0);
    });

    await t.test("containers survive their runtime", async () => {
      const before = node.pod("two")!.status.containerStatuses![0]!.containerID;
      await containerd.restart();
      await node.create(testPod("four", { containers: [container("main", FOREVER)] }));
      await node.waitFor("four", isRunning);
      assert.equal(node.pod("two")!.status.containerStatuses![0]!.containerID, before);
    });

    await t.test("a node that was stopped whole runs its pods again", async () => {
      const sources = [{ serviceAccountToken: { path: "token", expirationSeconds: 3600 } }];
      const volumeMounts = [{ name: "api", mountPath: "/api", readOnly: true }];
      const pod = testPod("back", {
        containers: [container("main", FOREVER, { volumeMounts })],
        volumes: [{ name: "api", projected: { sources } }] as never,
      });
      await node.create(pod);
      await node.waitFor("back", isRunning);
      await node.stopKubelet();
      const { cri } = containerd;
      await Promise.all((await cri.listContainers()).map((it) => cri.stopContainer(it.id, 2)));
      await Promise.all((await cri.listPodSandbox()).map((it) => cri.stopPodSandbox(it.id)));
      node.startKubelet();
      await node.waitFor("back", (it) => isRunning(it) && it!.status.containerStatuses![0]!.restartCount === 1);
      await node.client.delete(PodKind, { namespace: "default", name: "back" });
      await node.waitFor("back", (it) => it === undefined);
    });

    await t.test("deleted pods go", async () => {
      for (const name of ["one", "two", "three", "four"]) {
        await lap(
          `delete ${name} to gone`,
          node.client
            .delete(PodKind, { namespace: "default", name })
            .then(() => node.waitFor(name, (pod) => pod === undefined)),
        );
      }
    });

    await t.test("thirty at once", async () => {
      const names = Array.from({ length: 30 }, (_, i) => `burst-${i}`);
      await lap(
        "30 pods Running",
        Promise.all(
          names.map(async (name) => {
            await node.create(testPod(name, { containers: [container("main", FOREVER)] }));
            await node.waitFor(name, isRunning);
          }),
        ),
      );
    });
    if (process.env.COX_TEST_LOG) console.log((await node.events()).join("\n"));
  } finally {
    await node.stopKubelet();
    await removeAllPods({ cri: containerd.cri, rootDirectory: node.directory, cgroupRoot: "/cox-ktest" });
    await node.close();
    await containerd.stop();
    await run("ip", ["link", "delete", BRIDGE]).catch(() => {});
  }
});

async function becomeReady(node: Awaited<ReturnType<typeof createTestNode>>): Promise<void> {
  for (;;) {
    const it = await node.client.get(Node, { name: "node-a" }).catch(() => undefined);
    if (it && !it.spec.podCIDR)
      await node.client.patch(Node, { name: "node-a" }, "merge", { spec: { podCIDR: "10.241.7.0/24" } });
    if (it?.status.conditions?.some((c) => c.type === "Ready" && c.status === "True")) return;
    await realClock.sleep(10);
  }
}

async function kill(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
}
