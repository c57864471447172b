import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Node, PersistentVolume, PersistentVolumeClaim, type Pod, type Volume } from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import { FakeApi } from "../../client/fakeApi.ts";
import { createClient } from "../../client/index.ts";
import { VirtualClock } from "../../util/clock.ts";
import { seededRandom } from "../../util/random.ts";
import type { CsiVolumes } from "./csi/csiVolumes.ts";
import { DiskMounts } from "./diskMounts.ts";
import { pretendMounter } from "./mounter.ts";
import { MountFailure } from "./mountFailure.ts";
import { giveToGroup } from "./ownership.ts";
import { PersistentVolumes } from "./persistentVolumes.ts";
import { SizedVolumes } from "./sizedVolumes.ts";
import { holdSubPath } from "./subPath.ts";

const VOLUME: Volume = { name: "data", persistentVolumeClaim: { claimName: "claim" } };
const podNamed = (uid: string, more: object = {}) =>
  ({
    metadata: { namespace: "default", name: uid, uid },
    spec: {
      containers: [{ name: "main", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
      volumes: [VOLUME],
      ...more,
    },
    status: {},
  }) as unknown as Pod;

async function node(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), "cox-persistent-"));
  t.after(() => rm(root, { recursive: true }));
  const kinds = [Node, PersistentVolume, PersistentVolumeClaim] as unknown as readonly Kind[];
  const clock = new VirtualClock();
  const client = createClient(new FakeApi(kinds, { clock, random: seededRandom(1) }));
  await client.create(Node, { metadata: { name: "a", labels: { zone: "one" } }, spec: {}, status: {} } as never);
  const disks = new DiskMounts({
    client,
    clock,
    mounter: pretendMounter,
    nodeName: "a",
    pluginsDirectory: root,
    changed() {},
  });
  const it = new PersistentVolumes({
    client,
    mounter: pretendMounter,
    nodeName: "a",
    disks,
    csi: {} as CsiVolumes,
    sized: new SizedVolumes(pretendMounter),
    podsDirectory: join(root, "pods"),
    volumesDirectory: (uid) => join(root, "pods", uid, "volumes"),
    localVolumes: join(root, "local-volumes"),
  });
  const bind = async (source: object, claim: object = {}, status: object = { phase: "Bound" }) => {
    const made = await client.create(PersistentVolumeClaim, {
      metadata: { namespace: "default", name: "claim", ...(claim as { metadata?: object }).metadata },
      spec: { volumeName: "pv", accessModes: ["ReadWriteOnce"], ...(claim as { spec?: object }).spec },
      status,
    } as never);
    const claimRef = { namespace: "default", name: "claim", uid: made.metadata.uid };
    const annotations = { "pv.kubernetes.io/provisioned-by": "coxswain.io/local" };
    await client.create(PersistentVolume, {
      metadata: { name: "pv", annotations },
      spec: { claimRef, ...source },
    } as never);
  };
  const why = (pod: Pod) =>
    it.prepare(pod, VOLUME).then(
      () => "",
      (error: Error) => {
        assert.ok(error instanceof MountFailure);
        return error.message;
      },
    );
  return { root, it, bind, why };
}

const FAILED =
  "Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[data]: ";

test("makes the folder of a local volume, open to all, once", async (t) => {
  const { root, it, bind, why } = await node(t);
  const path = join(root, "local-volumes", "pv");
  await bind({ local: { path } });
  assert.equal(await why(podNamed("u1")), "");
  assert.equal((await stat(path)).mode & 0o777, 0o777);
  const { usage, ...ready } = it.get("u1", "data")!;
  assert.deepEqual(ready, { name: "pv", path, isDevice: false, readOnly: false });
  assert.ok((await usage!()).capacityBytes! > 0);
  await chmod(path, 0o700);
  it.forget("u1");
  assert.equal(await why(podNamed("u1")), "");
  assert.equal((await stat(path)).mode & 0o777, 0o700, "what its users have changed stays");
});

