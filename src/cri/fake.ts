import type { Clock } from "../util/clock.ts";
import { GrpcError } from "../util/grpc/channel.ts";
import type { CriClient, RuntimeEvent } from "./client.ts";
import type {
  Container,
  ContainerConfig,
  ContainerStatus,
  Image,
  LinuxContainerResources,
  PodSandbox,
  PodSandboxConfig,
} from "./messages.ts";

interface FakeSandbox {
  id: string;
  config: PodSandboxConfig;
  ready: boolean;
  createdAt: number;
  ip: string;
}
interface FakeContainer {
  id: string;
  sandboxId: string;
  config: ContainerConfig;
  state: ContainerStatus["state"];
  createdAt: number;
  startedAt: number;
  finishedAt: number;
  exitCode: number;
  reason: string;
}

export interface FakeRuntimeOptions {
  clock: Clock;
  /** present from the start; any other image can only be pulled */
  images?: readonly string[];
  /** images a pull finds; default: all */
  registry?: (image: string) => boolean;
  /** how a container behaves: ends by itself after `runsFor` ms with `exitCode`; takes `stopsIn` ms to obey a stop */
  behaviour?: (config: ContainerConfig) => { runsFor?: number; exitCode?: number; stopsIn?: number };
  exec?: (config: ContainerConfig, command: readonly string[]) => { exitCode: number; output?: string };
}

/** A runtime in memory: containers are records, time is the clock's. Repeatable to the last identifier. */
export class FakeRuntime implements CriClient {
  readonly #options: FakeRuntimeOptions;
  readonly #sandboxes = new Map<string, FakeSandbox>();
  readonly #containers = new Map<string, FakeContainer>();
  readonly #images = new Map<string, Image>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  /** every call that changes something, in order: a readable trace for tests */
  readonly trace: string[] = [];
  #sequence = 0;

  constructor(options: FakeRuntimeOptions) {
    this.#options = options;
    for (const name of options.images ?? []) this.#addImage(name);
  }

  // --- what tests do to it ---

