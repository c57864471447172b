import { Node } from "../api/core/v1/index.ts";
import { formatTime } from "../apimachinery/time.ts";
import { after, type Controller, controller, type ReconcileContext } from "../client/index.ts";
import type { Route, Routes } from "./provider.ts";

/** How often the cloud's routes are compared with the nodes, besides when a node changes (ms). */
const AGAIN = 300_000;

/** What is missing of the routes to a node's Pods, and what is there but wrong. Pure. */
export function planRoutes(
  node: string,
  cidrs: readonly string[],
  routes: readonly Route[],
): { create: string[]; remove: Route[] } {
  const its = routes.filter((route) => route.node === node);
  return {
    create: cidrs.filter((cidr) => !its.some((route) => route.cidr === cidr)),
    remove: its.filter((route) => !cidrs.includes(route.cidr)),
  };
}

const cidrsOf = ({ spec }: Node): string[] => spec.podCIDRs ?? (spec.podCIDR ? [spec.podCIDR] : []);

/** Has the cloud send packets for each node's Pods to that node. */
export function routeController(routes: Routes): Controller {
  return controller({
    name: "route",
    for: Node,
    when: (node, old) => cidrsOf(node).join() !== cidrsOf(old).join(),
    async reconcile(node, context) {
      const name = node.metadata.name ?? "";
      const plan = planRoutes(name, cidrsOf(node), await routes.list());
      try {
        await Promise.all(plan.remove.map((route) => routes.remove(route)));
        await Promise.all(plan.create.map((cidr) => routes.create({ node: name, cidr })));
      } catch (error) {
        await tell(node, "True", "NoRouteCreated", `Could not create a route: ${(error as Error).message}`, context);
        throw error;
      }
      await tell(node, "False", "RouteCreated", "RouteController created a route", context);
      return after(AGAIN);
    },
    async gone({ name }) {
      for (const route of await routes.list()) if (route.node === name) await routes.remove(route);
    },
  });
}

async function tell(
  node: Node,
  status: "True" | "False",
  reason: string,
  message: string,
  { client, clock }: ReconcileContext,
): Promise<void> {
  const type = "NetworkUnavailable";
  const known = node.status.conditions?.find((condition) => condition.type === type);
  if (known?.status === status && known.reason === reason) return;
  const now = formatTime(clock.now());
  const lastTransitionTime = known?.status === status ? (known.lastTransitionTime ?? now) : now;
  const condition = { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime };
  const others = (node.status.conditions ?? []).filter((it) => it.type !== type);
  await client.updateStatus(Node, { ...node, status: { ...node.status, conditions: [...others, condition] } });
}