test("says in Kubernetes' words why a claim cannot be used", async (t) => {
  const absent = await node(t);
  assert.match(
    await absent.why(podNamed("u1")),
    /failed to process volumes=\[data\]: error processing PVC default\/claim: failed to fetch PVC from API server/,
  );
  const unbound = await node(t);
  await unbound.bind({}, {}, { phase: "Pending" });
  assert.equal(await unbound.why(podNamed("u1")), `${FAILED}error processing PVC default/claim: PVC is not bound`);
  const raw = await node(t);
  await raw.bind({ volumeMode: "Block", local: { path: "/x" } });
  assert.equal(
    await raw.why(podNamed("u1")),
    `${FAILED}volume data has volumeMode Block, but is specified in volumeMounts`,
  );
  const elsewhere = await node(t);
  const terms = [{ matchExpressions: [{ key: "zone", operator: "In", values: ["two"] }] }];
  await elsewhere.bind({ local: { path: "/x" }, nodeAffinity: { required: { nodeSelectorTerms: terms } } });
  assert.equal(
    await elsewhere.why(podNamed("u1")),
    'MountVolume.NodeAffinity check failed for volume "pv" : no matching NodeSelectorTerms',
  );
  const missing = await node(t);
  await missing.bind({ local: { path: "/nowhere/at/all" } });
  assert.equal(
    await missing.why(podNamed("u1")),
    'MountVolume.NewMounter initialization failed for volume "pv" : path "/nowhere/at/all" does not exist',
  );
});

test("a claim for one Pod is given to a second only when the first is gone", async (t) => {
  const { root, it, bind, why } = await node(t);
  await bind({ local: { path: join(root, "local-volumes", "pv") } }, { spec: { accessModes: ["ReadWriteOncePod"] } });
  assert.equal(await why(podNamed("u1")), "");
  assert.match(
    await why(podNamed("u2")),
    /volume uses the ReadWriteOncePod access mode and is already in use by another pod$/,
  );
  it.forget("u1");
  assert.equal(await why(podNamed("u2")), "");
});

test("gives files to the group, not what links lead to; and nothing twice when only the top is asked for", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "cox-group-"));
  t.after(() => rm(root, { recursive: true }));
  const [volume, outside] = [join(root, "volume"), join(root, "outside")];
  await mkdir(join(volume, "folder"), { recursive: true });
  for (const file of [join(volume, "folder", "file"), outside]) await writeFile(file, "x", { mode: 0o600 });
  await symlink(outside, join(volume, "link"));
  const group = process.getgid!();
  await giveToGroup(volume, group);
  assert.equal((await stat(join(volume, "folder"))).mode & 0o7777, 0o2775);
  assert.equal((await stat(join(volume, "folder", "file"))).mode & 0o777, 0o660);
  assert.equal((await stat(outside)).mode & 0o777, 0o600);
  await chmod(join(volume, "folder", "file"), 0o600);
  await giveToGroup(volume, group, { policy: "OnRootMismatch" });
  assert.equal((await stat(join(volume, "folder", "file"))).mode & 0o777, 0o600);
});

test("a subPath that is swapped for a link while it is opened does not lead out", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "cox-held-"));
  t.after(() => rm(root, { recursive: true }));
  await mkdir(join(root, "a"));
  const made: string[] = [];
  const held = await holdSubPath(root, "a/new", {
    made: async (path) => {
      made.push(path);
      // what a container of the Pod does meanwhile
      await rm(join(root, "a"), { recursive: true });
      await symlink("/etc", join(root, "a"));
    },
  });
  t.after(() => held.close());
  assert.equal(made.length, 1);
  assert.ok(!held.name.startsWith("/etc"), held.name);
  await assert.rejects(holdSubPath(root, "a/passwd", { made: async () => {} }), /leads out of the volume/);
});
