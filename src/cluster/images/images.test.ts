import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { arch, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { promisify } from "node:util";
import { extract } from "tar-stream";
import { realClock } from "../../util/clock.ts";
import { ClusterError } from "../errors.ts";
import { fullReference, imageRequirements, imageSpec, parseImageFile } from "./imageFile.ts";
import { ImageStore, parseImageList } from "./imageStore.ts";
import { buildImage, imageArchive } from "./ociImage.ts";
import { pauseProgram } from "./pause.ts";

async function untar(
  archive: Buffer,
): Promise<Map<string, { content: string; mode?: number; linkname?: string | null }>> {
  const files = new Map<string, { content: string; mode?: number; linkname?: string | null }>();
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { name, mode, linkname } = entry.header;
    files.set(name, { content: Buffer.concat(chunks).toString("latin1"), mode, linkname });
  }
  return files;
}

test("builds an archive with OCI's layout whose digests fit", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cox-image-"));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "etc"));
  await writeFile(join(folder, "etc", "motd"), "hi");
  await writeFile(join(folder, "run"), "#!/bin/sh\n");
  await chmod(join(folder, "run"), 0o755);
  await symlink("run", join(folder, "start"));
  const spec = await imageSpec({ name: "web:v1", root: folder, entrypoint: ["/run"], env: { A: "1" } }, ".");
  const image = await buildImage({ ...spec, names: ["a.example/web:v1", "a.example/web:v2"] });
  const files = await untar(await imageArchive([image]));
  const index = JSON.parse(files.get("index.json")!.content);
  assert.deepEqual(
    index.manifests.map((m: { annotations: Record<string, string> }) => m.annotations["io.containerd.image.name"]),
    ["a.example/web:v1", "a.example/web:v2"],
  );
  const blob = (digest: string) => files.get(`blobs/${digest.replace(":", "/")}`)!.content;
  const manifest = JSON.parse(blob(index.manifests[0].digest));
  const config = JSON.parse(blob(manifest.config.digest));
  assert.deepEqual(config.config.Entrypoint, ["/run"]);
  assert.ok(config.config.Env.includes("A=1"));
  assert.deepEqual(config.rootfs.diff_ids, [manifest.layers[0].digest]);
  const layer = await untar(Buffer.from(blob(manifest.layers[0].digest), "latin1"));
  assert.deepEqual([...layer.keys()], ["etc/", "etc/motd", "run", "start"]);
  assert.equal(layer.get("run")!.mode, 0o755);
  assert.equal(layer.get("start")!.linkname, "run");
});

test("equal inputs give an equal digest", async () => {
  const build = () =>
    buildImage({
      names: ["a"],
      architecture: "amd64",
      entries: [{ type: "file", path: "x", mode: 0o644, content: Buffer.from("x") }],
    });
  assert.equal((await build()).digest, (await build()).digest);
});

test("an image file names what the machine must have, and what it misspells", () => {
  const [description] = parseImageFile(
    "{name: hello, copy: [{from: /bin/busybox, to: /bin/, package: busybox-static}]}",
    "i.yaml",
  );
  assert.equal(description!.name, "docker.io/library/hello:latest");
  assert.deepEqual(imageRequirements([description!]), [
    { files: ["/bin/busybox"], package: "busybox-static", why: "is in the image docker.io/library/hello:latest" },
  ]);
  assert.throws(() => parseImageFile("{name: a, entrypiont: [b]}", "i.yaml"), /i.yaml: entrypiont: unknown field/);
  assert.throws(() => parseImageFile("{root: a}", "i.yaml"), /i.yaml: name: required/);
});

test("completes image names as a container runtime does", () => {
  for (const [name, full] of [
    ["web", "docker.io/library/web:latest"],
    ["me/web:1", "docker.io/me/web:1"],
    ["localhost/web", "localhost/web:latest"],
    ["r.example:5000/a/b", "r.example:5000/a/b:latest"],
    ["r.example/a@sha256:00", "r.example/a@sha256:00"],
  ]) {
    assert.equal(fullReference(name!), full);
  }
});

test("reads ctr's table", () => {
  const table = `REF TYPE DIGEST SIZE PLATFORMS LABELS
a.example/web:v1 application/vnd.oci.image.manifest.v1+json sha256:aa 1.9 MiB linux/amd64 io.cri-containerd.image=managed
b.example/x:1 application/vnd.oci.image.index.v1+json sha256:bb 12.0 KiB - coxswain.io/shared=true,io.cri-containerd.image=managed
`;
  assert.deepEqual(parseImageList(table), [
    {
      name: "a.example/web:v1",
      type: "application/vnd.oci.image.manifest.v1+json",
      digest: "sha256:aa",
      size: "1.9 MiB",
      platforms: ["linux/amd64"],
      isShared: false,
    },
    {
      name: "b.example/x:1",
      type: "application/vnd.oci.image.index.v1+json",
      digest: "sha256:bb",
      size: "12.0 KiB",
      platforms: [],
      isShared: true,
    },
  ]);
});

test("the pause program sleeps until SIGTERM, then ends well", {
  skip: arch() !== "x64" && "needs an amd64 machine",
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cox-pause-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "pause");
  await writeFile(path, pauseProgram("amd64"), { mode: 0o755 });
  const ended = promisify(execFile)(path);
  await isAsleep(ended.child.pid!);
  ended.child.kill("SIGTERM");
  await ended;
  assert.equal(ended.child.exitCode, 0);
});

/** Waits until the process ignores SIGCHLD, which is the first thing it does, and sleeps, which is the last. */
async function isAsleep(pid: number): Promise<void> {
  for (const end = realClock.now() + 5000; realClock.now() < end; await realClock.sleep(2)) {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    if (/^State:\tS/m.test(status) && /^SigIgn:\t0*10000$/m.test(status)) return;
  }
  assert.fail("it does not sleep");
}

test("the pause program for arm64 is a whole ELF file of that machine", () => {
  const program = pauseProgram("arm64");
  assert.equal(program.readUInt16LE(18), 0xb7);
  assert.equal(program.readBigUInt64LE(96), BigInt(program.length));
  assert.throws(() => pauseProgram("mips"));
});

test("an archive that cannot be read is said to be so, before anything is begun", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cox-image-"));
  t.after(() => rm(folder, { recursive: true }));
  const store = new ImageStore(join(folder, "nobody-listens"));
  for (const [file, why] of [
    [join(folder, "absent.tar"), /^cannot read .*absent\.tar: ENOENT/],
    [folder, /^cannot read .*: EISDIR/],
  ] as const) {
    await assert.rejects(
      store.load(file),
      (error: unknown) => error instanceof ClusterError && why.test(error.message),
    );
  }
  // what a stream had begun with would fail later, and end the process
  await new Promise((resolve) => setImmediate(resolve));
});
