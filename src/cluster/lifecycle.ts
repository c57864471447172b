import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import { deepEqual } from "../apimachinery/equal.ts";
import { httpsTransport } from "../client/https.ts";
import { type ClusterAccess, loadKubeconfig } from "../client/kubeconfig.ts";
import type { Transport } from "../client/transport.ts";
import type { Clock } from "../util/clock.ts";
import { whenApiReady } from "./api.ts";
import {
  AUTOSCALER,
  COMPONENTS,
  clusterAutoscaler,
  expectedComponents,
  SIMULATED_NODES,
  server,
  simulatedNodes,
} from "./components.ts";
import { readCluster, writeCluster } from "./config.ts";
import { planeComponentNames } from "./controlPlanes/planeComponents.ts";
import { preparePlanes, startPlanes, stopPlanes } from "./controlPlanes/planes.ts";
import { refuseHalfRestored, withControlPlanes, withExternalEtcd } from "./controlPlanes/records.ts";
import { ClusterError } from "./errors.ts";
import type { BuiltImage } from "./images/ociImage.ts";
import { removeFromKubeconfig } from "./kubeconfig.ts";
import {
  type Autoscaling,
  type ClusterConfig,
  clusterNetwork,
  clusterPaths,
  type NodeCapacity,
  stateRoot,
  workerPaths,
} from "./layout.ts";
import { LocalDisks } from "./localDisks.ts";
import { powerOffAll } from "./machines/machines.ts";
import { type ClusterNode, hostNode, workerCgroup, workerComponents } from "./nodes/node.ts";
import { withNodes } from "./nodes/records.ts";
import {
  cutPower,
  type NodeTools,
  prepareWorker,
  restart,
  startAgents,
  startRuntime,
  stopPods,
} from "./nodes/workers.ts";
import * as prepare from "./prepare.ts";
import { findProcesses, signalProcess, whenGone } from "./processes.ts";
import { sweepShared } from "./sharedRemains.ts";
import { type ComponentState, type SupervisedComponent, Supervisor } from "./supervisor.ts";
import * as teardown from "./teardown.ts";

/** Shows what happens; a step fails when its time is over. */
export interface Steps {
  step<T>(
    title: string,
    options: StepOptions,
    work: (step: { note(text: string): void; signal: AbortSignal }) => Promise<T>,
  ): Promise<T>;
}
export interface StepOptions {
  /** ms */
  timeout: number;
  /** the component whose log tells why it failed */
  component?: string;
}

export interface StartOptions {
  steps: Steps;
  clock: Clock;
  /** images that Pods will need, built already */
  images: readonly BuiltImage[];
  /** a --registry-config to keep from now on */
  registryConfig?: string;
  /** what is to lead Service addresses to Pods from now on */
  proxyMode?: "nftables" | "iptables";
  /** what each node is to have of this host from now on */
  capacity?: NodeCapacity;
  /** for a new cluster: addresses of both IP families */
  dualStack?: boolean;
  /** at least how many nodes the cluster is to have; those it has stay */
  nodes?: number;
  /** how many control planes a new cluster is to have */
  controlPlanes?: number;
  /** an etcd that others look after, for a new cluster: the API server's flags */
  etcd?: Readonly<Record<string, string>>;
  /** how many nodes shall only pretend; left out: as many as there are */
  simulatedNodes?: number;
  /** which nodes are made as Pods need them, from now on; left out: as it is */
  autoscale?: Autoscaling;
}

export function supervisorOf(name: string, clock: Clock): Supervisor {
  const { run, logs } = clusterPaths(name);
  return new Supervisor({ run, logs, clock });
}

