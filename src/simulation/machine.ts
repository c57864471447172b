import { Lease } from "../api/coordination/v1/index.ts";
import { Node } from "../api/core/v1/index.ts";
import { isAlreadyExists, isNotFound } from "../apimachinery/status.ts";
import { formatMicroTime } from "../apimachinery/time.ts";
import type { Runtime } from "../client/index.ts";
import type { Timer } from "../util/clock.ts";
import { AddressBlock } from "./addresses.ts";
import { LEASES, leaseObject, nodeObject, nodeStatus, type SimulatedNode } from "./nodeObject.ts";

const HEARTBEAT = 10_000;
/** Machines beat at common moments: what comes together costs the server far less than what comes one by one. */
const TICK = 200;
/** The status is sent anew so often even when nothing changed. */
const STATUS_HEARTBEAT = 300_000;

/** One pretended machine: registers its node and keeps saying that it lives. */
export class Machine {
  readonly node: SimulatedNode;
  readonly address: string;
  readonly #runtime: Runtime;
  #addresses: AddressBlock | undefined;
  #timer: Timer | undefined;
  #lease: Lease | undefined;
  #statusAt = 0;
  #isAlive = false;

  constructor(node: SimulatedNode, address: string, runtime: Runtime) {
    this.node = node;
    this.address = address;
    this.#runtime = runtime;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Registers the node, or takes up the one that is there, and begins to beat. */
  async start(): Promise<void> {
    const { client, clock, random } = this.#runtime;
    const { name } = this.node;
    const now = clock.now();
    this.#isAlive = true;
    const node = await client.create(Node, nodeObject(this.node, this.address, now)).catch(async (error) => {
      if (!isAlreadyExists(error)) throw error;
      return client.get(Node, { name });
    });
    await this.#writeStatus(node);
    await this.#beginLease(node, now);
    this.#beatIn(HEARTBEAT * (0.5 + random.next() / 2));
  }

  /** Falls silent, as a machine without power does. */
  stop(): void {
    this.#isAlive = false;
    this.#timer?.cancel();
  }

  /** The address of a Pod; undefined until the node has a block of addresses. */
  podAddress(uid: string, podCIDR: string | undefined): string | undefined {
    if (!this.#addresses && podCIDR) this.#addresses = new AddressBlock(podCIDR);
    return this.#addresses?.take(uid);
  }
  release(uid: string): void {
    this.#addresses?.release(uid);
  }

  async #beginLease(node: Node, now: number): Promise<void> {
    const { client } = this.#runtime;
    const { name } = this.node;
    this.#lease = await client.create(Lease, leaseObject(name, node, now)).catch(async (error) => {
      if (!isAlreadyExists(error)) throw error;
      return client.get(Lease, { namespace: LEASES, name });
    });
  }

  #beatIn(ms: number): void {
    const { clock } = this.#runtime;
    const now = clock.now();
    const at = Math.floor((now + ms) / TICK) * TICK;
    this.#timer = clock.setTimer(at - now, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    if (!this.#isAlive) return;
    try {
      await this.#renew();
      if (this.#runtime.clock.now() - this.#statusAt >= STATUS_HEARTBEAT) await this.#sendStatus();
    } catch (error) {
      this.#runtime.logger.debug("heartbeat failed", { node: this.node.name, error: (error as Error).message });
    }
    if (this.#isAlive) this.#beatIn(HEARTBEAT);
  }

  async #renew(): Promise<void> {
    const { client, clock } = this.#runtime;
    const lease = this.#lease;
    if (!lease) return;
    const spec = { ...lease.spec, renewTime: formatMicroTime(clock.now()) };
    try {
      this.#lease = await client.update(Lease, { ...lease, spec });
    } catch (error) {
      if (isNotFound(error)) return this.#restoreLease();
      this.#lease = await client.get(Lease, { namespace: LEASES, name: this.node.name });
      throw error;
    }
  }

  async #restoreLease(): Promise<void> {
    const { client, clock } = this.#runtime;
    await this.#beginLease(await client.get(Node, { name: this.node.name }), clock.now());
  }

  /** Reads the node anew: others write to it too. */
  async #sendStatus(): Promise<void> {
    await this.#writeStatus(await this.#runtime.client.get(Node, { name: this.node.name }));
  }

  async #writeStatus(node: Node): Promise<void> {
    const { client, clock } = this.#runtime;
    const now = clock.now();
    this.#statusAt = now;
    const { name } = this.node;
    const status = nodeStatus(this.node, this.address, node.status, now);
    await client.patch(Node, { name }, "strategic", { status }, { subresource: "status" });
  }
}
