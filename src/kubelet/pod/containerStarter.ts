import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Container, Pod, Secret } from "../../api/core/v1/index.ts";
import { GrpcError, type Mount, type PodSandboxConfig } from "../../cri/index.ts";
import { goCode } from "../images/imagePuller.ts";
import { containerConfig } from "./containerConfig.ts";
import { ConfigError, makeEnvironment } from "./environment.ts";
import { runHook } from "./hooks.ts";
import { hostsFile, podLogDirectory } from "./names.ts";
import type { NodeServices } from "./node.ts";
import type { RuntimePod, RuntimeSandbox } from "./runtimePod.ts";
import { containerSecurity } from "./security.ts";
import { ephemeralContainers, gracePeriod } from "./spec.ts";
import { terminationLogPath } from "./terminationMessage.ts";

/** Why a container could not be started, as its status tells. */
export class StartFailure extends Error {
  readonly reason: string;
  /** whether the runtime has made the container, which it now holds as ended */
  readonly created: boolean;
  constructor(reason: string, message: string, created = false) {
    super(message);
    this.reason = reason;
    this.created = created;
  }
}

export interface StartRequest {
  pod: Pod;
  container: Container;
  restartCount: number;
  image: { id: string; user: { uid?: number; username?: string } };
  runtime: RuntimePod;
  sandbox: RuntimeSandbox;
  sandboxConfig: PodSandboxConfig;
  signal: AbortSignal;
}

/** Creates and starts one container and runs its postStart hook. Throws StartFailure. */
export async function startContainer(node: NodeServices, request: StartRequest): Promise<void> {
  const { pod, container, sandbox, sandboxConfig } = request;
  const tell = (type: "Normal" | "Warning", reason: string, message: string) =>
    node.recorder.event(pod, type, reason, message, { fieldPath: `spec.containers{${container.name}}` });
  const fail = (reason: string, message: string, created = false) => {
    tell("Warning", "Failed", `Error: ${message}`);
    return new StartFailure(reason, message, created);
  };
  const config = await configure(node, request).catch((error: unknown) => {
    throw fail("CreateContainerConfigError", error instanceof Error ? error.message : String(error));
  });
  const id = await node.cri.createContainer(sandbox.id, config, sandboxConfig).catch((error: unknown) => {
    throw fail("CreateContainerError", describe(error));
  });
  tell("Normal", "Created", "Container created");
  await node.cri.startContainer(id).catch((error: unknown) => {
    throw fail("RunContainerError", describe(error), true);
  });
  tell("Normal", "Started", "Container started");
  await postStart(node, request, id);
}

/** The runtime's own words, without the wrapping of its transport. */
export function describe(error: unknown): string {
  if (error instanceof GrpcError && error.code !== "UNKNOWN") return `${goCode(error.code)}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

async function postStart(node: NodeServices, request: StartRequest, id: string): Promise<void> {
  const { pod, container, sandbox, signal } = request;
  const hook = container.lifecycle?.postStart;
  if (!hook) return;
  const podIP = pod.spec.hostNetwork ? node.hostIPs[0]! : (sandbox.ips[0] ?? "");
  try {
    const done = runHook(
      hook,
      { pod, container, containerId: id, podIP },
      { cri: node.cri, clock: node.clock, signal },
    );
    await Promise.race([done, aborted(signal)]);
  } catch (error) {
    if (signal.aborted) return;
    const fieldPath = `spec.containers{${container.name}}`;
    node.recorder.event(pod, "Warning", "FailedPostStartHook", "PostStartHook failed", { fieldPath });
    node.recorder.event(pod, "Normal", "Killing", "FailedPostStartHook", { fieldPath });
    await node.cri.stopContainer(id, Math.max(1, gracePeriod(pod))).catch(() => {});
    throw new StartFailure("PostStartHookError", `PostStartHook failed: ${describe(error)}`, true);
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

/** Everything the runtime is told of the container. Throws ConfigError for what the pod has wrong. */
async function configure(node: NodeServices, request: StartRequest) {
  const { pod, container, restartCount, image, sandbox } = request;
  const namespace = pod.metadata.namespace!;
  const facts = node.facts(pod, pod.spec.hostNetwork ? node.hostIPs : sandbox.ips);
  const references = {
    configMap: (name: string) => node.references.configMap(namespace, name),
    secret: (name: string) => node.references.secret(namespace, name),
  };
  const environment = makeEnvironment({ pod, container, references, services: node.services(), facts });
  const security = containerSecurity({
    pod,
    container,
    image: image.user,
    seccompDirectory: node.seccompDirectory,
    ...targetOf(request),
  });
  const claimed = await node.devices.editsFor(pod, container);
  for (const [name, value] of claimed.environment) environment.set(name, value);
  const volumes = await node.volumes.mounts(pod, container, environment);
  const mounts = [...volumes, ...claimed.mounts, ...(await ownMounts(node, request))];
  await mkdir(join(podLogDirectory(node.podLogsDirectory, pod), container.name), { recursive: true, mode: 0o755 });
  const imageRef = image.id;
  return containerConfig({
    pod,
    container,
    restartCount,
    imageRef,
    environment,
    mounts,
    devices: [...node.volumes.devices(pod, container), ...claimed.devices],
    cdiDevices: claimed.cdiDevices,
    security,
    nodeMemory: node.machine.memory,
  });
}

function targetOf({ pod, container, runtime }: StartRequest): { targetId?: string } {
  const ephemeral = ephemeralContainers(pod).find((it) => it === container) as
    | { targetContainerName?: string }
    | undefined;
  if (!ephemeral?.targetContainerName) return {};
  const target = runtime.containers.find((it) => it.name === ephemeral.targetContainerName && it.state === "running");
  if (!target) throw new ConfigError(`target container ${ephemeral.targetContainerName} is not running`);
  return { targetId: target.id };
}

/** /etc/hosts, unless the container brings its own, and the file for its last word. */
async function ownMounts(
  node: NodeServices,
  { pod, container, restartCount, sandbox }: StartRequest,
): Promise<Mount[]> {
  const directory = node.volumes.podDirectory(pod.metadata.uid!);
  const mounts: Mount[] = [];
  const taken = (path: string) => container.volumeMounts?.some((it) => it.mountPath === path);
  if (!taken("/etc/hosts")) {
    const host = pod.spec.hostNetwork ? await readFile("/etc/hosts", "utf8").catch(() => "") : undefined;
    const path = join(directory, "etc-hosts");
    await mkdir(directory, { recursive: true });
    await writeFile(path, hostsFile(pod, sandbox.ips, node.dns.clusterDomain, host));
    mounts.push({ containerPath: "/etc/hosts", hostPath: path });
  }
  const log = terminationLogPath(directory, container.name, restartCount);
  await mkdir(dirname(log), { recursive: true });
  await writeFile(log, "");
  await chmod(log, 0o666);
  mounts.push({ containerPath: container.terminationMessagePath || "/dev/termination-log", hostPath: log });
  return mounts;
}

/** The pull secrets of a pod that exist; a missing one only matters if the pull then fails. */
export function pullSecrets(references: NodeServices["references"], pod: Pod): Secret[] {
  return (pod.spec.imagePullSecrets ?? [])
    .map(({ name = "" }) => references.secret(pod.metadata.namespace!, name))
    .filter((it) => it !== undefined);
}
