import type { Clock } from "../../util/clock.ts";
import { whenNodeReady } from "../api.ts";
import { writeCluster } from "../config.ts";
import { ClusterError } from "../errors.ts";
import { type ClusterConfig, type NodeCapacity, type WorkerRecord, workerPaths } from "../layout.ts";
import { adminAccess, existingCluster, supervisorOf, withAdmin } from "../lifecycle.ts";
import { cutMachine, listMachines, restoreMachine } from "../machines/machines.ts";
import * as prepare from "../prepare.ts";
import { cordon, deleteNode, deletePodsOf, isReachable, type NodeSummary, nodeSummaries, tellToLeave } from "./api.ts";
import { hostNode, workerComponents } from "./node.ts";
import { freeName, withNode, withoutNode, withStopped, workerRecord } from "./records.ts";
import {
  cutPower,
  type NodeTools,
  prepareWorker,
  removeWorker,
  startAgents,
  startRuntime,
  stopPods,
} from "./workers.ts";

/**
 * What `cox node` does, one node at a time. Whoever calls holds the cluster's lock (../lock.ts), as each step reads
 * the cluster's settings and writes them.
 */
export interface NodeOperation {
  cluster: string;
  clock: Clock;
  signal: AbortSignal;
  note(text: string): void;
}

export interface NewNode {
  /** node-2, node-3, … when left out */
  name?: string;
  labels?: Readonly<Record<string, string>>;
  /** what it is to have of this host */
  capacity?: NodeCapacity;
}

/** A worker as the books have it and as the API sees it. */
export interface NodeState extends Partial<NodeSummary> {
  name: string;
  address?: string;
  /** "down" when it should run and does not, such as one that was only half made; "remote" for one on another host */
  state: "running" | "down" | "stopped" | "remote";
}

/** Makes a node and waits until it is ready; answers its name. */
export async function addNode(operation: NodeOperation, wanted: NewNode = {}): Promise<string> {
  const config = await ownCluster(operation.cluster);
  const { name = freeName(config), labels, capacity } = wanted;
  await writeCluster(withNode(config, { name, ...(labels && { labels }), ...(capacity && { capacity }) }));
  await runNode(operation, name);
  return name;
}

/** Gives a stopped node its power back, and waits until it is ready. */
export async function startNode(operation: NodeOperation, name: string): Promise<void> {
  const config = await ownCluster(operation.cluster);
  workerRecord(config, name);
  await writeCluster(withStopped(config, name, false));
  await runNode(operation, name);
}

async function runNode(operation: NodeOperation, name: string): Promise<void> {
  const { cluster, clock, note, signal } = operation;
  const tools = await nodeTools(operation);
  const node = await prepareWorker(tools, name);
  await prepare.prepareKeys(tools.config, [node], clock);
  await startRuntime(tools, node, { built: [], from: hostNode(tools.config) });
  const now = clock.now();
  const since = (await startAgents(tools, node)) ? now : 0;
  await withAdmin(cluster, (api) => whenNodeReady(api, name, { clock, note, signal, since }));
  note(`${name} is ready`);
}

/** Without `grace` (seconds) as a power cut: nothing on the node has time to end. */
export async function stopNode(operation: NodeOperation, name: string, grace?: number): Promise<void> {
  const tools = await nodeTools(operation);
  const { config, supervisor } = tools;
  workerRecord(config, name);
  await writeCluster(withStopped(config, name, true));
  if (grace !== undefined) {
    const paths = workerPaths(config.name, name);
    operation.note(
      `${await stopPods(supervisor, { components: workerComponents(name), paths }, grace)} Pods were stopped`,
    );
  }
  await cutPower(tools, name);
}

/** Takes a node out of the cluster with all it had. Its Pods get `grace` seconds to end, and others take their place. */
export async function removeNode(operation: NodeOperation, name: string, grace: number): Promise<void> {
  const { cluster, clock, note, signal } = operation;
  const tools = await nodeTools(operation);
  if (await isElsewhere(operation, name)) return removeElsewhere(operation, name, grace);
  const record = workerRecord(tools.config, name);
  await withAdmin(cluster, async (api) => {
    if (await cordon(api, name)) {
      const left = await deletePodsOf(api, name, { clock, signal, grace, wait: !record.stopped });
      note(left === 0 ? "its Pods have ended" : `${left} Pods did not end in time`);
    }
    await removeWorker(tools, name);
    await deleteNode(api, name);
  });
  await writeCluster(withoutNode(tools.config, name));
}

/** Whether the node joined from another machine. */
async function isElsewhere({ cluster, clock }: NodeOperation, name: string): Promise<boolean> {
  const found = (await listNodes(cluster, clock)).find((node) => node.name === name);
  return found?.state === "remote";
}

/** Its machine cleans up after itself, where it can still be told to. */
async function removeElsewhere({ cluster, clock, note, signal }: NodeOperation, name: string, grace: number) {
  await withAdmin(cluster, async (api) => {
    await cordon(api, name);
    const isOn = await isReachable(api, name);
    await deletePodsOf(api, name, { clock, signal, grace, wait: isOn });
    const left = isOn && (await tellToLeave(api, name, { clock, signal, wait: LEAVE_WITHIN }));
    await deleteNode(api, name);
    if (left) return note("its machine has cleaned up");
    throw new ClusterError(`${name} is no node any more, but its machine does not answer`, {
      hint: "on it, cox down takes away what is left; as it is, it would come back when it is started",
    });
  });
}

const LEAVE_WITHIN = 20_000;

/** Pulls a node's network cable, or plugs it in again. */
export async function connectNode(cluster: string, name: string, connected: boolean): Promise<void> {
  const config = await existingCluster(cluster);
  workerRecord(config, name);
  await (connected ? restoreMachine : cutMachine)(config, name);
}

/** All nodes of the cluster: the first, the workers, then those that joined from other hosts. */
export async function listNodes(cluster: string, clock: Clock): Promise<NodeState[]> {
  const config = await existingCluster(cluster);
  const [machines, known] = await Promise.all([
    listMachines(config),
    withAdmin(cluster, nodeSummaries).catch(() => []), // the control plane is stopped
  ]);
  const summary = (name: string) => known.find((node) => node.name === name);
  const supervisor = supervisorOf(cluster, clock);
  const worker = async ({ name, stopped }: WorkerRecord): Promise<NodeState> => {
    const address = machines.find((machine) => machine.name === name)?.address;
    const { phase } = await supervisor.state(workerComponents(name).node);
    const isUp = phase === "running" || phase === "waiting";
    const state = stopped ? "stopped" : isUp ? "running" : "down";
    return { ...summary(name), name, ...(address ? { address } : {}), state };
  };
  const workers = await Promise.all((config.nodes ?? []).map(worker));
  const first: NodeState = {
    ...summary(config.nodeName),
    name: config.nodeName,
    address: config.nodeIP,
    state: "running",
  };
  const ours = new Set([first, ...workers].map(({ name }) => name));
  const joined = known.filter(({ name }) => !ours.has(name)).map((it): NodeState => ({ ...it, state: "remote" }));
  return [first, ...workers, ...joined];
}

/** The settings of a cluster that is administered here. */
async function ownCluster(cluster: string): Promise<ClusterConfig> {
  const config = await existingCluster(cluster);
  if (config.joined) await adminAccess(cluster); // says where
  return config;
}

async function nodeTools({ cluster, clock }: NodeOperation): Promise<NodeTools> {
  const config = await ownCluster(cluster);
  return { config, clock, supervisor: supervisorOf(cluster, clock), programs: await prepare.runtimePrograms() };
}
