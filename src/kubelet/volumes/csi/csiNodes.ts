import { Node } from "../../../api/core/v1/index.ts";
import { CSINode, type CSINodeDriver, DISK_DRIVER } from "../../../api/storage/v1/index.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../../../apimachinery/status.ts";
import type { Client } from "../../../client/client.ts";
import { Turns } from "../../../util/turns.ts";
import type { NodeInfo } from "./messages.ts";

const NODE_IDS = "csi.volume.kubernetes.io/nodeid";

/** What the API says of this node's storage drivers: its CSINode, and labels and an annotation of its Node. */
export class CsiNodes {
  readonly #client: Client;
  readonly #name: string;
  /** one change after the other */
  readonly #turns = new Turns(1);

  constructor(client: Client, nodeName: string) {
    this.#client = client;
    this.#name = nodeName;
  }

  /** The driver for disks is part of the kubelet; others that are known from before stay. */
  register(node: Node): Promise<void> {
    const driver = { name: DISK_DRIVER, nodeID: this.#name, topologyKeys: [] };
    return this.#turns.take(() => this.#change(node, (drivers) => [...without(drivers, DISK_DRIVER), driver]));
  }

  declare(name: string, { nodeId, maxVolumesPerNode, accessibleTopology }: NodeInfo): Promise<void> {
    if (nodeId === "") throw new Error(`the driver ${name} does not say what it calls this node`);
    const segments = accessibleTopology?.segments ?? {};
    const driver = {
      name,
      nodeID: nodeId,
      topologyKeys: Object.keys(segments).sort(),
      ...(maxVolumesPerNode > 0 ? { allocatable: { count: maxVolumesPerNode } } : {}),
    };
    return this.#turns.take(async () => {
      const node = await this.#client.get(Node, { name: this.#name });
      for (const [key, value] of Object.entries(segments)) {
        const has = node.metadata.labels?.[key];
        if (has === undefined || has === value) continue;
        throw new Error(
          `detected topology value collision: driver reported "${key}":"${value}" but existing label is "${key}":"${has}"`,
        );
      }
      await this.#annotate(node, { [name]: nodeId }, segments);
      await this.#change(node, (drivers) => [...without(drivers, name), driver]);
    });
  }

  withdraw(name: string): Promise<void> {
    return this.#turns.take(async () => {
      const node = await this.#client.get(Node, { name: this.#name });
      await this.#change(node, (drivers) => without(drivers, name));
      await this.#annotate(node, { [name]: undefined }, {});
    });
  }

  async #annotate(node: Node, ids: Record<string, string | undefined>, labels: Record<string, string>) {
    const text = node.metadata.annotations?.[NODE_IDS];
    const known = { ...(text ? (JSON.parse(text) as object) : {}), ...ids };
    const next = JSON.stringify(known);
    const annotations = { [NODE_IDS]: next === "{}" ? null : next };
    await this.#client.patch(Node, { name: this.#name }, "merge", { metadata: { annotations, labels } });
  }

  async #change(node: Node, change: (drivers: readonly CSINodeDriver[]) => CSINodeDriver[]): Promise<void> {
    const { name = "", uid = "" } = node.metadata;
    const ownerReferences = [{ apiVersion: "v1", kind: "Node", name, uid }];
    const found = await this.#client.get(CSINode, { name }).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    const drivers = change(found?.spec.drivers ?? []);
    if (!found) {
      const made = { metadata: { name, ownerReferences }, spec: { drivers } } as unknown as CSINode;
      await this.#client.create(CSINode, made).catch((error) => {
        if (!isAlreadyExists(error)) throw error;
        return this.#change(node, change);
      });
      return;
    }
    const { resourceVersion } = found.metadata;
    const patch = { metadata: { ownerReferences, resourceVersion }, spec: { drivers } };
    await this.#client.patch(CSINode, { name }, "merge", patch).catch((error) => {
      if (!isConflict(error)) throw error;
      return this.#change(node, change);
    });
  }
}

const without = (drivers: readonly CSINodeDriver[], name: string) => drivers.filter((it) => it.name !== name);
