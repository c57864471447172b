import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Node, PersistentVolume, PersistentVolumeClaim, type Pod, Secret } from "../../../api/core/v1/index.ts";
import { attachmentName, CSIDriver, CSINode, VolumeAttachment } from "../../../api/storage/v1/index.ts";
import type { Kind } from "../../../apimachinery/kind.ts";
import { FakeApi } from "../../../client/fakeApi.ts";
import { createClient } from "../../../client/index.ts";
import { VirtualClock } from "../../../util/clock.ts";
import { silentLogger } from "../../../util/logger.ts";
import { seededRandom } from "../../../util/random.ts";
import { PluginRegistry } from "../../plugins/registration.ts";
import type { ClaimedVolume } from "../claims.ts";
import { kubeletFolder } from "../kubeletFolder.ts";
import type { Tokens } from "../tokens.ts";
import { csiMode, groupWay } from "./capability.ts";
import { CsiNodes } from "./csiNodes.ts";
import { CsiVolumes } from "./csiVolumes.ts";
import { CsiDrivers } from "./drivers.ts";
import type { NodeCapability } from "./messages.ts";
import { TestDriver } from "./testDriver.ts";

const NAME = "folders.example.com";

async function machine(t: TestContext, capabilities: NodeCapability[] = [], more: object = {}) {
  const root = await mkdtemp(join(tmpdir(), "cox-csi-"));
  const kinds = [Node, PersistentVolume, PersistentVolumeClaim, Secret, CSIDriver, CSINode, VolumeAttachment];
  const clock = new VirtualClock();
  const api = new FakeApi(kinds as unknown as readonly Kind[], { clock, random: seededRandom(1) });
  const client = createClient(api);
  const made = { metadata: { name: "a", labels: { zone: "one" } }, spec: {}, status: {} };
  const node = await client.create(Node, made as unknown as Node);
  const nodes = new CsiNodes(client, "a");
  await nodes.register(node);
  const directory = join(root, "plugins_registry");
  await mkdir(directory);
  const drivers = new CsiDrivers({ clock, nodes, folder: kubeletFolder(root) });
  const plugins = new PluginRegistry({
    clock,
    logger: silentLogger,
    directory,
    handlers: { CSIPlugin: drivers },
    changed() {},
  });
  const volumesOf = () =>
    new CsiVolumes({
      ...{ client, clock, drivers, nodeName: "a", changed() {} },
      tokens: {
        prepare: async () => undefined,
        get: (_: Pod, { audience }: { audience: string }) => `token for ${audience}`,
        expiry: () => 0,
      } as unknown as Tokens,
      pluginsDirectory: join(root, "plugins"),
      podsDirectory: join(root, "pods"),
      volumesDirectory: (uid) => join(root, "pods", uid, "volumes"),
    });
  const driver = new TestDriver({ name: NAME, rootDirectory: root, nodeId: "node-of-a", capabilities, ...more });
  await driver.start();
  t.after(async () => {
    await driver.stop();
    drivers.get(NAME)?.close();
    await rm(root, { recursive: true });
  });
  const declare = (spec: object) => client.create(CSIDriver, { metadata: { name: NAME }, spec } as CSIDriver);
  const known = async () => (await client.get(CSINode, { name: "a" })).spec.drivers.map(({ name }) => name);
  return {
    root,
    clock,
    client,
    drivers,
    look: () => plugins.look(),
    driver,
    csi: volumesOf(),
    volumesOf,
    declare,
    known,
  };
}

const podNamed = (uid: string, more: object = {}) =>
  ({
    metadata: { namespace: "default", name: "web", uid },
    spec: { containers: [], serviceAccountName: "robot", ...more },
  }) as unknown as Pod;
const claimed = (source: object = {}, spec: object = {}): ClaimedVolume => ({
  claim: {} as PersistentVolumeClaim,
  volume: {
    metadata: { name: "pv" },
    spec: { csi: { driver: NAME, volumeHandle: "vol-1", ...source }, accessModes: ["ReadWriteOnce"], ...spec },
  } as unknown as PersistentVolume,
  readOnly: false,
});

test("a driver makes itself known by a socket, and is forgotten with it", async (t) => {
  const more = { topology: { "topology.example.com/rack": "7" }, maxVolumes: 3 };
  const { client, drivers, driver, known, look } = await machine(t, [], more);
  await look();
  assert.deepEqual(driver.told, { pluginRegistered: true, error: "" });
  assert.deepEqual(await known(), ["disk.coxswain.io", NAME]);
  const [, entry] = (await client.get(CSINode, { name: "a" })).spec.drivers;
  assert.deepEqual(entry, {
    name: NAME,
    nodeID: "node-of-a",
    topologyKeys: ["topology.example.com/rack"],
    allocatable: { count: 3 },
  });
  const { labels, annotations } = (await client.get(Node, { name: "a" })).metadata;
  assert.deepEqual(labels, { zone: "one", "topology.example.com/rack": "7" });
  assert.deepEqual(annotations, { "csi.volume.kubernetes.io/nodeid": `{"${NAME}":"node-of-a"}` });
  await driver.stop();
  await look();
  assert.deepEqual(await known(), ["disk.coxswain.io"]);
  assert.equal(drivers.get(NAME), undefined);
});

