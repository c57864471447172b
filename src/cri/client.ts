import { type Clock, realClock } from "../util/clock.ts";
import { withDeadline } from "../util/deadline.ts";
import { type CallOptions, GrpcChannel, GrpcError, type Method } from "../util/grpc/channel.ts";
import type { WireMessage } from "../util/grpc/wire.ts";
import { runtimeEvents } from "./events.ts";
import * as m from "./messages.ts";

/** Something happened to a container (or a sandbox, whose id is a container's too); what exactly, a listing tells. */
export interface RuntimeEvent {
  type: "created" | "started" | "stopped" | "deleted" | "oom";
  containerId: string;
}

/** A container runtime, by CRI v1. Every method throws GrpcError; instants are ms since the epoch. */
export interface CriClient {
  version(): Promise<m.Version>;
  status(options?: { verbose?: boolean }): Promise<m.RuntimeStatusResult>;

  /** Answers the sandbox's id. */
  runPodSandbox(config: m.PodSandboxConfig, runtimeHandler?: string): Promise<string>;
  stopPodSandbox(id: string): Promise<void>;
  removePodSandbox(id: string): Promise<void>;
  podSandboxStatus(
    id: string,
    options?: { verbose?: boolean },
  ): Promise<{ status: m.PodSandboxStatus; info: Record<string, string> }>;
  listPodSandbox(filter?: m.PodSandboxFilter): Promise<m.PodSandbox[]>;

  /** Answers the container's id. */
  createContainer(sandboxId: string, config: m.ContainerConfig, sandboxConfig: m.PodSandboxConfig): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** Resolves when it has stopped: by its stop signal, or killed after `timeoutSeconds`. */
  stopContainer(id: string, timeoutSeconds: number): Promise<void>;
  removeContainer(id: string): Promise<void>;
  listContainers(filter?: m.ContainerFilter): Promise<m.Container[]>;
  containerStatus(id: string): Promise<m.ContainerStatus>;
  /** The runtime's own account of a container, such as its process id, as JSON texts. */
  containerInfo(id: string): Promise<Record<string, string>>;
  updateContainerResources(id: string, linux: m.LinuxContainerResources): Promise<void>;
  reopenContainerLog(id: string): Promise<void>;

  execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<m.ExecSyncResult>;
  /** The three below answer the URL of a streaming server. */
  exec(request: m.ExecRequest): Promise<string>;
  attach(request: m.AttachRequest): Promise<string>;
  portForward(sandboxId: string, ports: readonly number[]): Promise<string>;

  containerStats(id: string): Promise<m.ContainerStats>;
  listContainerStats(filter?: m.ContainerStatsFilter): Promise<m.ContainerStats[]>;
  podSandboxStats(id: string): Promise<m.PodSandboxStats>;
  listPodSandboxStats(): Promise<m.PodSandboxStats[]>;

  listImages(): Promise<m.Image[]>;
  imageStatus(image: string): Promise<m.Image | undefined>;
  /** Answers the image's reference (its id or digest). */
  pullImage(
    image: string,
    options?: { auth?: m.AuthConfig; sandbox?: m.PodSandboxConfig; signal?: AbortSignal },
  ): Promise<string>;
  removeImage(image: string): Promise<void>;
  imageFsInfo(): Promise<m.ImageFsInfo>;

  /** Events as they happen; ends (with an error, mostly) when the runtime goes away. */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>;
  close(): void;
}

const RUNTIME = "/runtime.v1.RuntimeService/";
const IMAGES = "/runtime.v1.ImageService/";

/** ms that a runtime has to answer: one that hangs must show, and must not hold up its callers for ever. */
const PATIENCE = 120_000;
/** What the node's own status is made of: the cluster must learn soon when it does not come. */
const PATIENCE_ALIVE: Readonly<Record<string, number>> = { Version: 15_000, Status: 15_000, ListImages: 15_000 };

