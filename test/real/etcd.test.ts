import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { readCluster } from "../../src/cluster/config.ts";
import { NO_ETCD } from "../../src/store/etcd/privateEtcd.ts";
import { cannotRun, RealCluster, until } from "./realCluster.ts";

const skip = NO_ETCD || (await cannotRun());

interface Objects {
  items: { metadata: { name: string; uid: string; resourceVersion: string } }[];
}

describe("cox etcd", { skip }, () => {
  let cluster: RealCluster;
  const settings = (name: string) => cluster.kubectl("create", "configmap", name, "--from-literal=a=1");
  const versions = async () => {
    const { items } = await cluster.json<Objects>("get", "configmaps,namespaces,pods");
    return new Map(items.map(({ metadata }) => [metadata.name, metadata]));
  };
  const answers = () =>
    until("the API answers", async () => (await cluster.tryKubectl("get", "--raw", "/readyz")).code === 0);
  before(async () => {
    cluster = await RealCluster.prepare("etcd");
    await cluster.coxOk("up");
  });
  after(() => cluster?.remove());

  test("migrate keeps every object and its identity, and no resourceVersion goes back", {
    timeout: 180_000,
  }, async () => {
    await settings("kept");
    await cluster.kubectl("run", "pod", "--image=coxswain.local/pause:1");
    await cluster.kubectl("wait", "--for=condition=Ready", "pod/pod");
    const old = await versions();
    const refused = await cluster.cox("up", "--control-planes", "3");
    assert.match(refused.stderr, /has 1 control plane, not 3/);
    assert.match(refused.stderr, /cox etcd migrate/);
    await cluster.coxOk("etcd", "migrate");
    await answers();
    const now = await versions();
    const highest = Math.max(...[...old.values()].map(({ resourceVersion }) => Number(resourceVersion)));
    for (const [name, { uid }] of old) {
      assert.equal(now.get(name)?.uid, uid, name);
      assert.ok(Number(now.get(name)?.resourceVersion) > highest, name);
    }
    const pod = await cluster.json<{ status: { containerStatuses: { restartCount: number }[] } }>("get", "pod", "pod");
    assert.equal(pod.status.containerStatuses[0]!.restartCount, 0);
  });

  test("a member is replaced while the cluster goes on", { timeout: 120_000 }, async () => {
    await cluster.coxOk("etcd", "member", "replace", "control-plane-2");
    const { members } = JSON.parse(await cluster.coxOk("etcd", "member", "list", "-o", "json")) as {
      members: { name: string; state: string }[];
    };
    assert.deepEqual(
      members.map(({ state }) => state),
      ["well", "well", "well"],
    );
    await settings("after-replacement");
  });

  test("stop and start keep all, a replaced member too", { timeout: 180_000 }, async () => {
    await cluster.coxOk("stop");
    await cluster.coxOk("start");
    assert.ok((await versions()).has("after-replacement"));
    assert.match(await cluster.coxOk("etcd", "member", "list"), /control-plane-2 .* well/);
  });

  test("restore goes back to a snapshot, but no resourceVersion does", { timeout: 240_000 }, async () => {
    const file = join(cluster.scratch, "snapshot.db");
    await settings("in-snapshot");
    await cluster.coxOk("etcd", "snapshot", file);
    await settings("too-late");
    await cluster.kubectl("delete", "configmap", "in-snapshot");
    const highest = Number((await versions()).get("too-late")!.resourceVersion);
    // killed halfway: nothing starts before it is done
    const restore = spawn(cluster.coxPath, ["etcd", "restore", file], { env: cluster.env, stdio: "ignore" });
    await until("it is halfway", async () => (await readCluster(cluster.name))?.restoring !== undefined);
    restore.kill("SIGKILL");
    assert.match((await cluster.cox("start")).stderr, /was going back to a snapshot .*\n.*cox etcd restore FILE/);
    await cluster.coxOk("etcd", "restore", file);
    const now = await versions();
    assert.deepEqual([now.has("in-snapshot"), now.has("too-late")], [true, false]);
    await settings("next");
    assert.ok(Number((await versions()).get("next")!.resourceVersion) > highest);
    await truncate(file, 100_000);
    const { code, stderr } = await cluster.cox("etcd", "restore", file);
    assert.deepEqual([code, /cut short/.test(stderr)], [1, true]);
    assert.match((await cluster.cox("etcd", "restore", `${file}.not`)).stderr, /there is no such file/);
    assert.match((await cluster.cox("etcd", "snapshot", cluster.scratch)).stderr, /is a folder/);
  });
});
