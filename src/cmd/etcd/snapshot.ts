import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { UserError } from "../../cli/errors.ts";
import type { CommonOptions } from "../../cli/program.ts";
import type { Progress } from "../../cli/progress.ts";
import { writeCluster } from "../../cluster/config.ts";
import { etcdFolder, peerURL } from "../../cluster/controlPlanes/planeComponents.ts";
import { startMember, startPlanes, stopPlanes } from "../../cluster/controlPlanes/planes.ts";
import { findProgram } from "../../cluster/host.ts";
import type { ClusterConfig } from "../../cluster/layout.ts";
import { supervisorOf } from "../../cluster/lifecycle.ts";
import type { Machine } from "../../cluster/machines/machines.ts";
import { run } from "../../cluster/run.ts";
import { snapshotProblem } from "../../store/etcd/maintenance.ts";
import { realClock as clock } from "../../util/clock.ts";
import { alone } from "../alone.ts";
import { print } from "../output.ts";
import { etcdCluster, whenWell, withEtcd } from "./access.ts";

const MINUTE = 60_000;
/** What may have been written after the last revision that anyone could tell us of. */
const UNSEEN = 1_000;
/** When no member can say how far it had come. */
const UNKNOWN = 50_000;

export async function snapshot(file: string, options: CommonOptions): Promise<number> {
  const path = resolve(file);
  const { config, machines } = await etcdCluster(options.name);
  const ending = new AbortController();
  process.once("SIGINT", () => ending.abort(new UserError("interrupted; there is no snapshot")));
  const bytes = await withEtcd(config, machines, (admin) => admin.snapshot(path, ending.signal));
  print({ file: path, bytes }, options, () => `Wrote ${path} (${(bytes / 1e6).toFixed(1)} MB).\n`);
  return 0;
}

/** Goes back to a snapshot: every member begins anew from it. */
export async function restore(file: string, options: CommonOptions): Promise<number> {
  const path = resolve(file);
  const problem = await snapshotProblem(path).catch((error: Error) => error.message);
  if (problem) throw new UserError(`${path} cannot be restored: ${problem}`);
  const { config, machines } = await etcdCluster(options.name);
  await alone(options, (progress) => restoreAll(config, machines, path, progress));
  print({ restored: path }, options, () => `Cluster ${options.name} is as it was when ${path} was written.\n`);
  return 0;
}

async function restoreAll(config: ClusterConfig, machines: Machine[], path: string, progress: Progress): Promise<void> {
  const supervisor = supervisorOf(config.name, clock);
  const fresh: ClusterConfig = { ...config, controlPlanes: config.controlPlanes!.map(({ name }) => ({ name })) };
  const reached = await withEtcd(config, machines, (admin) => admin.health()).then((all) =>
    Math.max(0, ...all.map(({ status }) => status?.header?.revision ?? 0)),
  );
  await progress.step("Control planes", { timeout: MINUTE }, () => stopPlanes(config.controlPlanes!, supervisor));
  await progress.step("Members", { timeout: 5 * MINUTE }, async ({ note }) => {
    // one token for all: members of different tokens are members of different clusters, and never speak
    const token = `${config.name}-${clock.now()}`;
    for (const machine of machines) {
      note(machine.name);
      await unpack(fresh, machine, machines, { path, token });
    }
    await writeCluster(fresh);
  });
  await progress.step("Revisions", { timeout: 10 * MINUTE }, async ({ note, signal }) => {
    for (const machine of machines) await startMember(fresh, machine, machines, supervisor);
    await withEtcd(fresh, machines, async (admin) => {
      await whenWell(admin, signal, note);
      const [first] = await admin.health();
      const from = first!.status!.header!.revision;
      const to = reached > 0 ? Math.max(from, reached) + UNSEEN : from + UNKNOWN;
      await admin.raise(to, (at) => note(`${at} of ${to}`));
      await admin.forgetHistory();
    });
  });
  await startPlanes(fresh, machines, supervisor, false);
}

/** Puts the snapshot in the place of what a member had. */
async function unpack(
  config: ClusterConfig,
  machine: Machine,
  all: readonly Machine[],
  { path, token }: { path: string; token: string },
): Promise<void> {
  const folder = etcdFolder(config, machine.name);
  const program = (await findProgram("etcdutl")) ?? (await findProgram("etcdctl"));
  if (!program) throw new UserError("restoring needs etcdutl or etcdctl", { hint: "apt-get install etcd-client" });
  const members = all.map((one) => `${one.name}=${peerURL(one)}`).join(",");
  await rm(`${folder}.new`, { recursive: true, force: true });
  await run(
    program,
    [
      ...["snapshot", "restore", path, "--name", machine.name, "--data-dir", `${folder}.new`],
      ...["--initial-cluster", members, "--initial-cluster-token", token],
      ...["--initial-advertise-peer-urls", peerURL(machine)],
    ],
    { env: { ETCDCTL_API: "3" } },
  );
  await rm(folder, { recursive: true, force: true });
  await rename(`${folder}.new`, folder);
}
