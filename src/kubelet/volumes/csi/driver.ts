import type { Clock } from "../../../util/clock.ts";
import { withDeadline } from "../../../util/deadline.ts";
import { GrpcChannel, GrpcError, type Method } from "../../../util/grpc/channel.ts";
import type { Encodable } from "../../../util/grpc/wire.ts";
import type { VolumeUsage } from "../usage.ts";
import {
  type ExpandRequest,
  NODE,
  type NodeCapability,
  type NodeInfo,
  type PublishRequest,
  type StageRequest,
} from "./messages.ts";

/** A driver that is busy is asked again later; what it has begun then goes on. */
const LONGEST_CALL = 120_000;

export interface CsiDriverOptions {
  name: string;
  /** the driver's socket, on this machine */
  socket: string;
  clock: Clock;
  /** a path of this machine as the driver's own processes see it */
  seenByDriver(path: string): string;
}

/** The node service of one CSI driver. Paths are this machine's; the driver is told its own. */
export class CsiDriver {
  readonly name: string;
  readonly #channel: GrpcChannel;
  readonly #clock: Clock;
  readonly #seen: (path: string) => string;
  #capabilities: Promise<ReadonlySet<NodeCapability>> | undefined;

  constructor({ name, socket, clock, seenByDriver }: CsiDriverOptions) {
    this.name = name;
    this.#channel = new GrpcChannel(socket);
    this.#clock = clock;
    this.#seen = seenByDriver;
  }
  close(): void {
    this.#channel.close();
  }

  info(): Promise<NodeInfo> {
    return this.#call(NODE.info, {});
  }
  async can(capability: NodeCapability): Promise<boolean> {
    this.#capabilities ??= this.#call(NODE.capabilities, {}).then(
      ({ capabilities }) => new Set(capabilities.flatMap(({ rpc }) => (rpc ? [rpc.type] : []))),
      (error: unknown) => {
        this.#capabilities = undefined;
        throw error;
      },
    );
    return (await this.#capabilities).has(capability);
  }
  async stage(request: StageRequest): Promise<void> {
    await this.#call(NODE.stage, { ...request, stagingTargetPath: this.#path(request.stagingTargetPath) });
  }
  async unstage(volumeId: string, staging: string): Promise<void> {
    await this.#call(NODE.unstage, { volumeId, stagingTargetPath: this.#path(staging) });
  }
  async publish(request: PublishRequest): Promise<void> {
    const stagingTargetPath = this.#path(request.stagingTargetPath);
    await this.#call(NODE.publish, { ...request, stagingTargetPath, targetPath: this.#path(request.targetPath) });
  }
  async unpublish(volumeId: string, target: string): Promise<void> {
    await this.#call(NODE.unpublish, { volumeId, targetPath: this.#path(target) });
  }
  async expand(request: ExpandRequest): Promise<void> {
    const stagingTargetPath = this.#path(request.stagingTargetPath);
    await this.#call(NODE.expand, { ...request, stagingTargetPath, volumePath: this.#path(request.volumePath) });
  }
  async usage(volumeId: string, path: string, staging: string | undefined): Promise<VolumeUsage> {
    const request = { volumeId, volumePath: this.#path(path), stagingTargetPath: this.#path(staging) };
    const { usage } = await this.#call(NODE.stats, request);
    const bytes = usage.find(({ unit }) => unit === "BYTES");
    const inodes = usage.find(({ unit }) => unit === "INODES");
    return {
      ...(bytes ? { capacityBytes: bytes.total, availableBytes: bytes.available, usedBytes: bytes.used } : {}),
      ...(inodes ? { inodes: inodes.total, inodesFree: inodes.available, inodesUsed: inodes.used } : {}),
    };
  }

  #path(path: string | undefined): string {
    return path ? this.#seen(path) : "";
  }
  /** An error as Go's gRPC prints it, which is what events have shown to everyone so far. */
  async #call<Q, A>(method: Method<Q, A>, request: Encodable<Q>): Promise<A> {
    const error = () => new GrpcError("DEADLINE_EXCEEDED", "context deadline exceeded");
    try {
      return await withDeadline({ clock: this.#clock, after: LONGEST_CALL, error }, (signal) =>
        this.#channel.call(method, request, { signal }),
      );
    } catch (cause) {
      if (!(cause instanceof GrpcError)) throw cause;
      throw new CsiError(cause);
    }
  }
}

/** A call that the driver has refused, or not answered. */
export class CsiError extends Error {
  readonly code: string;
  constructor(cause: GrpcError) {
    super(`rpc error: code = ${goName(cause.code)} desc = ${cause.message}`, { cause });
    this.code = cause.code;
  }
}

/** "FAILED_PRECONDITION" is "FailedPrecondition" there. */
const goName = (code: string): string =>
  code === "OK" ? code : code.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
