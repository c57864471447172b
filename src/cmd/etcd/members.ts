import { rm } from "node:fs/promises";
import { table } from "../../cli/print.ts";
import type { CommonOptions } from "../../cli/program.ts";
import { writeCluster } from "../../cluster/config.ts";
import { etcdFolder, peerURL, planeComponentNames, planeServer } from "../../cluster/controlPlanes/planeComponents.ts";
import { startMember } from "../../cluster/controlPlanes/planes.ts";
import { ClusterError } from "../../cluster/errors.ts";
import type { ClusterConfig } from "../../cluster/layout.ts";
import { supervisorOf } from "../../cluster/lifecycle.ts";
import { realClock as clock } from "../../util/clock.ts";
import { alone } from "../alone.ts";
import { print } from "../output.ts";
import { type EtcdCluster, etcdCluster, isWell, memberOf, whenWell, withEtcd } from "./access.ts";

const MINUTE = 60_000;

export async function memberList(options: CommonOptions): Promise<number> {
  const { config, machines } = await etcdCluster(options.name);
  const health = await withEtcd(config, machines, (admin) => admin.health());
  const members = health.map((one, i) => {
    const { status, error } = one;
    return {
      name: machines[i]!.name,
      endpoint: one.endpoint,
      id: status?.header?.memberId.toString(16),
      version: status?.version,
      leader: status !== undefined && status.leader === status.header?.memberId,
      bytes: status?.dbSize,
      revision: status?.header?.revision,
      state: isWell(one) ? status!.errors.join(" ").trim() || "well" : (error ?? status!.errors.join(" ").trim()),
    };
  });
  const row = (m: (typeof members)[number]) =>
    [
      m.name,
      m.id,
      m.endpoint,
      m.version,
      m.bytes && `${(m.bytes / 1e6).toFixed(1)} MB`,
      m.revision,
      m.leader ? "yes" : "no",
      m.state,
    ].map((cell) => String(cell ?? "-"));
  print({ members }, options, () =>
    table(["MEMBER", "ID", "ENDPOINT", "VERSION", "SIZE", "REVISION", "LEADER", "STATE"], members.map(row)),
  );
  return members.every(({ state }) => state === "well") ? 0 : 1;
}

/** Takes a member out, with all it had on its disk, and lets a new one learn from the others in its place. */
export async function memberReplace(name: string, options: CommonOptions): Promise<number> {
  const cluster = await etcdCluster(options.name);
  const machine = memberOf(cluster, name);
  await alone(options, async (progress) => {
    const { config, machines } = cluster;
    const supervisor = supervisorOf(options.name, clock);
    const names = planeComponentNames(name);
    const others = machines.filter((one) => one !== machine);
    await progress.step(`Remove ${name}`, { timeout: MINUTE }, ({ note, signal }) =>
      withEtcd(config, others, async (admin) => {
        await allWell(cluster, name);
        const known = (await admin.members()).find(
          (one) => one.name === name || one.peerURLs.includes(peerURL(machine)),
        );
        await supervisor.stop(names.server, 10_000);
        await supervisor.stop(names.etcd, 5_000);
        if (known) await onceSettled(() => admin.removeMember(known.id), note, signal);
        await rm(etcdFolder(config, name), { recursive: true, force: true });
      }),
    );
    await progress.step(`Add ${name}`, { timeout: 5 * MINUTE, component: names.etcd }, async ({ note, signal }) => {
      await withEtcd(config, others, (admin) => onceSettled(() => admin.addMember(peerURL(machine)), note, signal));
      const joined = withJoined(config, name);
      await writeCluster(joined);
      await startMember(joined, machine, machines, supervisor);
      await withEtcd(config, machines, (admin) => whenWell(admin, signal, note));
      await supervisor.start(planeServer(config, machine, machines));
    });
  });
  print({ replaced: name }, options, () => `Member ${name} is new, and has learned all from the others.\n`);
  return 0;
}

/** Etcd changes its members only when the others have been connected for some seconds. */
async function onceSettled<T>(change: () => Promise<T>, note: (text: string) => void, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await change();
    } catch (error) {
      if (signal.aborted || !/unhealthy cluster|not enough started members/.test((error as Error).message)) throw error;
      note("waiting until the others have settled");
      await clock.sleep(500, signal);
    }
  }
}

/** While one is out, the others must agree without it. */
async function allWell({ config, machines }: EtcdCluster, except: string): Promise<void> {
  const others = machines.filter(({ name }) => name !== except);
  const health = await withEtcd(config, others, (admin) => admin.health());
  const ill = others.filter((_, i) => !isWell(health[i]!)).map(({ name }) => name);
  if (ill.length === 0) return;
  throw new ClusterError(`${ill.join(", ")} is not well either: without ${except} too few members would be left`, {
    hint: "cox etcd member list shows each; cox etcd restore goes back to a snapshot when all is lost",
  });
}

function withJoined(config: ClusterConfig, name: string): ClusterConfig {
  const change = (plane: NonNullable<ClusterConfig["controlPlanes"]>[number]) =>
    plane.name === name ? { ...plane, joined: true as const } : plane;
  return { ...config, controlPlanes: config.controlPlanes!.map(change) };
}

/** After a full disk: gives back what history took, and lets etcd write again. */
export async function defragment(options: CommonOptions): Promise<number> {
  const { config, machines } = await etcdCluster(options.name);
  await alone(options, (progress) =>
    progress.step("Make room", { timeout: 5 * MINUTE }, () => withEtcd(config, machines, (admin) => admin.makeRoom())),
  );
  return memberList(options);
}