/** Starts what does not run of a cluster, a new one if there is none of this name; harmless when all runs. */
export async function startCluster(name: string, options: StartOptions): Promise<ClusterConfig> {
  const { steps, clock } = options;
  // an earlier start may have ended before anything was stored
  const known = await readCluster(name);
  if (known) refuseHalfRestored(known);
  const isNew = !known || (!known.controlPlanes && !known.etcd && !(await anyExists([clusterPaths(name).store])));
  let config = withNodes(await prepare.settle(name, clock), options.nodes ?? 1);
  if (options.etcd) config = withExternalEtcd(config, options.etcd, isNew);
  if (options.controlPlanes !== undefined) config = withControlPlanes(config, options.controlPlanes, isNew);
  if (options.registryConfig !== undefined) config = { ...config, registryConfig: options.registryConfig };
  const before = config;
  if (options.proxyMode !== undefined) config = { ...config, proxyMode: options.proxyMode };
  if (options.capacity !== undefined) config = { ...config, capacity: { ...config.capacity, ...options.capacity } };
  const { proxyMode: usual = "nftables" } = before;
  const agentsDiffer = (config.proxyMode ?? usual) !== usual || !deepEqual(config.capacity, before.capacity);
  const { simulatedNodes: pretending = config.simulatedNodes } = options;
  const sameFleet = pretending === config.simulatedNodes;
  const { autoscale = config.autoscale } = options;
  const sameScaling = deepEqual(autoscale, config.autoscale);
  config = { ...config, simulatedNodes: pretending, autoscale };
  const supervisor = supervisorOf(name, clock);
  config = await withFamilies(config, options.dualStack ?? false, supervisor);
  await writeCluster(config);
  if (agentsDiffer) await stopAgents(config, supervisor);
  const tools = { config, supervisor, clock, programs: await prepare.runtimePrograms() };
  const host = hostNode(config);
  const running = (config.nodes ?? []).filter(({ stopped }) => !stopped);
  const planes = await preparePlanes(config);
  const images = inBackground(startRuntime(tools, host, { built: options.images }));
  const workers: ClusterNode[] = [];
  // one after the other, so that addresses follow names
  for (const node of running) workers.push(await prepareWorker(tools, node.name));

  await steps.step("Keys and certificates", { timeout: 20_000 }, async ({ note }) => {
    const written = await prepare.prepareKeys(config, workers, clock);
    note(written.length > 0 ? `${written.length} files` : "all good");
    await prepare.prepareHost(config);
    // what a server reads when it starts
    const settingsAreNew =
      (await prepare.prepareAddons(config)) || written.some((file) => file.startsWith("apiserver"));
    if (planes.length > 0) await startPlanes(config, planes, supervisor, settingsAreNew);
    else if (!(await supervisor.start(serverOn(host, config))) && settingsAreNew) await restart(supervisor, "server");
    await startAgents(tools, host);
    config = await prepare.shareKubeconfig(config, clock);
  });
  await steps.step(
    "Container runtime and images",
    { timeout: 60_000, component: "containerd" },
    async ({ note, signal }) => {
      const added = await untilAborted(images, signal);
      note(added.length > 0 ? added.join(", ") : "all there");
    },
  );
  const ready = inBackground(startWorkers(tools, host, workers));
  await steps.step("Control plane", { timeout: 60_000, component: serverOf(config) }, async ({ note, signal }) => {
    const access = await adminAccess(name);
    await whenApiReady(access.server, access.ca!, clock, signal);
    note(access.server);
  });
  if (!sameFleet) await supervisor.stop(SIMULATED_NODES, 5000);
  if (config.simulatedNodes !== undefined) await supervisor.start(simulatedNodes(config));
  if (!sameScaling) await supervisor.stop(AUTOSCALER, 5000);
  if (config.autoscale) await supervisor.start(clusterAutoscaler(config, config.autoscale));
  if (workers.length > 0) {
    await steps.step("More nodes", { timeout: 300_000 }, async ({ note, signal }) => {
      await untilAborted(ready, signal);
      note(workers.map((node) => node.name).join(", "));
    });
  }
  return config;
}

/** What a control plane uses counts as used on its node. */
function serverOn(host: ClusterNode, config: ClusterConfig): SupervisedComponent {
  const { component, command } = server(config);
  return { component, command: host.enter(command, "controlPlane") };
}

/** The component whose log tells why the API does not answer. */
function serverOf({ controlPlanes }: ClusterConfig): string {
  return controlPlanes?.[0] ? planeComponentNames(controlPlanes[0].name).server : "server";
}