/** How long a call may take; what it is asked to wait for comes on top. */
function patience(name: string, body: unknown): number {
  // how long a pull or a command without a limit takes is not the runtime's affair
  if (name === "PullImage") return Number.POSITIVE_INFINITY;
  const { timeout } = body as { timeout?: number };
  if (name === "ExecSync" && !timeout) return Number.POSITIVE_INFINITY;
  return (PATIENCE_ALIVE[name] ?? PATIENCE) + (timeout ?? 0) * 1000;
}

/** `endpoint`: "unix:///run/containerd/containerd.sock" or a plain path. Connects when first used, and again after a break. */
export function connectCri(endpoint: string, { clock = realClock }: { clock?: Clock } = {}): CriClient {
  const channel = new GrpcChannel(endpoint);
  const method =
    (service: string) =>
    <Q, R>(name: string, request: WireMessage<Q>, response: WireMessage<R>) => {
      const it: Method<Q, R> = { path: service + name, request, response };
      return (body: Parameters<typeof channel.call<Q, R>>[1], options?: CallOptions) => {
        const after = patience(name, body);
        const error = () => new GrpcError("DEADLINE_EXCEEDED", `${name}: no answer within ${after / 1000} s`);
        const call = (signal?: AbortSignal) => channel.call(it, body, { ...options, ...(signal ? { signal } : {}) });
        return withDeadline({ clock, after, error, signal: options?.signal }, call);
      };
    };
  const runtime = method(RUNTIME);
  const images = method(IMAGES);
  return {
    ...sandboxCalls(runtime),
    ...containerCalls(runtime),
    ...streamingCalls(runtime),
    ...statsCalls(runtime),
    ...imageCalls(images),
    events: (signal) => runtimeEvents(channel, signal),
    close: () => channel.close(),
  };
}

type Bind = <Q, R>(
  name: string,
  request: WireMessage<Q>,
  response: WireMessage<R>,
) => (body: Parameters<typeof GrpcChannel.prototype.call<Q, R>>[1], options?: CallOptions) => Promise<R>;

function sandboxCalls(bind: Bind) {
  const version = bind("Version", m.VersionRequest, m.VersionResponse);
  const status = bind("Status", m.StatusRequest, m.StatusResponse);
  const run = bind("RunPodSandbox", m.RunPodSandboxRequest, m.RunPodSandboxResponse);
  const stop = bind("StopPodSandbox", m.SandboxIdRequest, m.Empty);
  const remove = bind("RemovePodSandbox", m.SandboxIdRequest, m.Empty);
  const podStatus = bind("PodSandboxStatus", m.PodSandboxStatusRequest, m.PodSandboxStatusResponse);
  const list = bind("ListPodSandbox", m.ListPodSandboxRequest, m.ListPodSandboxResponse);
  return {
    version: () => version({ version: "v1" }),
    status: ({ verbose = false } = {}) => status({ verbose }),
    runPodSandbox: async (config: m.PodSandboxConfig, runtimeHandler = "") =>
      (await run({ config, runtimeHandler })).podSandboxId,
    stopPodSandbox: async (podSandboxId: string) => void (await stop({ podSandboxId })),
    removePodSandbox: async (podSandboxId: string) => void (await remove({ podSandboxId })),
    podSandboxStatus: async (podSandboxId: string, { verbose = false } = {}) => {
      const answer = await podStatus({ podSandboxId, verbose });
      return { status: answer.status!, info: answer.info };
    },
    listPodSandbox: async (filter?: m.PodSandboxFilter) => (await list({ filter })).items,
  };
}