test("a driver that says what cannot be is told so", async (t) => {
  const { driver, known, look } = await machine(t, [], { topology: { zone: "two" } });
  await look();
  assert.equal(driver.told?.pluginRegistered, false);
  assert.match(driver.told.error, /driver reported "zone":"two" but existing label is "zone":"one"/);
  assert.deepEqual(await known(), ["disk.coxswain.io"]);
});

test("says in Kubernetes' words that a driver is not there", async (t) => {
  const { csi } = await machine(t);
  const why =
    'MountVolume.MountDevice failed for volume "pv" : kubernetes.io/csi: attacher.MountDevice failed to create ' +
    `newCsiDriverClient: driver name ${NAME} not found in the list of registered CSI drivers`;
  await assert.rejects(csi.bring(podNamed("u1"), claimed()), { message: why });
});

test("stages a volume once, publishes it to each Pod, and undoes both when the last is gone", async (t) => {
  const { csi, driver, declare, root, client, look } = await machine(t, ["STAGE_UNSTAGE_VOLUME"]);
  await look();
  await declare({ attachRequired: false, podInfoOnMount: true });
  await client.create(Secret, {
    metadata: { namespace: "vault", name: "key" },
    data: { password: btoa("open") },
  } as unknown as Secret);
  const secret = { name: "key", namespace: "vault" };
  const volume = claimed({ fsType: "xfs", volumeAttributes: { size: "big" }, nodeStageSecretRef: secret });
  const { path } = await csi.bring(podNamed("u1"), volume);
  await csi.bring(podNamed("u2"), volume);
  assert.equal(path, join(root, "pods/u1/volumes/kubernetes.io~csi/pv/mount"));
  assert.deepEqual(driver.trace, ["NodeStageVolume vol-1", "NodePublishVolume vol-1", "NodePublishVolume vol-1"]);
  const { secrets, volumeCapability, stagingTargetPath } = driver.last.NodeStageVolume!;
  assert.deepEqual(secrets, { password: "open" });
  assert.equal((volumeCapability as { mount: { fsType: string } }).mount.fsType, "xfs");
  assert.match(
    String(stagingTargetPath),
    new RegExp(`^${root}/plugins/kubernetes.io/csi/${NAME}/[0-9a-f]{64}/globalmount$`),
  );
  assert.deepEqual(driver.last.NodePublishVolume!.volumeContext, {
    size: "big",
    "csi.storage.k8s.io/pod.name": "web",
    "csi.storage.k8s.io/pod.namespace": "default",
    "csi.storage.k8s.io/pod.uid": "u2",
    "csi.storage.k8s.io/serviceAccount.name": "robot",
    "csi.storage.k8s.io/ephemeral": "false",
  });
  driver.trace.length = 0;
  await csi.release("u1");
  assert.deepEqual(driver.trace, ["NodeUnpublishVolume vol-1"]);
  driver.fail = "NodeUnstageVolume";
  await assert.rejects(csi.release("u2"), /UnmountVolume.TearDown failed for volume "pv" : rpc error: code = Internal/);
  await csi.release("u2");
  assert.deepEqual(driver.trace.slice(-2), ["NodeUnpublishVolume vol-1", "NodeUnstageVolume vol-1"]);
});

test("waits for what the control plane attaches, and says that it is in use, also after a restart", async (t) => {
  const { csi, volumesOf, driver, declare, client, look } = await machine(t, ["GET_VOLUME_STATS"]);
  await look();
  await declare({ attachRequired: true });
  const name = attachmentName({ handle: "vol-1", driver: NAME, node: "a" });
  const status = { attached: true, attachmentMetadata: { lun: "4" } };
  await client.create(VolumeAttachment, { metadata: { name }, spec: {}, status } as unknown as VolumeAttachment);
  const volume = await csi.bring(podNamed("u1"), claimed());
  assert.deepEqual(driver.last.NodePublishVolume!.publishContext, { lun: "4" });
  assert.deepEqual(csi.inUse, [`kubernetes.io/csi/${NAME}^vol-1`]);
  assert.deepEqual(await volume.usage(), {
    ...{ capacityBytes: 1000, availableBytes: 600, usedBytes: 400 },
    ...{ inodes: 10, inodesFree: 6, inodesUsed: 4 },
  });
  const next = volumesOf();
  await next.recall();
  assert.deepEqual(next.inUse, csi.inUse);
  await next.release("u1");
  assert.deepEqual(next.inUse, []);
  assert.deepEqual(driver.trace.at(-1), "NodeUnpublishVolume vol-1");
});

