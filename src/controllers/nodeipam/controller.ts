import { Node } from "../../api/core/v1/index.ts";
import { type Controller, controller, done, type View } from "../../client/index.ts";
import { BlockPool } from "./cidrs.ts";

const blocksOf = (node: Node): string[] => node.spec.podCIDRs ?? (node.spec.podCIDR ? [node.spec.podCIDR] : []);

export interface NodeIPAMOptions {
  /** the addresses of all Pods; of both IP families with a comma between */
  clusterCIDR: string;
  /** of IPv4 blocks */
  nodeCIDRMaskSize: number;
  /** of IPv6 blocks; default 64 */
  nodeCIDRMaskSizeIPv6?: number;
}

/** Gives each node a block of the cluster's Pod addresses, of each range one, which nobody else has. */
export function nodeIPAMController(options: NodeIPAMOptions): Controller {
  const { clusterCIDR, nodeCIDRMaskSize, nodeCIDRMaskSizeIPv6 = 64 } = options;
  const pools = clusterCIDR
    .split(",")
    .map((cidr) => new BlockPool(cidr, cidr.includes(":") ? nodeCIDRMaskSizeIPv6 : nodeCIDRMaskSize));
  /** blocks by node, also those that were given a moment ago */
  const given = new Map<string, readonly string[]>();
  let isLoaded = false;

  const load = (view: View) => {
    if (isLoaded) return;
    isLoaded = true;
    for (const node of view.list(Node)) note(node);
  };
  const note = (node: Node) => {
    const blocks = blocksOf(node);
    for (const block of blocks) for (const pool of pools) pool.occupy(block);
    if (blocks.length > 0) given.set(node.metadata.name ?? "", blocks);
  };

  return controller({
    name: "cidrAllocator",
    for: Node,
    workers: 1,
    when: (node) => blocksOf(node).length === 0,
    async reconcile(node, { client, events, view }) {
      load(view);
      note(node);
      const name = node.metadata.name ?? "";
      if (blocksOf(node).length > 0) return done;
      const blocks = given.get(name) ?? takeBlocks(pools);
      if (!blocks) {
        events.event(node, "Normal", "CIDRNotAvailable", `Node ${name} status is now: CIDRNotAvailable`);
        throw new Error(`no block is left of ${clusterCIDR}`);
      }
      given.set(name, blocks);
      await client.patch(Node, { name }, "strategic", { spec: { podCIDR: blocks[0], podCIDRs: blocks } });
      return done;
    },
    async gone({ name }) {
      for (const block of given.get(name) ?? []) for (const pool of pools) pool.release(block);
      given.delete(name);
    },
  });
}

/** A block of each pool, or none at all. */
function takeBlocks(pools: readonly BlockPool[]): string[] | undefined {
  const blocks: string[] = [];
  for (const pool of pools) {
    const block = pool.allocate();
    if (block !== undefined) blocks.push(block);
    else {
      for (const taken of blocks) for (const other of pools) other.release(taken);
      return undefined;
    }
  }
  return blocks;
}