function containerCalls(bind: Bind) {
  const create = bind("CreateContainer", m.CreateContainerRequest, m.ContainerIdResponse);
  const start = bind("StartContainer", m.ContainerIdRequest, m.Empty);
  const stop = bind("StopContainer", m.StopContainerRequest, m.Empty);
  const remove = bind("RemoveContainer", m.ContainerIdRequest, m.Empty);
  const list = bind("ListContainers", m.ListContainersRequest, m.ListContainersResponse);
  const status = bind("ContainerStatus", m.ContainerStatusRequest, m.ContainerStatusResponse);
  const update = bind("UpdateContainerResources", m.UpdateContainerResourcesRequest, m.Empty);
  const reopen = bind("ReopenContainerLog", m.ContainerIdRequest, m.Empty);
  return {
    createContainer: async (podSandboxId: string, config: m.ContainerConfig, sandboxConfig: m.PodSandboxConfig) =>
      (await create({ podSandboxId, config, sandboxConfig })).containerId,
    startContainer: async (containerId: string) => void (await start({ containerId })),
    stopContainer: async (containerId: string, timeout: number) => void (await stop({ containerId, timeout })),
    removeContainer: async (containerId: string) => void (await remove({ containerId })),
    listContainers: async (filter?: m.ContainerFilter) => (await list({ filter })).containers,
    containerStatus: async (containerId: string) => (await status({ containerId })).status!,
    containerInfo: async (containerId: string) => (await status({ containerId, verbose: true })).info,
    updateContainerResources: async (containerId: string, linux: m.LinuxContainerResources) =>
      void (await update({ containerId, linux })),
    reopenContainerLog: async (containerId: string) => void (await reopen({ containerId })),
  };
}

function streamingCalls(bind: Bind) {
  const execSync = bind("ExecSync", m.ExecSyncRequest, m.ExecSyncResponse);
  const exec = bind("Exec", m.ExecRequest, m.UrlResponse);
  const attach = bind("Attach", m.AttachRequest, m.UrlResponse);
  const portForward = bind("PortForward", m.PortForwardRequest, m.UrlResponse);
  return {
    execSync: (containerId: string, cmd: readonly string[], timeout: number) =>
      execSync({ containerId, cmd, timeout: Math.ceil(timeout) }),
    exec: async (request: m.ExecRequest) => (await exec(request)).url,
    attach: async (request: m.AttachRequest) => (await attach(request)).url,
    portForward: async (podSandboxId: string, port: readonly number[]) =>
      (await portForward({ podSandboxId, port })).url,
  };
}

function statsCalls(bind: Bind) {
  const stats = bind("ContainerStats", m.ContainerIdRequest, m.ContainerStatsResponse);
  const list = bind("ListContainerStats", m.ListContainerStatsRequest, m.ListContainerStatsResponse);
  const podStats = bind("PodSandboxStats", m.SandboxIdRequest, m.PodSandboxStatsResponse);
  const listPods = bind("ListPodSandboxStats", m.ListPodSandboxStatsRequest, m.ListPodSandboxStatsResponse);
  return {
    containerStats: async (containerId: string) => (await stats({ containerId })).stats!,
    listContainerStats: async (filter?: m.ContainerStatsFilter) => (await list({ filter })).stats,
    podSandboxStats: async (podSandboxId: string) => (await podStats({ podSandboxId })).stats!,
    listPodSandboxStats: async () => (await listPods({})).stats,
  };
}

function imageCalls(bind: Bind) {
  const list = bind("ListImages", m.ListImagesRequest, m.ListImagesResponse);
  const status = bind("ImageStatus", m.ImageStatusRequest, m.ImageStatusResponse);
  const pull = bind("PullImage", m.PullImageRequest, m.PullImageResponse);
  const remove = bind("RemoveImage", m.RemoveImageRequest, m.Empty);
  const fsInfo = bind("ImageFsInfo", m.Empty, m.ImageFsInfoResponse);
  return {
    listImages: async () => (await list({})).images,
    imageStatus: async (image: string) => (await status({ image: { image } })).image,
    pullImage: async (
      image: string,
      options: { auth?: m.AuthConfig; sandbox?: m.PodSandboxConfig; signal?: AbortSignal } = {},
    ) =>
      (await pull({ image: { image }, auth: options.auth, sandboxConfig: options.sandbox }, { signal: options.signal }))
        .imageRef,
    removeImage: async (image: string) => void (await remove({ image: { image } })),
    imageFsInfo: () => fsInfo({}),
  };
}