/** Ranges of addresses are given out from the first start on. */
async function withFamilies(config: ClusterConfig, dualStack: boolean, supervisor: Supervisor): Promise<ClusterConfig> {
  if (!dualStack || config.dualStack) return config;
  if ((await anyExists([clusterPaths(config.name).store])) || (await supervisor.started()).length > 0) {
    throw new ClusterError("--dual-stack is chosen when a cluster is made, and this one is there already");
  }
  return { ...config, dualStack: true };
}

/** Their settings have changed: they start anew, and containers run on. */
async function stopAgents(config: ClusterConfig, supervisor: Supervisor): Promise<void> {
  const workers = (config.nodes ?? []).map(({ name }) => workerComponents(name).node);
  await Promise.all(["node", ...workers].map((component) => supervisor.stop(component, 10_000)));
}

/** Each gets the images of the first node, whose runtime must run. */
async function startWorkers(tools: NodeTools, host: ClusterNode, workers: readonly ClusterNode[]): Promise<void> {
  for (const node of workers) {
    await startRuntime(tools, node, { built: [], from: host });
    await startAgents(tools, node);
  }
}

/** A failure shows where it is awaited, not as an unhandled rejection before. */
function inBackground<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

/** How the cluster's administrator reaches the API. */
export async function adminAccess(name: string): Promise<ClusterAccess> {
  const joined = (await readCluster(name))?.joined;
  if (joined) {
    throw new ClusterError(`this machine is a node of cluster ${joined.cluster}, and not where it is administered`, {
      hint: `use the machine on which the cluster was made (its API server is ${joined.server})`,
    });
  }
  return loadKubeconfig(clusterPaths(name).kubeconfig("admin"));
}

/** Connects as the cluster's administrator for the duration of `work`. */
export async function withAdmin<T>(name: string, work: (transport: Transport) => Promise<T>): Promise<T> {
  const transport = httpsTransport(await adminAccess(name));
  try {
    return await work(transport);
  } finally {
    await transport.close();
  }
}

export async function existingCluster(name: string): Promise<ClusterConfig> {
  const config = await readCluster(name);
  if (!config)
    throw new ClusterError(`there is no cluster ${name}`, {
      hint: `start one: cox up${name === "coxswain" ? "" : ` --name ${name}`}`,
    });
  return config;
}

export async function componentStates(config: ClusterConfig, clock: Clock): Promise<ComponentState[]> {
  const supervisor = supervisorOf(config.name, clock);
  return Promise.all(expectedComponents(config).map((component) => supervisor.state(component)));
}

/** Ends every process of the cluster and keeps its data. Containers get `grace` seconds to end by themselves. */
export async function stopCluster(name: string, options: { steps: Steps; clock: Clock; grace: number }): Promise<void> {
  const { steps, clock, grace } = options;
  const config = await existingCluster(name);
  const paths = clusterPaths(name);
  const supervisor = supervisorOf(name, clock);
  const workers = (config.nodes ?? []).map((node) => node.name);
  await supervisor.stop(AUTOSCALER, 5000); // nobody is to make nodes for Pods that end
  await steps.step("Pods", { timeout: (grace + 45) * 1000, component: "containerd" }, async ({ note }) => {
    const nodes = [hostNode(config), ...workers.map(stoppable(config))];
    const pods = await Promise.all(nodes.map((node) => stopPods(supervisor, node, grace)));
    note(`${pods.reduce((sum, count) => sum + count, 0)} stopped`);
    await supervisor.stop("containerd", 5000);
    await Promise.all(workers.map((worker) => cutPower({ config, supervisor, clock }, worker)));
  });
  await supervisor.stop(SIMULATED_NODES, 5000);
  await steps.step("Control plane", { timeout: 20_000, component: "server" }, () =>
    config.controlPlanes ? stopPlanes(config.controlPlanes, supervisor) : supervisor.stop("server", 15_000),
  );
  // members of an etcd, say, whose making was interrupted
  await Promise.all((await supervisor.started()).map((component) => supervisor.stop(component, 5000)));
  // the control plane had its control group below the first node's
  await sweepNode(name, config.index, clock);
  await new LocalDisks(paths.disks, paths.diskDevices).dropAll();
  await powerOffAll(name, config.index);
  await rm(paths.run, { recursive: true, force: true });
  await prepare.returnAddresses(config);
  await sweepShared(name, clock);
}

