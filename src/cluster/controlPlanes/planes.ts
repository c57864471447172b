import type { ClusterConfig, ControlPlaneRecord } from "../layout.ts";
import { createMachine, listMachines, type Machine } from "../machines/machines.ts";
import { restart } from "../nodes/workers.ts";
import type { Supervisor } from "../supervisor.ts";
import { BALANCER, balancer, etcdMember, planeComponentNames, planeServer } from "./planeComponents.ts";

/** Makes the control planes' machines, one after the other, so that addresses follow names. */
export async function preparePlanes(config: ClusterConfig): Promise<Machine[]> {
  const machines: Machine[] = [];
  for (const { name } of config.controlPlanes ?? []) machines.push(await createMachine(config, name));
  return machines;
}

/** The machines of control planes that exist. */
export async function planeMachines(config: ClusterConfig): Promise<Machine[]> {
  const names = new Set((config.controlPlanes ?? []).map(({ name }) => name));
  return (await listMachines(config)).filter(({ name }) => names.has(name));
}

/** Starts what does not run; servers that run are started anew when what they read at their start is. */
export async function startPlanes(
  config: ClusterConfig,
  machines: readonly Machine[],
  supervisor: Supervisor,
  settingsAreNew: boolean,
): Promise<void> {
  for (const machine of machines) await startMember(config, machine, machines, supervisor);
  for (const machine of machines) {
    const started = await supervisor.start(planeServer(config, machine, machines));
    if (!started && settingsAreNew) await restart(supervisor, planeComponentNames(machine.name).server);
  }
  await supervisor.start(balancer(config, machines));
}

export async function startMember(
  config: ClusterConfig,
  machine: Machine,
  all: readonly Machine[],
  supervisor: Supervisor,
): Promise<void> {
  const record = config.controlPlanes?.find(({ name }) => name === machine.name);
  await supervisor.start(etcdMember(config, machine, all, record?.joined === true));
}

/** Servers first, so that what they write last is kept; then the members that keep it. */
export async function stopPlanes(planes: readonly ControlPlaneRecord[], supervisor: Supervisor): Promise<void> {
  await stopServers(planes, supervisor);
  await supervisor.stop(BALANCER, 5_000);
  // One after the other: a leader hands over to one that still is there, and would wait 7 s for those that are ending.
  for (const { name } of planes) await supervisor.stop(planeComponentNames(name).etcd, 10_000);
}
export async function stopServers(planes: readonly ControlPlaneRecord[], supervisor: Supervisor): Promise<void> {
  await Promise.all(planes.map(({ name }) => supervisor.stop(planeComponentNames(name).server, 15_000)));
}
