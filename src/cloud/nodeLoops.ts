import { isNodeReady, Node } from "../api/core/v1/index.ts";
import { deepEqual } from "../apimachinery/equal.ts";
import { isNotFound } from "../apimachinery/status.ts";
import { after, type Controller, controller, done, type ReconcileContext } from "../client/index.ts";
import type { CloudProvider, Instance, Instances } from "./provider.ts";

const UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized";
const SHUTDOWN = "node.cloudprovider.kubernetes.io/shutdown";
/** How often the cloud is asked of a machine whose node is well, and of one whose node is not (ms). */
const SELDOM = 300_000;
const OFTEN = 5_000;

/** What the cloud knows of the machine, in its node: identity, labels, and no word any more that it is missing. Pure. */
export function withInstance(node: Node, instance: Instance): Node {
  const { type, zone, region } = instance;
  const labels = {
    ...node.metadata.labels,
    "node.kubernetes.io/instance-type": type,
    ...(zone ? { "topology.kubernetes.io/zone": zone } : {}),
    ...(region ? { "topology.kubernetes.io/region": region } : {}),
  };
  const taints = node.spec.taints?.filter(({ key }) => key !== UNINITIALIZED);
  const spec = { ...node.spec, providerID: node.spec.providerID || instance.providerID };
  if (taints?.length) spec.taints = taints;
  else delete spec.taints;
  return { ...node, metadata: { ...node.metadata, labels }, spec };
}

/** The addresses that the cloud adds to those the kubelet knows. */
export function withAddresses(node: Node, { addresses }: Instance): Node {
  const known = node.status.addresses ?? [];
  const isKnown = (it: { type: string; address: string }) =>
    known.some(({ type, address }) => type === it.type && address === it.address);
  const more = addresses.filter((it) => !isKnown(it));
  return more.length === 0 ? node : { ...node, status: { ...node.status, addresses: [...known, ...more] } };
}

/** Tells each node what the cloud knows of its machine. */
export function cloudNodeController(instances: Instances): Controller {
  return controller({
    name: "cloud-node",
    for: Node,
    when: (node, old) => node.spec.providerID !== old.spec.providerID || !deepEqual(node.spec.taints, old.spec.taints),
    async reconcile(node, { client }) {
      const instance = await instances.of(node);
      // a node that this cloud knows nothing of is somebody else's
      if (!instance) return after(SELDOM);
      const wanted = withInstance(node, instance);
      const same = deepEqual([wanted.metadata.labels, wanted.spec], [node.metadata.labels, node.spec]);
      const current = same ? node : await client.update(Node, wanted);
      const addressed = withAddresses(current, instance);
      if (addressed !== current) await client.updateStatus(Node, addressed);
      return after(SELDOM);
    },
  });
}

/** Takes away nodes whose machines are gone, and marks those whose machines are off. */
export function cloudNodeLifecycleController({
  name,
  instances,
}: CloudProvider & { instances: Instances }): Controller {
  return controller({
    name: "cloud-node-lifecycle",
    for: Node,
    when: (node, old) => isNodeReady(node) !== isNodeReady(old),
    async reconcile(node, context) {
      if (!node.spec.providerID?.startsWith(`${name}://`)) return done;
      const isOff = node.spec.taints?.some(({ key }) => key === SHUTDOWN) ?? false;
      if (isNodeReady(node)) {
        if (isOff) await setShutdown(node, false, context);
        return done;
      }
      const instance = await instances.of(node);
      if (!instance) {
        await removeNode(node, context);
        return done;
      }
      if ((instance.state === "stopped") !== isOff) await setShutdown(node, !isOff, context);
      return after(OFTEN);
    },
  });
}

async function removeNode(node: Node, { client, events, logger }: ReconcileContext): Promise<void> {
  const { name = "", uid } = node.metadata;
  logger.info("the node's machine is gone", { node: name });
  const message = `Deleting node ${name} because it does not exist in the cloud provider`;
  events.event(node, "Normal", "DeletingNode", message);
  await client.delete(Node, { name }, { preconditions: { uid } }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error; // gone already, as wanted
  });
}

async function setShutdown(node: Node, off: boolean, { client }: ReconcileContext): Promise<void> {
  const others = (node.spec.taints ?? []).filter(({ key }) => key !== SHUTDOWN);
  const taints = off ? [...others, { key: SHUTDOWN, effect: "NoSchedule" as const }] : others;
  await client.update(Node, { ...node, spec: { ...node.spec, taints } });
}
