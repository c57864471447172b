import { Node } from "../api/core/v1/index.ts";
import type { Informers } from "../client/index.ts";
import type { NodeGroup, NodeGroups } from "../cloud/index.ts";
import { readCluster } from "../cluster/config.ts";
import type { ClusterConfig } from "../cluster/layout.ts";
import { withLock } from "../cluster/lock.ts";
import { addNode, type NodeOperation, removeNode } from "../cluster/nodes/manage.ts";
import type { ProcessContext } from "./process.ts";

/** The nodes of the group have it as a label. */
const GROUP_LABEL = "coxswain.io/node-group";
const GROUP = "autoscaled";
/** Whoever holds the cluster's lock may be making nodes as well (ms). */
const LOCK_WAIT = 120_000;
/** What is still on a node that is given back need not be waited for: seconds. */
const GRACE = 5;

export interface LocalGroupOptions {
  cluster: string;
  min: number;
  max: number;
  informers: Informers;
  context: ProcessContext;
}

/** One group: machines of this host that are made and taken away as `cox node add` and `remove` do. */
export function localNodeGroups({ cluster, min, max, informers, context }: LocalGroupOptions): NodeGroups {
  const { clock, signal, logger } = context;
  const operation: NodeOperation = { cluster, clock, signal, note: (note) => logger.info(note) };
  const locked = <T>(work: () => Promise<T>) => withLock(cluster, { clock, wait: LOCK_WAIT }, work);
  const nodes = informers.informer(Node);
  return {
    async list(): Promise<NodeGroup[]> {
      const config = await readCluster(cluster);
      const first = config && nodes.get({ name: config.nodeName });
      return first ? [{ id: GROUP, min, max, template: templateLike(first), members: membersOf(config) }] : [];
    },
    async grow(_group, by) {
      for (let i = 0; i < by; i++) await locked(() => addNode(operation, { labels: { [GROUP_LABEL]: GROUP } }));
    },
    async giveBack(_group, node) {
      await locked(async () => {
        const config = await readCluster(cluster);
        if (config && membersOf(config).includes(node)) await removeNode(operation, node, GRACE);
      });
    },
  };
}

const membersOf = ({ nodes = [] }: ClusterConfig) =>
  nodes.filter(({ labels, stopped }) => labels?.[GROUP_LABEL] === GROUP && !stopped).map(({ name }) => name);

/** All nodes share this host, so each looks like the first. */
function templateLike({ apiVersion, kind, metadata, status }: Node): Node {
  const own = Object.entries(metadata.labels ?? {}).filter(([key]) => !key.startsWith("node-role.kubernetes.io/"));
  const labels = { ...Object.fromEntries(own), [GROUP_LABEL]: GROUP };
  return { apiVersion, kind, metadata: { labels }, spec: {}, status };
}