test("what a Pod only waited for is not in use when it is gone", async (t) => {
  const { csi, look, declare, clock } = await machine(t);
  await look();
  await declare({});
  const waiting = assert.rejects(
    csi.bring(podNamed("u1"), claimed()),
    /watcher timed out waiting for volume attachment/,
  );
  const inUse = [`kubernetes.io/csi/${NAME}^vol-1`];
  while (csi.inUse.length === 0) await turn();
  assert.deepEqual(csi.inUse, inUse);
  let isOver = false;
  void waiting.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    clock.step(clock.now() + 300);
    await turn();
  }
  await csi.release("u1");
  assert.deepEqual(csi.inUse, []);
});

test("after the machine was started anew, volumes are staged once more", async (t) => {
  const { csi, volumesOf, look, driver, declare } = await machine(t, ["STAGE_UNSTAGE_VOLUME"]);
  await look();
  await declare({ attachRequired: false });
  await csi.bring(podNamed("u1"), claimed());
  driver.trace.length = 0;
  const next = volumesOf();
  await next.recall();
  await next.bring(podNamed("u1"), claimed());
  assert.deepEqual(driver.trace, ["NodeStageVolume vol-1", "NodePublishVolume vol-1"]);
});

test("a volume of a Pod's own is published only by a driver that says it can, with tokens as it wants", async (t) => {
  const { csi, driver, declare, look } = await machine(t);
  const inline = { name: "own", csi: { driver: NAME, readOnly: true, volumeAttributes: { what: "secrets" } } };
  const none = /failed to get CSI client: driver name folders.example.com not found in the list of registered/;
  await assert.rejects(csi.bringInline(podNamed("u1"), inline), none);
  await look();
  const unsaid = /volume mode "Ephemeral" not supported by driver folders.example.com \(no CSIDriver object\)/;
  await assert.rejects(csi.bringInline(podNamed("u1"), inline), unsaid);
  await declare({
    volumeLifecycleModes: ["Ephemeral"],
    attachRequired: false,
    requiresRepublish: true,
    tokenRequests: [{ audience: "vault" }],
  });
  const volume = await csi.bringInline(podNamed("u1"), inline);
  const { volumeId, volumeContext, readonly } = driver.last.NodePublishVolume!;
  assert.match(String(volumeId), /^csi-[0-9a-f]{64}$/);
  assert.equal(readonly, true);
  assert.deepEqual(volumeContext, {
    what: "secrets",
    "csi.storage.k8s.io/serviceAccount.tokens":
      '{"vault":{"token":"token for vault","expirationTimestamp":"1970-01-01T00:00:00Z"}}',
  });
  await volume.refresh?.();
  assert.equal(driver.trace.length, 2, "published again");
});

test("has a file system grow, by drivers that do that", async (t) => {
  for (const [capabilities, asked] of [
    [["EXPAND_VOLUME"], ["NodeExpandVolume vol-1"]],
    [[], []],
  ] as [NodeCapability[], string[]][]) {
    const { csi, driver, look } = await machine(t, capabilities);
    await look();
    await csi.enlarge(claimed({}, { capacity: { storage: "2Gi" } }).volume, podNamed("u1"));
    assert.deepEqual(driver.trace, asked);
    const { capacityRange } = driver.last.NodeExpandVolume ?? { capacityRange: { requiredBytes: 2 * 1024 ** 3 } };
    assert.equal((capacityRange as { requiredBytes: number }).requiredBytes, 2 * 1024 ** 3);
  }
});

test("a driver that knows the kubelet's folder by its customary name is told paths by it", async (t) => {
  const { csi, driver, declare, root, look } = await machine(t, [], { seenRoot: "/var/lib/kubelet" });
  await look();
  await declare({ attachRequired: false });
  const { path } = await csi.bring(podNamed("u1"), claimed());
  assert.ok(path.startsWith(root));
  assert.equal(
    driver.last.NodePublishVolume!.targetPath,
    "/var/lib/kubelet/pods/u1/volumes/kubernetes.io~csi/pv/mount",
  );
});

test("access modes and the group's files, as the driver can and says", () => {
  assert.equal(csiMode("ReadWriteOnce", false), "SINGLE_NODE_WRITER");
  assert.equal(csiMode("ReadWriteOnce", true), "SINGLE_NODE_MULTI_WRITER");
  assert.equal(csiMode("ReadWriteOncePod", true), "SINGLE_NODE_SINGLE_WRITER");
  assert.equal(csiMode("ReadWriteMany", false), "MULTI_NODE_MULTI_WRITER");
  const asked = { source: {}, isBlock: false, accessModes: ["ReadWriteOnce"], mountOptions: [] };
  const ext4 = { ...asked, source: { fsType: "ext4" } };
  assert.equal(groupWay(true, undefined, asked), "driver");
  assert.equal(groupWay(false, undefined, asked), "nobody");
  assert.equal(groupWay(false, undefined, ext4), "kubelet");
  assert.equal(groupWay(false, { fsGroupPolicy: "File" }, asked), "kubelet");
  assert.equal(groupWay(false, { fsGroupPolicy: "None" }, ext4), "nobody");
  assert.equal(groupWay(true, undefined, { ...ext4, isBlock: true }), "nobody");
});