const stoppable = (config: ClusterConfig) => (name: string) => ({
  components: workerComponents(name),
  paths: workerPaths(config.name, name),
});

/** What containers leave in the kernel, when containerd is gone or could not clean up. */
async function sweepNode(name: string, index: number, clock: Clock): Promise<void> {
  const paths = clusterPaths(name);
  const network = clusterNetwork(name, index);
  await teardown.killContainers(paths, network.cgroup, clock);
  await teardown.removeShimSockets(paths);
  await teardown.unmountBelow([paths.state, paths.run]);
  await teardown.removeCgroups(network.cgroup);
  await teardown.removeTables(network.nftTable);
  await teardown.removeTables(network.routes.nftTable);
  for (const prefix of [network.chainPrefix, network.routes.chainPrefix]) await teardown.removeChains(prefix);
  await teardown.removeCniRules(network.bridge);
  await teardown.removeCniCache(paths, network.bridge);
  await rm(join(paths.kubelet, "cni"), { recursive: true, force: true }); // addresses lent to Pods that are gone
  await teardown.removeBridge(network.routes.tunnel);
  await teardown.removeBridge(network.bridge);
}

/** Removes all there is of a cluster, running, broken or half-made; answers whether there was any. */
export async function removeCluster(name: string, options: { steps: Steps; clock: Clock }): Promise<boolean> {
  const { steps, clock } = options;
  const paths = clusterPaths(name);
  const config = await readCluster(name);
  const supervisor = supervisorOf(name, clock);
  const there = config !== undefined || (await anyExists([paths.state, paths.run]));
  if (!there) return false;
  await steps.step("Processes", { timeout: 30_000 }, async () => {
    // not one after the other: what the first leaves, the last need not keep
    const started = new Set([...COMPONENTS, ...(await supervisor.started())]);
    await Promise.all([...started].map((component) => supervisor.stop(component, 1500)));
    await killStrays(paths.state, paths.run, clock);
  });
  await steps.step("Containers, mounts and networks", { timeout: 60_000 }, async () => {
    const { cgroup } = clusterNetwork(name, config?.index ?? 0);
    for (const worker of await teardown.siblingGroups(cgroup)) {
      await teardown.killContainers(workerPaths(name, worker), workerCgroup(cgroup, worker), clock);
      await teardown.removeCgroups(workerCgroup(cgroup, worker));
    }
    await sweepNode(name, config?.index ?? 0, clock);
    await new LocalDisks(paths.disks, paths.diskDevices).dropAll();
    await powerOffAll(name, config?.index ?? 0);
  });
  await steps.step("Files and kubeconfig", { timeout: 60_000 }, async () => {
    if (config) await prepare.returnAddresses(config);
    if (config?.kubeconfig) {
      const { file, previousContext } = config.kubeconfig;
      await removeFromKubeconfig(file, clusterNetwork(name, config.index).context, previousContext, clock);
    }
    await rm(paths.run, { recursive: true, force: true });
    await rm(paths.state, { recursive: true, force: true });
    await sweepShared(name, clock);
    await teardown.removeIfEmpty(stateRoot());
  });
  return true;
}

/** Processes of ours whose supervisor was killed, or whose state file was never written. */
async function killStrays(state: string, run: string, clock: Clock): Promise<void> {
  const below = (word: string) => [state, run].some((folder) => word.includes(`${folder}/`));
  const ours = (command: readonly string[]) =>
    command.some((word) => /\/(supervise\.sh|cox\.ts|containerd|etcd)$/.test(word)) && command.some(below);
  const strays = await findProcesses(ours);
  // supervisors first, or they would start anew what is ended
  const isSupervisor = (command: readonly string[]) => command.some((word) => word.endsWith("/supervise.sh"));
  for (const { pid } of strays.toSorted((a, b) => Number(isSupervisor(b.command)) - Number(isSupervisor(a.command)))) {
    signalProcess(pid, "SIGKILL");
  }
  await whenGone(
    strays.map((p) => p.pid),
    clock,
    3000,
  );
}

async function anyExists(folders: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    folders.map((folder) =>
      access(folder).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
