import { rename, rm } from "node:fs/promises";
import { UserError } from "../../cli/errors.ts";
import type { CommonOptions } from "../../cli/program.ts";
import type { Progress } from "../../cli/progress.ts";
import { writeCluster } from "../../cluster/config.ts";
import { clientURL, etcdFolder, planeComponentNames } from "../../cluster/controlPlanes/planeComponents.ts";
import { preparePlanes, startMember } from "../../cluster/controlPlanes/planes.ts";
import { planeRecords } from "../../cluster/controlPlanes/records.ts";
import { ETCD_REQUIREMENTS } from "../../cluster/host.ts";
import { type ClusterConfig, clusterPaths } from "../../cluster/layout.ts";
import { existingCluster, startCluster, supervisorOf } from "../../cluster/lifecycle.ts";
import { type Machine, powerOff } from "../../cluster/machines/machines.ts";
import { installRequirements } from "../../cluster/packages.ts";
import { prepareKeys } from "../../cluster/prepare.ts";
import { openEmbeddedBackend, openEtcdBackend } from "../../store/index.ts";
import { realClock as clock } from "../../util/clock.ts";
import { silentLogger as logger } from "../../util/logger.ts";
import { alone } from "../alone.ts";
import { print } from "../output.ts";
import { etcdKeys, whenWell, withEtcd } from "./access.ts";

const MINUTE = 60_000;
const AT_ONCE = 200;

/** Moves a cluster from the embedded store to etcd and several control planes, with all it holds. */
export async function migrate(options: CommonOptions & { controlPlanes: number }): Promise<number> {
  const config = await existingCluster(options.name);
  if (config.controlPlanes) throw new UserError(`cluster ${options.name} has an etcd already`);
  const objects = await alone(options, (progress) => migrateAll(config, options.controlPlanes, progress));
  print(
    { name: options.name, objects, controlPlanes: options.controlPlanes },
    options,
    () =>
      `Cluster ${options.name} has ${options.controlPlanes} control planes now, and its ${objects} objects in etcd.\n`,
  );
  return 0;
}

async function migrateAll(before: ClusterConfig, count: number, progress: Progress): Promise<number> {
  const { name } = before;
  const config: ClusterConfig = { ...before, controlPlanes: planeRecords(count) };
  const supervisor = supervisorOf(name, clock);
  await progress.step("Host", { timeout: 15 * MINUTE }, ({ note, signal }) =>
    installRequirements(ETCD_REQUIREMENTS, { confirm: async () => true, note, signal }),
  );
  // what a move left behind that was interrupted before it was done
  await forget(config);
  const machines = await preparePlanes(config);
  let objects = 0;
  try {
    await progress.step("Etcd", { timeout: MINUTE }, async ({ note, signal }) => {
      await prepareKeys(config, [], clock);
      for (const machine of machines) await startMember(config, machine, machines, supervisor);
      await withEtcd(config, machines, (admin) => whenWell(admin, signal, note));
    });
    await progress.step("Objects", { timeout: 15 * MINUTE }, async ({ note }) => {
      // from here until the end the API does not answer; containers run on
      await supervisor.stop("server", 15_000);
      objects = await copy(config, machines, note);
    });
    await writeCluster(config);
  } catch (error) {
    await undo(before, config, progress);
    throw error;
  }
  await rename(clusterPaths(name).store, `${clusterPaths(name).store}.before-etcd`);
  await startCluster(name, { steps: progress, clock, images: [] });
  return objects;
}

/** Copies every object; each gets a revision above all that the embedded store gave. */
async function copy(config: ClusterConfig, machines: Machine[], note: (text: string) => void): Promise<number> {
  const from = await openEmbeddedBackend({ directory: clusterPaths(config.name).store });
  try {
    const { entries } = await from.list("/");
    await withEtcd(config, machines, async (admin) => {
      const to = from.revision();
      await admin.raise(to, (at) => note(`revision ${Math.min(at, to)} of ${to}`));
    });
    const tls = await etcdKeys(config);
    const into = await openEtcdBackend({ endpoints: machines.map(clientURL), tls, clock, logger, compactEvery: 0 });
    try {
      for (let i = 0; i < entries.length; i += AT_ONCE) {
        await Promise.all(entries.slice(i, i + AT_ONCE).map(({ key, value }) => into.create(key, value)));
        note(`${Math.min(i + AT_ONCE, entries.length)} of ${entries.length}`);
      }
    } finally {
      await into.close();
    }
    await withEtcd(config, machines, (admin) => admin.forgetHistory());
    return entries.length;
  } finally {
    await from.close();
  }
}

/** Leaves the cluster as it was: its own store has not been changed. */
async function undo(before: ClusterConfig, config: ClusterConfig, progress: Progress): Promise<void> {
  await forget(config);
  await startCluster(before.name, { steps: progress, clock, images: [] });
}

/** Ends the new members, with all they were told. */
async function forget(config: ClusterConfig): Promise<void> {
  const supervisor = supervisorOf(config.name, clock);
  for (const { name } of config.controlPlanes!) {
    await supervisor.kill(planeComponentNames(name).etcd);
    await powerOff(config, name);
    await rm(etcdFolder(config, name), { recursive: true, force: true });
  }
}
