import { BlockList } from "node:net";
import type { Node } from "../api/core/v1/index.ts";
import type { Informer } from "../client/informer.ts";

const EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";

/** The nodes with an address in a range: those that have no way out but through this one. */
export class NodesBehind {
  readonly nodes: Informer<Node>;
  readonly #range = new BlockList();
  readonly #names = new Set<string>();

  constructor(nodes: Informer<Node>, range: string) {
    const [base = "", bits] = range.split("/");
    this.#range.addSubnet(base, Number(bits), base.includes(":") ? "ipv6" : "ipv4");
    this.nodes = nodes;
  }

  /** Calls back when it is another set of nodes: they may be thousands, and each has a heartbeat. */
  subscribe(changed: () => void): () => void {
    const put = (node: Node, isBehind: boolean) => {
      const { name = "" } = node.metadata;
      if (isBehind === this.#names.has(name)) return;
      if (isBehind) this.#names.add(name);
      else this.#names.delete(name);
      changed();
    };
    const look = (node: Node) => put(node, this.#isBehind(node));
    return this.nodes.subscribe({ added: look, updated: look, deleted: (node) => put(node, false) });
  }

  /** Whose Pods a load balancer may use, this node's (`self`) among them. */
  names(self: string): string[] {
    const own = this.nodes.get({ name: self });
    const all = own && !isExcluded(own) ? [...this.#names, self] : [...this.#names];
    return [...new Set(all)].sort();
  }

  #isBehind(node: Node): boolean {
    const addresses = (node.status?.addresses ?? []).filter(({ type }) => type === "InternalIP");
    const inRange = ({ address }: { address: string }) =>
      this.#range.check(address, address.includes(":") ? "ipv6" : "ipv4");
    return !isExcluded(node) && addresses.some(inRange);
  }
}

const isExcluded = ({ metadata }: Node) => metadata.labels?.[EXCLUDED] !== undefined;
