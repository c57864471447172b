import type { ResourceClaim } from "../../api/resource/v1/index.ts";
import type { Clock } from "../../util/clock.ts";
import { withDeadline } from "../../util/deadline.ts";
import { GrpcChannel } from "../../util/grpc/channel.ts";
import { type ClaimName, DRA_VERSIONS, type DraVersion, type PreparedDevice } from "./messages.ts";

/** As long as Kubernetes gives a driver. */
const LONGEST_CALL = 45_000;

/** The newest version that both sides speak; undefined: none. */
export const spokenVersion = (supported: readonly string[]): DraVersion | undefined =>
  DRA_VERSIONS.find(({ name }) => supported.includes(name));

export const claimName = ({ metadata }: ResourceClaim): ClaimName => ({
  namespace: metadata.namespace!,
  name: metadata.name!,
  uid: metadata.uid!,
});

/** The driver of devices on this node. */
export class DevicePlugin {
  readonly name: string;
  readonly #channel: GrpcChannel;
  readonly #clock: Clock;
  readonly #version: DraVersion;

  constructor(options: { name: string; socket: string; clock: Clock; version: DraVersion }) {
    this.name = options.name;
    this.#channel = new GrpcChannel(options.socket);
    this.#clock = options.clock;
    this.#version = options.version;
  }
  close(): void {
    this.#channel.close();
  }

  /** Makes a claim's devices ready; may be asked again for a claim that is. */
  async prepare(claim: ClaimName): Promise<PreparedDevice[]> {
    const { claims } = await this.#timely("NodePrepareResources", (signal) =>
      this.#channel.call(this.#version.prepare, { claims: [claim] }, { signal }),
    );
    const answer = claims.find(({ key }) => key === claim.uid);
    if (!answer) throw new Error(`NodePrepareResources left out ResourceClaim ${claim.name}`);
    if (answer.value?.error)
      throw new Error(`NodePrepareResources failed for ResourceClaim ${claim.name}: ${answer.value.error}`);
    return answer.value?.devices ?? [];
  }

  async unprepare(claim: ClaimName): Promise<void> {
    const { claims } = await this.#timely("NodeUnprepareResources", (signal) =>
      this.#channel.call(this.#version.unprepare, { claims: [claim] }, { signal }),
    );
    const answer = claims.find(({ key }) => key === claim.uid);
    if (!answer) throw new Error(`NodeUnprepareResources left out ResourceClaim ${claim.name}`);
    if (answer.value?.error) {
      throw new Error(`NodeUnprepareResources failed for ResourceClaim ${claim.name}: ${answer.value.error}`);
    }
  }

  #timely<T>(method: string, work: (signal?: AbortSignal) => Promise<T>): Promise<T> {
    const error = () => new Error(`driver ${this.name} does not answer ${method}`);
    return withDeadline({ clock: this.#clock, after: LONGEST_CALL, error }, work);
  }
}
