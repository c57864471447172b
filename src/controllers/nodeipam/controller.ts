import { Node } from "../../api/core/v1/index.ts";
import { type Controller, controller, done, type View } from "../../client/index.ts";
import { BlockPool } from "./cidrs.ts";

const blocksOf = (node: Node): string[] => node.spec.podCIDRs ?? (node.spec.podCIDR ? [node.spec.podCIDR] : []);

/** Gives each node a block of the cluster's Pod addresses, which nobody else has. */
export function nodeIPAMController(options: { clusterCIDR: string; nodeCIDRMaskSize: number }): Controller {
  const pool = new BlockPool(options.clusterCIDR, options.nodeCIDRMaskSize);
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
    for (const block of blocks) pool.occupy(block);
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
      const block = given.get(name)?.[0] ?? pool.allocate();
      if (!block) {
        events.event(node, "Normal", "CIDRNotAvailable", `Node ${name} status is now: CIDRNotAvailable`);
        throw new Error(`no block is left of ${options.clusterCIDR}`);
      }
      given.set(name, [block]);
      await client.patch(Node, { name }, "strategic", { spec: { podCIDR: block, podCIDRs: [block] } });
      return done;
    },
    async gone({ name }) {
      for (const block of given.get(name) ?? []) pool.release(block);
      given.delete(name);
    },
  });
}
