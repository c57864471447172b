import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Container, Pod, Volume } from "../../api/core/v1/index.ts";
import { ConfigError } from "../pod/environment.ts";
import { kubeletFolder } from "./kubeletFolder.ts";
import { pretendMounter } from "./mounter.ts";
import type { PersistentVolumes } from "./persistentVolumes.ts";
import { PodVolumes } from "./podVolumes.ts";
import type { References } from "./references.ts";
import type { Tokens } from "./tokens.ts";

const FACTS = { nodeName: "node-a", hostIPs: [], podIPs: [], allocatable: {} };
const never = new AbortController().signal;
const podWith = (...volumes: Volume[]) =>
  ({ metadata: { namespace: "default", name: "web", uid: "u1" }, spec: { containers: [], volumes } }) as unknown as Pod;
const mounting = (name: string, more: object = {}) =>
  ({ name: "a", volumeMounts: [{ name, mountPath: "/v", ...more }] }) as unknown as Container;

async function volumes(t: TestContext) {
  const rootDirectory = await mkdtemp(join(tmpdir(), "cox-volumes-"));
  t.after(() => rm(rootDirectory, { recursive: true }));
  const trace: string[] = [];
  const short = (path: string) => path.replace(rootDirectory, "");
  const it = new PodVolumes({
    rootDirectory,
    mounter: pretendMounter,
    references: { follow: async () => {}, unfollow() {} } as unknown as References,
    tokens: { prepare: async () => undefined, forget() {} } as unknown as Tokens,
    persistent: {
      get: () => undefined,
      forget() {},
      disksOf: async () => [],
      async releaseDriven() {},
    } as unknown as PersistentVolumes,
    folder: kubeletFolder(rootDirectory),
    canReadOnlyRecursively: () => false,
    image: async (_, { image }) => `sha256:of-${image!.reference}`,
    imageMounter: {
      async mount(image, target) {
        await mkdir(target, { recursive: true });
        trace.push(`mount ${image} ${short(target)}`);
      },
      unmount: async (target) => void trace.push(`unmount ${short(target)}`),
    },
  });
  return { it, trace };
}

test("shows an image's files for reading, until the pod is gone", async (t) => {
  const { it, trace } = await volumes(t);
  const pod = podWith({ name: "files", image: { reference: "tool:1" } });
  await it.prepare(pod, FACTS, never);
  const [mount] = await it.mounts(pod, mounting("files"), new Map());
  assert.equal(mount!.readonly, true);
  await it.remove("u1");
  const target = "/pods/u1/volumes/kubernetes.io~image/files";
  assert.deepEqual(trace, [`mount sha256:of-tool:1 ${target}`, `unmount ${target}`]);
});

test("makes a subPath as open as its volume, and follows links only within it", async (t) => {
  const { it } = await volumes(t);
  const volume: Volume = { name: "work", emptyDir: {} } as Volume;
  const pod = podWith(volume);
  await it.prepare(pod, FACTS, never);
  const base = it.source(pod, volume);
  const sub = (subPath: string) => it.mounts(pod, mounting("work", { subPath }), new Map());
  const [made] = await sub("a/b");
  assert.equal((await stat(made!.hostPath!)).mode & 0o777, 0o777);
  assert.equal((await stat(join(base, "a"))).mode & 0o777, 0o777);
  await writeFile(join(base, "file"), "x");
  await symlink("file", join(base, "near"));
  assert.ok((await sub("near"))[0]!.hostPath!.endsWith("/file"));
  await symlink("/etc", join(base, "far"));
  for (const path of ["far", "far/passwd", "../x", "/etc"]) await assert.rejects(sub(path), ConfigError, path);
});

test("says what takes the place of a volume type that is not there, and refuses a mount that is less than asked", async (t) => {
  const { it } = await volumes(t);
  const text = async (volume: object) => {
    let message = "";
    await it.prepare(podWith({ name: "v", ...volume } as Volume), FACTS, never).catch((error: Error) => {
      message = error.message;
    });
    return message;
  };
  assert.match(await text({ iscsi: {} }), /^MountVolume.SetUp failed for volume "v" : volume type iscsi is not/);
  assert.match(await text({ awsElasticBlockStore: {} }), /are served by the CSI driver ebs.csi.aws.com/);
  assert.match(await text({ gitRepo: {} }), /git-repo volume plugin has been disabled/);
  assert.match(await text({ glusterfs: {} }), /for volume "v" err=no volume plugin matched$/);
  const pod = podWith({ name: "work", emptyDir: {} } as Volume);
  await it.prepare(pod, FACTS, never);
  const strict = mounting("work", { readOnly: true, recursiveReadOnly: "Enabled" });
  await assert.rejects(it.mounts(pod, strict, new Map()), ConfigError);
});
