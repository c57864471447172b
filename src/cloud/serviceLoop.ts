import { isNodeReady, Node, Service } from "../api/core/v1/index.ts";
import { deepEqual } from "../apimachinery/equal.ts";
import { type Controller, controller, done, type ReconcileContext, watch } from "../client/index.ts";
import type { Ingress, LoadBalancers } from "./provider.ts";

/** Keeps a Service until its load balancer is gone. */
export const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";
const EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";

/** Whether the Service is to have a load balancer of ours: not one of another class, and not one that is going. */
export function wantsBalancer({ metadata, spec }: Service): boolean {
  return spec.type === "LoadBalancer" && spec.loadBalancerClass === undefined && !metadata.deletionTimestamp;
}

/** Nodes that a load balancer sends packets to. */
export function servingNodes(nodes: readonly Node[]): Node[] {
  return nodes
    .filter(({ metadata }) => metadata.labels?.[EXCLUDED] === undefined && !metadata.deletionTimestamp)
    .filter(isNodeReady)
    .toSorted((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1));
}

const named = (nodes: readonly Node[]) => nodes.map(({ metadata }) => metadata.name).join();

/** Gives Services of type LoadBalancer an address of the cloud. */
export function serviceController(balancers: LoadBalancers): Controller {
  /** the nodes that each Service's load balancer was last told of */
  const told = new Map<string, string>();
  const everyService = (_: Node, view: { list(kind: typeof Service): readonly Service[] }) =>
    view
      .list(Service)
      .filter(wantsBalancer)
      .map(({ metadata: { namespace, name = "" } }) => ({ namespace, name }));
  return controller({
    name: "service",
    for: Service,
    watches: [watch(Node, everyService, (node, old) => named(servingNodes([node])) !== named(servingNodes([old])))],
    async reconcile(service, context) {
      if (wantsBalancer(service)) await ensure(service, balancers, told, context);
      else await remove(service, balancers, context);
      return done;
    },
  });
}

async function ensure(
  service: Service,
  balancers: LoadBalancers,
  told: Map<string, string>,
  { client, view, events }: ReconcileContext,
): Promise<void> {
  const uid = service.metadata.uid ?? "";
  const nodes = servingNodes(view.list(Node));
  const known = service.status.loadBalancer?.ingress ?? [];
  const isNew = known.length === 0;
  if (isNew) events.event(service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer");
  // the finalizer first: what the cloud lends is never forgotten
  const kept = service.metadata.finalizers?.includes(FINALIZER)
    ? service
    : await client.update(Service, withFinalizers(service, [...(service.metadata.finalizers ?? []), FINALIZER]));
  let ingress: readonly Ingress[];
  try {
    ingress = await balancers.ensure(kept, nodes);
  } catch (error) {
    const why = (error as Error).message;
    events.event(service, "Warning", "SyncLoadBalancerFailed", `Error syncing load balancer: ${why}`);
    throw error;
  }
  const before = told.get(uid);
  told.set(uid, named(nodes));
  if (before !== undefined && before !== named(nodes)) {
    events.event(service, "Normal", "UpdatedLoadBalancer", "Updated load balancer with new hosts");
  }
  if (deepEqual(known, ingress)) return;
  await client.updateStatus(Service, { ...kept, status: { ...kept.status, loadBalancer: { ingress: [...ingress] } } });
  events.event(service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer");
}

async function remove(service: Service, balancers: LoadBalancers, { client, events }: ReconcileContext): Promise<void> {
  const finalizers = service.metadata.finalizers ?? [];
  if (!finalizers.includes(FINALIZER)) return;
  events.event(service, "Normal", "DeletingLoadBalancer", "Deleting load balancer");
  await balancers.remove(service);
  let current = service;
  if (!service.metadata.deletionTimestamp && service.status.loadBalancer?.ingress?.length) {
    current = await client.updateStatus(Service, { ...service, status: { ...service.status, loadBalancer: {} } });
  }
  const left = finalizers.filter((name) => name !== FINALIZER);
  await client.update(Service, withFinalizers(current, left));
  events.event(service, "Normal", "DeletedLoadBalancer", "Deleted load balancer");
}

const withFinalizers = (service: Service, finalizers: string[]): Service => ({
  ...service,
  metadata: { ...service.metadata, finalizers },
});
