import { join } from "node:path";
import { Node } from "../../api/core/v1/index.ts";
import { isAlreadyExists, isNotFound } from "../../apimachinery/status.ts";
import { aborted, type EventRecorder } from "../../client/index.ts";
import type { CriClient, Image, RuntimeCondition } from "../../cri/index.ts";
import { leastOf, type Pressure, type Signal, type Threshold } from "../eviction/signals.ts";
import { type KubeletOptions, LOCAL_VOLUMES_DIRECTORY } from "../options.ts";
import type { CsiNodes } from "../volumes/csi/csiNodes.ts";
import { writeCniConfiguration } from "./cni.ts";
import { diskUsage, type Machine } from "./machine.ts";
import { becomes, type NodeEvent, nodeEvents } from "./nodeEvents.ts";
import {
  type NodeIdentity,
  type NodeReadings,
  newNode,
  nodeAnnotations,
  nodeLabels,
  nodeStatus,
  notReadyReason,
  sameStatus,
} from "./nodeStatus.ts";

const REPORT = 10_000;
/** A report that could not be written is tried again soon: others decide by it. */
const REPORT_AGAIN = 1000;
const REPORT_UNCHANGED = 300_000;
const CHECK = 5000;
const CHECK_TROUBLED = 500;
/** Right after a change of the network's configuration the runtime is asked often: the whole node waits for it. */
const CHECK_EAGER = 20;
const NOTHING = { milliCpu: 0, memory: 0, disk: 0 };
export const VERSION = "v1.36.2+coxswain.0.1.0";

export interface ReporterParts {
  cri: CriClient;
  machine: Machine;
  thresholds: readonly Threshold[];
  pressures(): ReadonlySet<Pressure>;
  /** disks that Pods of this node use, which are not to be detached */
  volumesInUse(): readonly string[];
  nodes: CsiNodes;
  changed(): void;
  recorder: EventRecorder;
  /** what is done once before the node registers; answers what there is to tell of it */
  begin(): Promise<readonly NodeEvent[]>;
}

const has = (all: Record<string, string> | undefined, wanted: Record<string, string>): boolean =>
  Object.entries(wanted).every(([name, value]) => all?.[name] === value);

/** Registers the node, and keeps its status true in the API. */
export class NodeReporter {
  readonly #options: KubeletOptions;
  readonly #cri: CriClient;
  readonly #machine: Machine;
  readonly #thresholds: readonly Threshold[];
  readonly #pressures: () => ReadonlySet<Pressure>;
  readonly #volumesInUse: () => readonly string[];
  readonly #nodes: CsiNodes;
  /** told whenever the runtime or the network became ready or ceased to be */
  readonly #changed: () => void;
  readonly #recorder: EventRecorder;
  readonly #begin: () => Promise<readonly NodeEvent[]>;
  #node: Node | undefined;
  #runtime: readonly RuntimeCondition[] = [];
  #runtimeError: string | undefined = "not asked yet";
  #runtimeVersion = "";
  #canReadOnlyRecursively = false;
  #images: readonly Image[] = [];
  #reportedAt = 0;
  #eagerUntil = 0;
  #poke: (() => void) | undefined;
  /** the last writing of the network's configuration */
  #network: Promise<void> = Promise.resolve();

  constructor(options: KubeletOptions, parts: ReporterParts) {
    this.#options = options;
    this.#cri = parts.cri;
    this.#machine = parts.machine;
    this.#thresholds = parts.thresholds;
    this.#pressures = parts.pressures;
    this.#volumesInUse = parts.volumesInUse;
    this.#nodes = parts.nodes;
    this.#changed = parts.changed;
    this.#recorder = parts.recorder;
    this.#begin = parts.begin;
  }

  /** The node's pressures have changed: the scheduler should know at once. */
  pressuresChanged(): void {
    this.#poke?.();
  }

