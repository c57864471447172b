import { rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../../cli/errors.ts";
import type { CommonOptions } from "../../cli/program.ts";
import type { Progress } from "../../cli/progress.ts";
import { writeCluster } from "../../cluster/config.ts";
import { etcdFolder, peerURL } from "../../cluster/controlPlanes/planeComponents.ts";
import { preparePlanes, startMember, stopPlanes, stopServers } from "../../cluster/controlPlanes/planes.ts";
import { findProgram } from "../../cluster/host.ts";
import type { ClusterConfig } from "../../cluster/layout.ts";
import { startCluster, supervisorOf } from "../../cluster/lifecycle.ts";
import type { Machine } from "../../cluster/machines/machines.ts";
import { run, tryRun } from "../../cluster/run.ts";
import { snapshotProblem } from "../../store/etcd/maintenance.ts";
import { realClock as clock } from "../../util/clock.ts";
import { alone } from "../alone.ts";
import { print } from "../output.ts";
import { etcdCluster, whenWell, withEtcd, withEtcdOfItsOwn } from "./access.ts";

const MINUTE = 60_000;
/** What may have been written after the last revision that anyone could tell us of. */
const UNSEEN = 1_000;
/** When no member can say how far it had come. */
const UNKNOWN = 50_000;
/** The same where a revision is not counted up to but set, so that more is no dearer. */
const SET_UNSEEN = 1_000_000;
const SET_UNKNOWN = 1_000_000_000;

export async function snapshot(file: string, options: CommonOptions): Promise<number> {
  const path = await writablePath(file);
  const { config, machines } = await etcdCluster(options.name);
  const ending = new AbortController();
  process.once("SIGINT", () => ending.abort(new UserError("interrupted; there is no snapshot")));
  const bytes = await withEtcd(config, machines, (admin) => admin.snapshot(path, ending.signal));
  print({ file: path, bytes }, options, () => `Wrote ${path} (${(bytes / 1e6).toFixed(1)} MB).\n`);
  return 0;
}

async function writablePath(file: string): Promise<string> {
  const path = resolve(file);
  const kind = (at: string) => stat(at).catch(() => undefined); // not there
  if ((await kind(path))?.isDirectory()) throw new UserError(`${path} is a folder: name a file in it`);
  if (!(await kind(dirname(path)))?.isDirectory()) throw new UserError(`there is no folder ${dirname(path)}`);
  return path;
}

/** Goes back to a snapshot: every member begins anew from it. */
export async function restore(file: string, options: CommonOptions): Promise<number> {
  const path = resolve(file);
  const problem = await snapshotProblem(path);
  if (problem) throw new UserError(`${path} cannot be restored: ${problem}`);
  const config = await withEtcdOfItsOwn(options.name);
  await alone(options, (progress) => restoreAll(config, path, progress));
  print({ restored: path }, options, () => `Cluster ${options.name} is as it was when ${path} was written.\n`);
  return 0;
}

/**
 * Until `restoring` is in the cluster's settings nothing has changed; from then on it starts no more before this is done,
 * by another call if need be.
 */
async function restoreAll(config: ClusterConfig, path: string, progress: Progress): Promise<void> {
  const supervisor = supervisorOf(config.name, clock);
  const machines = await preparePlanes(config); // those of a stopped cluster have no power
  const planes = config.controlPlanes!;
  const isSet = await progress.step("Unpack", { timeout: 10 * MINUTE }, () => unpackAll(config, machines, path));
  const reached = await progress.step("Control planes", { timeout: MINUTE }, async () => {
    await stopServers(planes, supervisor);
    const told = await revisionTold(config, machines);
    await stopPlanes(planes, supervisor);
    const reached = Math.max(config.restoring ?? 0, told || (await revisionKept(config)));
    await writeCluster({ ...config, restoring: reached });
    return reached;
  });
  const fresh: ClusterConfig = { ...config, controlPlanes: planes.map(({ name }) => ({ name })), restoring: undefined };
  await progress.step("Members", { timeout: 60 * MINUTE }, async ({ note, signal }) => {
    for (const { name } of machines) await replaceFolder(`${etcdFolder(config, name)}.new`, etcdFolder(config, name));
    for (const machine of machines) await startMember(fresh, machine, machines, supervisor);
    await withEtcd(fresh, machines, async (admin) => {
      await whenWell(admin, signal, note);
      const [first] = await admin.health();
      const from = first!.status!.header!.revision;
      const unknown = isSet ? from : from + UNKNOWN;
      const to = Math.max(from, reached > 0 ? reached + UNSEEN : unknown);
      await admin.raise(to, (at) => note(`revision ${at} of ${to}`));
      await admin.forgetHistory();
    });
    await writeCluster(fresh);
  });
  await startCluster(config.name, { steps: progress, clock, images: [] });
}

/** The newest revision that any member tells of; 0: none does. */
async function revisionTold(config: ClusterConfig, machines: readonly Machine[]): Promise<number> {
  const health = await withEtcd(config, machines, (admin) => admin.health());
  return Math.max(0, ...health.map(({ status }) => status?.header?.revision ?? 0));
}

/** The newest revision in the files of members that do not run; 0: unknown. */
async function revisionKept(config: ClusterConfig): Promise<number> {
  const files = config.controlPlanes!.map(({ name }) => join(etcdFolder(config, name), "member", "snap", "db"));
  return Math.max(...(await Promise.all(files.map(revisionIn))));
}
/** The revision of a member's file or a snapshot; 0: it cannot be read. */
async function revisionIn(file: string): Promise<number> {
  const { code, stdout } = await tryRun(await unpacker(), ["snapshot", "status", file, "--write-out=json"], V3);
  return code === 0 ? (JSON.parse(stdout) as { revision: number }).revision : 0;
}

/**
 * Unpacks the snapshot for every member, beside what they have; all or none. Answers whether it has set a revision above
 * all that were given before, as newer etcds can.
 */
async function unpackAll(config: ClusterConfig, machines: readonly Machine[], path: string): Promise<boolean> {
  const program = await unpacker();
  const help = await tryRun(program, ["snapshot", "restore", "--help"], V3);
  const sets = help.stdout.includes("--bump-revision");
  const told = sets ? await revisionTold(config, machines) : 0;
  const by = told > 0 ? Math.max(0, told - (await revisionIn(path))) + SET_UNSEEN : SET_UNKNOWN;
  const folders = machines.map(({ name }) => `${etcdFolder(config, name)}.new`);
  const cluster = [
    ...["--initial-cluster", machines.map((one) => `${one.name}=${peerURL(one)}`).join(",")],
    // one token for all: members of different tokens are members of different clusters, and never speak
    ...["--initial-cluster-token", `${config.name}-${clock.now()}`],
    ...(sets ? ["--bump-revision", String(by), "--mark-compacted"] : []),
  ];
  try {
    for (const [i, machine] of machines.entries()) {
      await rm(folders[i]!, { recursive: true, force: true });
      const member = ["--name", machine.name, "--initial-advertise-peer-urls", peerURL(machine)];
      await run(program, ["snapshot", "restore", path, "--data-dir", folders[i]!, ...member, ...cluster], V3);
    }
  } catch (error) {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return sets;
}

/** What unpacks snapshots: etcdutl since etcd 3.5, and etcdctl until 3.5. */
export async function unpacker(find = findProgram): Promise<string> {
  const program = (await find("etcdutl")) ?? (await find("etcdctl"));
  if (program) return program;
  throw new UserError("restoring needs etcdutl or etcdctl", { hint: "apt-get install etcd-client" });
}
const V3 = { env: { ETCDCTL_API: "3" } };

async function replaceFolder(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await rename(from, to);
}