  /** Ends a container as if its process had died; named "pod/container". */
  crash(name: string, exitCode = 137, reason = "Error"): void {
    const container = this.#running(name);
    this.#end(container, exitCode, reason);
  }
  /** The ids of running containers, by "pod/container". */
  running(): Map<string, string> {
    const alive = [...this.#containers.values()].filter((it) => it.state === "CONTAINER_RUNNING");
    return new Map(alive.map((it) => [this.#nameOf(it), it.id]));
  }
  /** Ends a pod's sandbox, with all that runs in it. */
  crashSandbox(pod: string): void {
    for (const sandbox of this.#sandboxes.values()) {
      if (sandbox.ready && sandbox.config.metadata?.name === pod) this.#stopSandbox(sandbox);
    }
  }

  // --- CriClient ---

  async version() {
    return { version: "0.1.0", runtimeName: "fake", runtimeVersion: "1.0.0", runtimeApiVersion: "v1" };
  }
  async status() {
    const ready = (type: string) => ({ type, status: true, reason: "", message: "" });
    const conditions = [ready("RuntimeReady"), ready("NetworkReady")];
    return { status: { conditions }, info: {}, runtimeHandlers: [] };
  }

  async runPodSandbox(config: PodSandboxConfig, handler = ""): Promise<string> {
    if (handler !== "" && handler !== "runc") {
      throw new GrpcError("UNKNOWN", `failed to get sandbox runtime: no runtime for "${handler}" is configured`);
    }
    const number = ++this.#sequence;
    const id = `sandbox-${number}`;
    const host = config.linux?.securityContext?.namespaceOptions?.network === "NODE";
    const ip = host ? "" : `10.0.${number >> 8}.${number & 255}`;
    this.#sandboxes.set(id, { id, config, ready: true, createdAt: this.#now(), ip });
    this.trace.push(`run sandbox ${config.metadata?.name} #${config.metadata?.attempt}`);
    this.#emit("started", id);
    return id;
  }
  async stopPodSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) return;
    if (sandbox.ready) this.trace.push(`stop sandbox ${sandbox.config.metadata?.name}`);
    this.#stopSandbox(sandbox);
  }
  async removePodSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) return;
    this.#stopSandbox(sandbox);
    for (const container of this.#containers.values())
      if (container.sandboxId === id) this.#containers.delete(container.id);
    this.#sandboxes.delete(id);
    this.trace.push(`remove sandbox ${sandbox.config.metadata?.name}`);
  }
  async podSandboxStatus(id: string) {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) throw missing("sandbox", id);
    const network = { ip: sandbox.ip, additionalIps: [] };
    return { status: { ...this.#listedSandbox(sandbox), network }, info: {} };
  }
  async listPodSandbox(filter?: { id?: string; labelSelector?: Readonly<Record<string, string | undefined>> }) {
    return [...this.#sandboxes.values()].map((it) => this.#listedSandbox(it)).filter((it) => matches(it, filter));
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    if (!this.#sandboxes.get(sandboxId)?.ready) throw missing("sandbox", sandboxId);
    if (!this.#images.has(config.image?.image ?? "")) throw missing("image", config.image?.image ?? "");
    const id = `container-${++this.#sequence}`;
    const times = { createdAt: this.#now(), startedAt: 0, finishedAt: 0 };
    const container = { id, sandboxId, config, state: "CONTAINER_CREATED" as const, ...times, exitCode: 0, reason: "" };
    this.#containers.set(id, container);
    this.trace.push(`create ${this.#nameOf(container)} #${config.metadata?.attempt}`);
    return id;
  }
  async startContainer(id: string): Promise<void> {
    const container = this.#get(id);
    container.state = "CONTAINER_RUNNING";
    container.startedAt = this.#now();
    this.trace.push(`start ${this.#nameOf(container)}`);
    this.#emit("started", id);
    const { runsFor, exitCode = 0 } = this.#behaviour(container);
    if (runsFor === undefined) return;
    this.#options.clock.setTimer(runsFor, () => {
      if (container.state === "CONTAINER_RUNNING")
        this.#end(container, exitCode, exitCode === 0 ? "Completed" : "Error");
    });
  }
  async stopContainer(id: string, timeoutSeconds: number): Promise<void> {
    const container = this.#get(id);
    if (container.state !== "CONTAINER_RUNNING") return;
    this.trace.push(`stop ${this.#nameOf(container)} ${timeoutSeconds}s`);
    const { stopsIn = 0 } = this.#behaviour(container);
    const obeys = stopsIn <= timeoutSeconds * 1000;
    if (stopsIn > 0) await this.#options.clock.sleep(Math.min(stopsIn, timeoutSeconds * 1000));
    if (container.state === "CONTAINER_RUNNING") this.#end(container, obeys ? 0 : 137, obeys ? "Completed" : "Error");
  }
  async removeContainer(id: string): Promise<void> {
    const container = this.#containers.get(id);
    if (!container) return;
    this.trace.push(`remove ${this.#nameOf(container)} #${container.config.metadata?.attempt}`);
    this.#containers.delete(id);
  }
  async listContainers(filter?: { id?: string; labelSelector?: Readonly<Record<string, string | undefined>> }) {
    return [...this.#containers.values()].map((it) => this.#listed(it)).filter((it) => matches(it, filter));
  }
  async containerStatus(id: string): Promise<ContainerStatus> {
    const container = this.#get(id);
    const { startedAt, finishedAt, exitCode, reason } = container;
    const { image, labels, annotations, ...listed } = this.#listed(container);
    const logPath = `${this.#sandboxes.get(container.sandboxId)?.config.logDirectory}/${container.config.logPath}`;
    return {
      ...listed,
      image,
      labels,
      annotations,
      startedAt,
      finishedAt,
      exitCode,
      reason,
      message: "",
      mounts: [],
      logPath,
    };
  }
  async containerInfo(id: string) {
    return { info: JSON.stringify({ pid: Number(id.split("-")[1]) }) };
  }
  async updateContainerResources(id: string, linux: LinuxContainerResources): Promise<void> {
    const { cpuShares, cpuQuota, memoryLimitInBytes } = linux;
    const name = this.#nameOf(this.#get(id));
    this.trace.push(`update ${name} shares=${cpuShares} quota=${cpuQuota} memory=${memoryLimitInBytes}`);
  }
  async reopenContainerLog(): Promise<void> {}

  async execSync(id: string, command: readonly string[]) {
    const answer = this.#options.exec?.(this.#get(id).config, command) ?? { exitCode: 0 };
    return { stdout: Buffer.from(answer.output ?? ""), stderr: Buffer.alloc(0), exitCode: answer.exitCode };
  }
  async exec(): Promise<string> {
    throw new GrpcError("UNIMPLEMENTED", "the fake runtime has no streaming server");
  }
  attach = this.exec;
  portForward = this.exec;

  async containerStats(id: string) {
    const { labels, annotations, metadata } = this.#listed(this.#get(id));
    return { attributes: { id, metadata, labels, annotations } };
  }
  async listContainerStats() {
    return Promise.all([...this.running().values()].map((id) => this.containerStats(id)));
  }
  async podSandboxStats() {
    return {};
  }
  async listPodSandboxStats() {
    return [];
  }

  async listImages(): Promise<Image[]> {
    return [...new Set(this.#images.values())];
  }
  async imageStatus(image: string): Promise<Image | undefined> {
    return this.#images.get(image);
  }
  async pullImage(image: string): Promise<string> {
    if (this.#options.registry?.(image) === false)
      throw new GrpcError("NOT_FOUND", `failed to resolve reference "${image}": not found`);
    this.trace.push(`pull ${image}`);
    return this.#addImage(image).id;
  }
  async removeImage(image: string): Promise<void> {
    const found = this.#images.get(image);
    for (const [name, it] of this.#images) if (it === found) this.#images.delete(name);
  }
  async imageFsInfo() {
    return { imageFilesystems: [], containerFilesystems: [] };
  }

  async *events(signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
    const queue: RuntimeEvent[] = [];
    let wake = () => {};
    const listener = (event: RuntimeEvent) => {
      queue.push(event);
      wake();
    };
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => wake(), { once: true });
    try {
      while (!signal.aborted) {
        const event = queue.shift();
        if (event) yield event;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#listeners.delete(listener);
    }
  }
  close(): void {}

  // --- inside ---

  #now(): number {
    return this.#options.clock.now();
  }
  #emit(type: RuntimeEvent["type"], containerId: string): void {
    for (const listener of this.#listeners) listener({ type, containerId });
  }
  #behaviour(container: FakeContainer) {
    return this.#options.behaviour?.(container.config) ?? {};
  }
  #nameOf({ sandboxId, config }: FakeContainer): string {
    return `${this.#sandboxes.get(sandboxId)?.config.metadata?.name}/${config.metadata?.name}`;
  }
  #get(id: string): FakeContainer {
    const container = this.#containers.get(id);
    if (!container) throw missing("container", id);
    return container;
  }
  #running(name: string): FakeContainer {
    const id = this.running().get(name);
    if (!id) throw new Error(`no container ${name} runs`);
    return this.#get(id);
  }
  #end(container: FakeContainer, exitCode: number, reason: string): void {
    Object.assign(container, { state: "CONTAINER_EXITED", exitCode, reason, finishedAt: this.#now() });
    this.#emit("stopped", container.id);
  }
  #stopSandbox(sandbox: FakeSandbox): void {
    if (!sandbox.ready) return;
    sandbox.ready = false;
    for (const container of this.#containers.values()) {
      if (container.sandboxId === sandbox.id && container.state === "CONTAINER_RUNNING")
        this.#end(container, 137, "Error");
    }
    this.#emit("stopped", sandbox.id);
  }
  #addImage(name: string): Image {
    const id = `sha256:${Buffer.from(name).toString("hex").padEnd(64, "0").slice(0, 64)}`;
    const image: Image = { id, repoTags: [name], repoDigests: [], size: 1_000_000, username: "", pinned: false };
    this.#images.set(name, image);
    this.#images.set(id, image);
    return image;
  }
  #listedSandbox({ id, config, ready, createdAt }: FakeSandbox): PodSandbox {
    const { name = "", uid = "", namespace = "", attempt = 0 } = config.metadata ?? {};
    return {
      id,
      metadata: { name, uid, namespace, attempt },
      state: ready ? "SANDBOX_READY" : "SANDBOX_NOTREADY",
      createdAt,
      labels: { ...config.labels } as Record<string, string>,
      annotations: { ...config.annotations } as Record<string, string>,
      runtimeHandler: "",
    };
  }
  #listed({ id, sandboxId, config, state, createdAt }: FakeContainer): Container {
    const image = config.image?.userSpecifiedImage || config.image?.image || "";
    return {
      id,
      podSandboxId: sandboxId,
      metadata: { name: config.metadata?.name ?? "", attempt: config.metadata?.attempt ?? 0 },
      image: { image, annotations: {}, userSpecifiedImage: "", runtimeHandler: "", imageRef: "" },
      imageRef: config.image?.image ?? "",
      imageId: config.image?.image ?? "",
      state,
      createdAt,
      labels: { ...config.labels } as Record<string, string>,
      annotations: { ...config.annotations } as Record<string, string>,
    };
  }
}

const missing = (what: string, id: string) => new GrpcError("NOT_FOUND", `${what} ${id}: not found`);

function matches(
  item: { id: string; labels: Record<string, string> },
  filter?: { id?: string; labelSelector?: Readonly<Record<string, string | undefined>> },
): boolean {
  if (filter?.id && filter.id !== item.id) return false;
  return Object.entries(filter?.labelSelector ?? {}).every(([key, value]) => item.labels[key] === value);
}
