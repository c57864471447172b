/** For tests: a CSI driver of folders, with the registrar that makes it known to a kubelet. */
import { execFile } from "node:child_process";
import { mkdir, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { GrpcError } from "../../../util/grpc/channel.ts";
import { handler, serveGrpc, type TestServer } from "../../../util/grpc/testServer.ts";
import { REGISTRATION } from "../../plugins/messages.ts";
import { NODE, type NodeCapability } from "./messages.ts";

const run = promisify(execFile);

export interface TestDriverOptions {
  name: string;
  /** the kubelet's */
  rootDirectory: string;
  /** what it says its socket's folder is in: the kubelet's, as its processes see it; default the same */
  seenRoot?: string;
  /** where it keeps volumes; without it nothing is mounted */
  data?: string;
  nodeId: string;
  topology?: Record<string, string>;
  capabilities?: readonly NodeCapability[];
  maxVolumes?: number;
}

/** It remembers what it was asked, and refuses what a real one would. */
export class TestDriver {
  readonly options: TestDriverOptions;
  /** such as "NodePublishVolume vol-1" */
  readonly trace: string[] = [];
  /** the last request of each kind */
  readonly last: Record<string, Record<string, unknown>> = {};
  /** what the kubelet said of the registration */
  told: { pluginRegistered: boolean; error: string } | undefined;
  /** fails the next call of this name */
  fail: string | undefined;
  readonly #published = new Set<string>();
  #servers: TestServer[] = [];

  constructor(options: TestDriverOptions) {
    this.options = options;
  }

  get registrationSocket(): string {
    return join(this.options.rootDirectory, "plugins_registry", `${this.options.name}-reg.sock`);
  }

  async start(): Promise<void> {
    const { name, rootDirectory, seenRoot = rootDirectory } = this.options;
    const socket = join(rootDirectory, "plugins", name, "csi.sock");
    await mkdir(dirname(socket), { recursive: true });
    await mkdir(dirname(this.registrationSocket), { recursive: true });
    const info = {
      type: "CSIPlugin",
      name,
      endpoint: socket.replace(rootDirectory, seenRoot),
      supportedVersions: ["1.0.0"],
    };
    const registrar = [
      handler(REGISTRATION.getInfo, () => info),
      handler(REGISTRATION.notifyRegistrationStatus, (status) => {
        this.told = status;
        return {};
      }),
    ];
    this.#servers = [await serveGrpc(socket, this.#node()), await serveGrpc(this.registrationSocket, registrar)];
  }
  async stop(): Promise<void> {
    for (const server of this.#servers.reverse()) await server.close();
    this.#servers = [];
  }

  #node() {
    const { nodeId, topology, capabilities = [], maxVolumes = 0 } = this.options;
    return [
      handler(NODE.info, () => ({
        nodeId,
        maxVolumesPerNode: maxVolumes,
        ...(topology ? { accessibleTopology: { segments: topology } } : {}),
      })),
      handler(NODE.capabilities, () => ({ capabilities: capabilities.map((type) => ({ rpc: { type } })) })),
      handler(NODE.stage, (request) => this.#take("NodeStageVolume", request)),
      handler(NODE.unstage, (request) => this.#take("NodeUnstageVolume", request)),
      handler(NODE.publish, async (request) => {
        this.#take("NodePublishVolume", request);
        await this.#publish(request.volumeId, request.targetPath, request.readonly);
        return {};
      }),
      handler(NODE.unpublish, async (request) => {
        this.#take("NodeUnpublishVolume", request);
        await this.#unpublish(request.targetPath);
        return {};
      }),
      handler(NODE.stats, (request) => {
        this.#take("NodeGetVolumeStats", request);
        const usage = [
          { total: 1000, used: 400, available: 600, unit: "BYTES" as const },
          { total: 10, used: 4, available: 6, unit: "INODES" as const },
        ];
        return { usage };
      }),
      handler(NODE.expand, (request) => {
        this.#take("NodeExpandVolume", request);
        return { capacityBytes: request.capacityRange?.requiredBytes ?? 0 };
      }),
    ];
  }

  #take(call: string, request: { volumeId: string }): Record<string, never> {
    this.trace.push(`${call} ${request.volumeId}`);
    this.last[call] = request;
    if (this.fail !== call) return {};
    this.fail = undefined;
    throw new GrpcError("INTERNAL", "not this time");
  }

  /** Its processes see the kubelet's folder elsewhere; here all is one machine. */
  #here(path: string): string {
    const { rootDirectory, seenRoot } = this.options;
    return seenRoot ? path.replace(seenRoot, rootDirectory) : path;
  }
  async #publish(volume: string, target: string, readonly: boolean): Promise<void> {
    const { data } = this.options;
    if (data === undefined || this.#published.has(target)) return;
    const source = join(data, volume);
    await mkdir(source, { recursive: true, mode: 0o777 });
    await mkdir(this.#here(target), { recursive: true });
    await run("mount", ["--bind", source, this.#here(target)]);
    if (readonly) await run("mount", ["-o", "remount,bind,ro", this.#here(target)]);
    this.#published.add(target);
  }
  async #unpublish(target: string): Promise<void> {
    if (!this.#published.delete(target)) return;
    await run("umount", [this.#here(target)]);
    await rmdir(this.#here(target));
  }
}