  get node(): Node | undefined {
    return this.#node;
  }
  get allocatable(): Readonly<Record<string, string>> {
    return this.#node?.status.allocatable ?? { cpu: String(this.#machine.cpus), memory: String(this.#machine.memory) };
  }
  /** Of all the runtime's handlers, as it says itself. */
  get canReadOnlyRecursively(): boolean {
    return this.#canReadOnlyRecursively;
  }
  get trouble(): string | undefined {
    return notReadyReason({
      runtime: this.#runtime,
      ...(this.#runtimeError ? { runtimeError: this.#runtimeError } : {}),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#readRuntime();
    const told = await this.#begin();
    await this.#register(signal);
    this.tell([{ type: "Normal", reason: "Starting", message: "Starting kubelet." }, ...told]);
    this.tell(nodeEvents(this.#options.nodeName, undefined, this.#node?.status ?? ({} as Node["status"])));
    await Promise.all([this.#watchRuntime(signal), this.#watchNode(signal), this.#reportForEver(signal)]);
  }

  // --- the runtime ---

  async #readRuntime(): Promise<void> {
    const before = this.trouble;
    try {
      const [{ status, runtimeHandlers }, version] = await Promise.all([
        this.#cri.status(),
        this.#runtimeVersion ? undefined : this.#cri.version(),
      ]);
      if (version) this.#runtimeVersion = `${version.runtimeName}://${version.runtimeVersion}`;
      this.#runtime = status?.conditions ?? [];
      this.#runtimeError = undefined;
      const able = runtimeHandlers.map(({ features }) => features?.recursiveReadOnlyMounts === true);
      this.#canReadOnlyRecursively = able.length > 0 && able.every((it) => it);
    } catch (error) {
      this.#runtimeError = error instanceof Error ? error.message : String(error);
      this.#runtimeVersion = "";
    }
    if (this.trouble === before) return;
    this.#changed();
    this.#poke?.();
  }

  async #watchRuntime(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      await clock.pause(this.trouble ? CHECK_TROUBLED : CHECK, signal);
      if (!signal.aborted) await this.#readRuntime();
    }
  }

  // --- the node's object ---

  async #register(signal: AbortSignal): Promise<void> {
    const { clock, logger, nodeName, labels, registerWithTaints: taints, rootDirectory } = this.#options;
    const identity = {
      nodeName,
      hostname: this.#machine.hostname,
      architecture: this.#machine.architecture,
      localVolumes: join(rootDirectory, LOCAL_VOLUMES_DIRECTORY),
      ...(labels ? { labels } : {}),
      ...(taints ? { taints } : {}),
    };
    for (let delay = 100; !signal.aborted; delay = Math.min(delay * 2, 5000)) {
      try {
        await this.#take(await this.#createOrAdopt(newNode(identity, await this.#status(undefined)), identity));
        this.#reportedAt = clock.now();
        await this.#nodes.register(this.#node!);
        return;
      } catch (error) {
        if (!signal.aborted) logger.warn("node could not be registered", { error });
        await clock.pause(delay, signal);
      }
    }
  }

  async #createOrAdopt(wanted: Node, identity: NodeIdentity): Promise<Node> {
    const { client } = this.#options;
    try {
      return await client.create(Node, wanted);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const key = { name: identity.nodeName };
    const existing = await client.get(Node, key);
    const [labels, annotations] = [nodeLabels(identity), nodeAnnotations(identity)];
    const complete = has(existing.metadata.labels, labels) && has(existing.metadata.annotations, annotations);
    const metadata = { labels, annotations };
    const adopted = complete ? existing : await client.patch(Node, key, "merge", { metadata });
    return this.#write(adopted, await this.#status(adopted));
  }

  tell(events: readonly NodeEvent[]): void {
    const { nodeName: name } = this.#options;
    // what a kubelet tells of its node names it by its name alone, as it may not have registered yet
    const node = { apiVersion: "v1", kind: "Node", metadata: { name, uid: name } };
    for (const { type, reason, message } of events) this.#recorder.event(node, type, reason, message);
  }

  async #take(node: Node): Promise<void> {
    const before = this.#node;
    this.#node = node;
    const isClosed = node.spec.unschedulable === true;
    if (before && (before.spec.unschedulable === true) !== isClosed)
      this.tell([becomes(this.#options.nodeName, isClosed ? "NodeNotSchedulable" : "NodeSchedulable")]);
    const { podCIDR, podCIDRs = podCIDR ? [podCIDR] : [] } = node.spec;
    if (podCIDRs.length === 0) return;
    // an answer and a watch may bring the same news at once
    const configured = this.#network.catch(() => undefined).then(() => this.#configureNetwork(podCIDRs));
    this.#network = configured;
    await configured;
  }

  async #configureNetwork(podCIDRs: readonly string[]): Promise<void> {
    const { cniConfigDirectory, bridgeName, rootDirectory, clock } = this.#options;
    const dataDirectory = join(rootDirectory, "cni");
    const changed = await writeCniConfiguration(cniConfigDirectory, {
      podCIDRs,
      bridgeName,
      mtu: this.#machine.mtu,
      dataDirectory,
    });
    if (!changed && !this.trouble) return;
    this.#eagerUntil = clock.now() + 5000;
    await this.#readRuntime();
    this.#watchEagerly();
  }

  /** Asks the runtime again and again until it has taken in the network's configuration. */
  #watchEagerly(): void {
    const { clock } = this.#options;
    if (!this.trouble || clock.now() > this.#eagerUntil) return;
    clock.setTimer(CHECK_EAGER, () => void this.#readRuntime().then(() => this.#watchEagerly()));
  }

  async #watchNode(signal: AbortSignal): Promise<void> {
    const { informers, nodeName, logger } = this.#options;
    const informer = informers.informer(Node, { fieldSelector: `metadata.name=${nodeName}` });
    const take = (node: Node) => {
      this.#take(node).catch((error: unknown) => logger.error("network configuration could not be written", { error }));
    };
    const unsubscribe = informer.subscribe({ added: take, updated: take, deleted: () => this.#lost(signal) });
    await aborted(signal);
    unsubscribe();
  }

  /** Someone deleted the node's object: as long as its kubelet lives, it comes back. */
  #lost(signal: AbortSignal): void {
    this.#node = undefined;
    if (!signal.aborted) void this.#register(signal);
  }

  async #reportForEver(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    let wait = REPORT;
    while (!signal.aborted) {
      const poked = new Promise<void>((resolve) => {
        this.#poke = resolve;
      });
      const stop = new AbortController();
      const time = clock.pause(wait, AbortSignal.any([signal, stop.signal]));
      await Promise.race([poked, time]);
      stop.abort();
      if (signal.aborted) return;
      wait = REPORT;
      await this.#report().catch((error: unknown) => {
        wait = REPORT_AGAIN;
        if (isNotFound(error)) this.#lost(signal);
        else if (!signal.aborted) logger.warn("node status could not be written", { error });
      });
    }
  }

  async #report(): Promise<void> {
    const { clock } = this.#options;
    const node = this.#node;
    if (!node) return;
    const status = await this.#status(node);
    const due = clock.now() - this.#reportedAt >= REPORT_UNCHANGED;
    if (!due && sameStatus(node.status, status)) return;
    const written = await this.#write(node, status);
    this.tell(nodeEvents(this.#options.nodeName, node.status, status));
    this.#reportedAt = clock.now();
    if (this.#node) this.#node = written;
  }

  async #write(node: Node, status: Node["status"]): Promise<Node> {
    // what is attached, the control plane says
    const { addresses, volumesAttached: _, ...rest } = status;
    const replaced = [...(addresses ?? []), { $patch: "replace" }];
    const gone = Object.keys(node.status.allocatable ?? {}).filter((name) => status.allocatable?.[name] === undefined);
    const allocatable = { ...status.allocatable, ...Object.fromEntries(gone.map((name) => [name, null])) };
    const patch = { status: { ...rest, allocatable, addresses: replaced } };
    return this.#options.client.patch(Node, { name: node.metadata.name! }, "strategic", patch, {
      subresource: "status",
    });
  }

  async #status(node: Node | undefined): Promise<Node["status"]> {
    return nodeStatus(node?.status, await this.#readings());
  }

  #keptFree(signal: Signal, capacity: number): number {
    const threshold = this.#thresholds.find((it) => it.signal === signal);
    return threshold ? leastOf(threshold.quantity, capacity) : 0;
  }

  async #readings(): Promise<NodeReadings> {
    const { clock, nodeIPs, server, maxPods = 110, version = VERSION, rootDirectory } = this.#options;
    const { reserved = NOTHING } = this.#options;
    const [disk, images] = await Promise.all([
      diskUsage(rootDirectory),
      this.#runtimeError ? this.#images : this.#cri.listImages().catch(() => this.#images),
    ]);
    this.#images = images;
    return {
      now: clock.now(),
      machine: this.#machine,
      nodeIPs,
      port: server.port,
      maxPods,
      version,
      runtimeVersion: this.#runtimeVersion || "containerd://Unknown",
      runtime: this.#runtime,
      ...(this.#runtimeError ? { runtimeError: this.#runtimeError } : {}),
      images,
      disk,
      reserved: {
        milliCpu: reserved.milliCpu,
        memory: reserved.memory + this.#keptFree("memory.available", this.#machine.memory),
        disk: reserved.disk + this.#keptFree("nodefs.available", disk.capacity),
      },
      pressures: this.#pressures(),
      volumesInUse: this.#volumesInUse(),
    };
  }
}
