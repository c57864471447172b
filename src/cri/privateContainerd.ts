/**
 * For tests against the real thing: a containerd of one's own under a temporary folder, with two images made on the
 * spot from the machine's static busybox. Nothing of it remains after `stop`.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { pack } from "tar-stream";
import { realClock } from "../util/clock.ts";
import { type CriClient, connectCri } from "./client.ts";

const run = promisify(execFile);
const BUSYBOX = "/bin/busybox";

/** Why a private containerd cannot be started here, or false. */
export function missingForContainerd(): string | false {
  if (process.getuid?.() !== 0) return "needs root";
  for (const path of ["/usr/bin/containerd", "/usr/sbin/runc", BUSYBOX, "/usr/lib/cni/bridge"]) {
    if (!existsSync(path)) return `needs ${path}`;
  }
  return false;
}

export interface PrivateContainerd {
  readonly directory: string;
  readonly endpoint: string;
  readonly cniConfigDirectory: string;
  readonly cri: CriClient;
  /** SIGKILL, then a new start: what happens to containers when containerd dies. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const BUSYBOX_IMAGE = "coxswain.test/busybox:1";
export const PAUSE_IMAGE = "coxswain.test/pause:1";

export async function startPrivateContainerd(): Promise<PrivateContainerd> {
  const directory = await mkdtemp(join(tmpdir(), "cox-containerd-"));
  const socket = join(directory, "containerd.sock");
  const cniConfigDirectory = join(directory, "cni");
  await mkdir(cniConfigDirectory);
  await writeFile(join(directory, "config.toml"), configuration(directory, socket, cniConfigDirectory));
  let process = await launch(directory, socket);
  await importImages(directory, socket);
  const cri = connectCri(`unix://${socket}`);
  return {
    directory,
    endpoint: `unix://${socket}`,
    cniConfigDirectory,
    cri,
    async restart() {
      await end(process, "SIGKILL");
      process = await launch(directory, socket);
    },
    async stop() {
      await removeEverything(cri);
      cri.close();
      await end(process, "SIGTERM");
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function configuration(directory: string, socket: string, cni: string): string {
  return `version = 2
root = "${directory}/root"
state = "${directory}/state"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs"]
[grpc]
  address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${cni}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`;
}

async function launch(directory: string, socket: string): Promise<ChildProcess> {
  const child = spawn("containerd", ["--config", join(directory, "config.toml"), "--log-level", "warn"], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  const cri = connectCri(socket);
  try {
    for (let tries = 0; tries < 400; tries++) {
      if (await cri.version().catch(() => undefined)) return child;
      await realClock.sleep(25);
    }
    throw new Error("containerd did not answer within 10 s");
  } finally {
    cri.close();
  }
}

function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}

async function removeEverything(cri: CriClient): Promise<void> {
  for (const sandbox of await cri.listPodSandbox()) {
    await cri.stopPodSandbox(sandbox.id);
    await cri.removePodSandbox(sandbox.id);
  }
}

async function importImages(directory: string, socket: string): Promise<void> {
  const busybox = await readFile(BUSYBOX);
  const files = { "bin/busybox": busybox };
  const links = Object.fromEntries(APPLETS.map((name) => [`bin/${name}`, "busybox"]));
  const images = [
    { name: BUSYBOX_IMAGE, command: ["/bin/sh"] },
    {
      name: PAUSE_IMAGE,
      command: ["/bin/busybox", "sh", "-c", "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done"],
    },
  ];
  for (const { name, command } of images) {
    const archive = join(directory, "image.tar");
    await writeFile(archive, await dockerArchive(name, files, links, command));
    await run("ctr", ["--address", socket, "--namespace", "k8s.io", "images", "import", archive]);
    await rm(archive);
  }
}

const APPLETS = [
  "sh",
  "sleep",
  "cat",
  "echo",
  "ls",
  "id",
  "env",
  "hostname",
  "wget",
  "httpd",
  "nc",
  "kill",
  "ps",
  "touch",
  "test",
  "true",
  "false",
  "mkdir",
  "stat",
  "readlink",
  "grep",
  "sed",
  "head",
  "tail",
  "dd",
  "mount",
  "ip",
  "printf",
  "yes",
  "nslookup",
  "date",
  "rm",
  "cp",
  "ln",
  "chmod",
  "awk",
  "seq",
  "trap",
  "sysctl",
  "df",
  "find",
  "pwd",
  "du",
  "tty",
  "stty",
];

/** An image of one layer, as `docker save` writes it. */
export async function dockerArchive(
  name: string,
  files: Record<string, Buffer>,
  links: Record<string, string>,
  command: string[],
): Promise<Buffer> {
  const layer = await tar((entry) => {
    for (const folder of ["bin/", "etc/", "tmp/", "proc/", "sys/", "dev/"]) entry({ name: folder, type: "directory" });
    for (const [path, content] of Object.entries(files)) entry({ name: path, mode: 0o755 }, content);
    for (const [path, target] of Object.entries(links)) entry({ name: path, type: "symlink", linkname: target });
    entry({ name: "etc/passwd" }, Buffer.from("root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"));
    entry({ name: "etc/group" }, Buffer.from("root:x:0:\nnobody:x:65534:\n"));
  });
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === "arm64" ? "arm64" : "amd64",
      os: "linux",
      config: { Cmd: command, Env: ["PATH=/bin"] },
      rootfs: { type: "layers", diff_ids: [`sha256:${digest(layer)}`] },
    }),
  );
  const manifest = [{ Config: `${digest(config)}.json`, RepoTags: [name], Layers: ["layer.tar"] }];
  return tar((entry) => {
    entry({ name: "layer.tar" }, layer);
    entry({ name: `${digest(config)}.json` }, config);
    entry({ name: "manifest.json" }, Buffer.from(JSON.stringify(manifest)));
  });
}

const digest = (content: Buffer) => createHash("sha256").update(content).digest("hex");

type Entry = { name: string; type?: "directory" | "symlink"; linkname?: string; mode?: number };

async function tar(fill: (entry: (header: Entry, content?: Buffer) => void) => void): Promise<Buffer> {
  const archive = pack();
  fill((header, content) => void (content ? archive.entry(header, content) : archive.entry(header)));
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
