import { readFile } from "node:fs/promises";
import { clientURL, planeComponentNames } from "../../cluster/controlPlanes/planeComponents.ts";
import { planeMachines } from "../../cluster/controlPlanes/planes.ts";
import { ClusterError } from "../../cluster/errors.ts";
import { type ClusterConfig, clusterPaths } from "../../cluster/layout.ts";
import { existingCluster, supervisorOf } from "../../cluster/lifecycle.ts";
import type { Machine } from "../../cluster/machines/machines.ts";
import { EtcdAdmin, type MemberHealth } from "../../store/etcd/maintenance.ts";
import { realClock as clock } from "../../util/clock.ts";
import { silentLogger as logger } from "../../util/logger.ts";

export interface EtcdCluster {
  config: ClusterConfig;
  machines: Machine[];
}

/** The cluster, which must have an etcd of its own that runs. */
export async function etcdCluster(name: string): Promise<EtcdCluster> {
  const config = await withEtcdOfItsOwn(name);
  const supervisor = supervisorOf(name, clock);
  const members = config.controlPlanes!.map((plane) => supervisor.state(planeComponentNames(plane.name).etcd));
  if ((await Promise.all(members)).every(({ phase }) => phase === "stopped"))
    throw new ClusterError(`cluster ${name} is stopped`, { hint: `start it: cox start --name ${name}` });
  return { config, machines: await planeMachines(config) };
}

/** The settings of a cluster that has an etcd of its own. */
export async function withEtcdOfItsOwn(name: string): Promise<ClusterConfig> {
  const config = await existingCluster(name);
  if (!config.controlPlanes)
    throw new ClusterError(`cluster ${name} has one control plane with an embedded store, and no etcd`, {
      hint: "cox etcd migrate moves it to etcd and three control planes",
    });
  return config;
}

export function memberOf({ config, machines }: EtcdCluster, name: string): Machine {
  const machine = machines.find((one) => one.name === name);
  if (machine) return machine;
  const names = machines.map((one) => one.name).join(", ");
  throw new ClusterError(`cluster ${config.name} has no etcd member ${name}`, { hint: `there are ${names}` });
}

/** The keys to a cluster's etcd, and an administrator with them. */
export async function etcdKeys(config: ClusterConfig) {
  const folder = `${clusterPaths(config.name).pki}/etcd`;
  const names = ["ca.crt", "healthcheck-client.crt", "healthcheck-client.key"];
  const [ca, cert, key] = await Promise.all(names.map((name) => readFile(`${folder}/${name}`)));
  return { ca: ca!, cert: cert!, key: key! };
}

export async function withEtcd<T>(
  config: ClusterConfig,
  machines: readonly Machine[],
  work: (admin: EtcdAdmin) => Promise<T>,
): Promise<T> {
  const tls = await etcdKeys(config);
  const admin = new EtcdAdmin({ endpoints: machines.map(clientURL), tls, clock, logger });
  try {
    return await work(admin);
  } finally {
    admin.close();
  }
}

/** Resolves when every member serves and follows a leader. */
export async function whenWell(admin: EtcdAdmin, signal: AbortSignal, note: (text: string) => void): Promise<void> {
  for (;;) {
    const health = await admin.health();
    const ill = health.filter((one) => !isWell(one));
    if (ill.length === 0) return;
    note(`waiting for ${ill.map(({ endpoint }) => new URL(endpoint).hostname).join(", ")}`);
    await clock.sleep(200, signal);
  }
}

export function isWell({ status }: MemberHealth): boolean {
  return status !== undefined && status.leader !== 0n && !status.errors.some((error) => /leader/.test(error));
}
