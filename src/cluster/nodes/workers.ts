import { rm } from "node:fs/promises";
import { join } from "node:path";
import { connectCri } from "../../cri/index.ts";
import type { Clock } from "../../util/clock.ts";
import { containerd, nodeAgents } from "../components.ts";
import { whenListening } from "../containerd.ts";
import { hostArchitecture } from "../images/imageFile.ts";
import { ImageStore } from "../images/imageStore.ts";
import { type BuiltImage, buildImage } from "../images/ociImage.ts";
import { pauseProgram } from "../images/pause.ts";
import { type ClusterConfig, clusterNetwork, clusterPaths, PAUSE_IMAGE, workerPaths } from "../layout.ts";
import { removeLogs } from "../logs.ts";
import { createMachine, powerOff, removeMachine } from "../machines/machines.ts";
import { prepareRuntime, type RuntimePrograms } from "../prepare.ts";
import { signalProcess, whenGone } from "../processes.ts";
import type { Supervisor } from "../supervisor.ts";
import * as teardown from "../teardown.ts";
import { ensureNamespaces, removeNamespaces } from "./namespaces.ts";
import { type ClusterNode, workerCgroup, workerComponents, workerNode } from "./node.ts";

export interface NodeTools {
  config: ClusterConfig;
  supervisor: Supervisor;
  programs: RuntimePrograms;
  clock: Clock;
}

/** Switches a worker's machine on: network, mounts, configuration. Harmless when it runs. */
export async function prepareWorker({ config }: Pick<NodeTools, "config">, name: string): Promise<ClusterNode> {
  const machine = await createMachine(config, name);
  const node = workerNode(config, machine);
  await ensureNamespaces(node, machine);
  return node;
}

/** Starts the node's containerd and brings it the images that Pods need; answers the names of those that were missing. */
export async function startRuntime(
  tools: NodeTools,
  node: ClusterNode,
  images: { built: readonly BuiltImage[]; from?: ClusterNode },
): Promise<string[]> {
  const { config, supervisor, programs, clock } = tools;
  const component = node.components.containerd;
  const changed = await prepareRuntime(config, node.paths, programs);
  const started = await supervisor.start(containerd(node, programs.containerd));
  if (!started && changed) {
    const { pid } = await supervisor.state(component);
    await restart(supervisor, component);
    if (pid !== undefined) await whenGone([pid], clock, 10_000);
  }
  for (let tries = 1; ; tries++) {
    await whenRuntimeListens(tools, node);
    const { pid } = await supervisor.state(component);
    try {
      return await bringImages(node, images);
    } catch (error) {
      // one that died meanwhile comes again: its supervisor sees to that
      if (tries === TRIES || (await supervisor.state(component)).pid === pid) throw error;
    }
  }
}

/** How often a runtime may die while it is given images. */
const TRIES = 3;

async function whenRuntimeListens({ supervisor, clock }: NodeTools, node: ClusterNode): Promise<void> {
  const never = new AbortController();
  try {
    const failed = supervisor.failure(node.components.containerd, never.signal);
    await Promise.race([whenListening(node.paths.socket, clock, never.signal), failed]);
  } finally {
    never.abort();
  }
}

async function bringImages(node: ClusterNode, images: Parameters<typeof startRuntime>[2]): Promise<string[]> {
  const store = new ImageStore(node.paths.socket);
  const added = await store.add([await pauseImage(), ...images.built]);
  const copied = images.from ? await store.copyFrom(new ImageStore(images.from.paths.socket)) : [];
  return [...added, ...copied];
}

/** Starts what speaks for the node in the API: its keys must be there. */
export async function startAgents({ config, supervisor, programs }: NodeTools, node: ClusterNode): Promise<boolean> {
  return supervisor.start(nodeAgents(config, node, programs.cniBin));
}

/** Ends the process; its supervisor starts it anew. */
export async function restart(supervisor: Supervisor, component: string): Promise<void> {
  const { pid } = await supervisor.state(component);
  if (pid !== undefined) signalProcess(pid, "SIGTERM");
}

function pauseImage(): Promise<BuiltImage> {
  return buildImage({
    names: [PAUSE_IMAGE],
    entries: [{ type: "file", path: "pause", mode: 0o755, content: pauseProgram(hostArchitecture()) }],
    entrypoint: ["/pause"],
    architecture: hostArchitecture(),
  });
}

/** Ends agents and containers in order, each container with `grace` seconds to end by itself; answers how many Pods. */
export async function stopPods(supervisor: Supervisor, node: Pick<ClusterNode, "components" | "paths">, grace: number) {
  await supervisor.stop(node.components.node, 10_000);
  const { pid } = await supervisor.state(node.components.containerd);
  if (pid === undefined) return 0;
  const cri = connectCri(`unix://${node.paths.socket}`);
  try {
    const containers = (await cri.listContainers()).filter((c) => c.state === "CONTAINER_RUNNING");
    // one that cannot be stopped is killed with its control group afterwards
    await Promise.allSettled(containers.map((c) => cri.stopContainer(c.id, grace)));
    const sandboxes = await cri.listPodSandbox();
    await Promise.allSettled(sandboxes.map((s) => cri.stopPodSandbox(s.id)));
    return sandboxes.length;
  } finally {
    cri.close();
  }
}

/** What a power cut does: all that runs ends at once, and only what is on disk stays. */
export async function cutPower(
  { config, supervisor, clock }: Pick<NodeTools, "config" | "supervisor" | "clock">,
  name: string,
): Promise<void> {
  const paths = workerPaths(config.name, name);
  const cgroup = workerCgroup(clusterNetwork(config.name, config.index).cgroup, name);
  // first the network, as nothing that dies has a last word
  await powerOff(config, name);
  const { node, containerd: runtime } = workerComponents(name);
  await Promise.all([node, runtime].map((component) => supervisor.kill(component)));
  await teardown.killContainers(paths, cgroup, clock);
  await removeNamespaces({ paths });
  await teardown.removeCgroups(cgroup);
  await rm(paths.run, { recursive: true, force: true });
  await rm(join(paths.kubelet, "cni"), { recursive: true, force: true }); // addresses lent to Pods that are gone
}

/** Takes a worker away with all it had on this host. */
export async function removeWorker(
  tools: Pick<NodeTools, "config" | "supervisor" | "clock">,
  name: string,
): Promise<void> {
  await cutPower(tools, name);
  await removeMachine(tools.config, name);
  const { logs } = clusterPaths(tools.config.name);
  await Promise.all(Object.values(workerComponents(name)).map((component) => removeLogs(logs, component)));
  await rm(workerPaths(tools.config.name, name).state, { recursive: true, force: true });
}
