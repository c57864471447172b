import { isNotFound } from "../../apimachinery/status.ts";
import type { Transport } from "../../client/transport.ts";
import type { Clock } from "../../util/clock.ts";

/** Tells the machine of a joined node to take everything of the cluster away. */
export const LEAVE = "coxswain.dev/leave";

/** What a Node object says, as far as `cox node list` shows it. */
export interface NodeSummary {
  name: string;
  address?: string;
  ready: boolean;
  schedulable: boolean;
  podCIDR?: string;
}

interface NodeObject {
  metadata: { name: string };
  spec?: { unschedulable?: boolean; podCIDR?: string };
  status?: { conditions?: { type: string; status: string }[]; addresses?: { type: string; address: string }[] };
}

export async function nodeSummaries(api: Transport): Promise<NodeSummary[]> {
  const { items } = (await api.request({ method: "GET", path: "/api/v1/nodes" })) as { items: NodeObject[] };
  return items.map(({ metadata, spec, status }) => {
    const address = status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
    return {
      name: metadata.name,
      ready: status?.conditions?.find(({ type }) => type === "Ready")?.status === "True",
      schedulable: spec?.unschedulable !== true,
      ...(address ? { address } : {}),
      ...(spec?.podCIDR ? { podCIDR: spec.podCIDR } : {}),
    };
  });
}

/** Whether the node's kubelet answers. */
export function isReachable(api: Transport, node: string): Promise<boolean> {
  return answers(api, `/api/v1/nodes/${node}/proxy/healthz`);
}

/** Tells a node elsewhere to go, and waits until its kubelet no longer answers; answers whether that was so in time. */
export async function tellToLeave(
  api: Transport,
  node: string,
  { clock, signal, wait }: { clock: Clock; signal: AbortSignal; wait: number },
): Promise<boolean> {
  const path = `/api/v1/nodes/${node}`;
  const body = { metadata: { annotations: { [LEAVE]: "true" } } };
  await api.request({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
  for (const deadline = clock.now() + wait; clock.now() < deadline; await clock.sleep(200, signal)) {
    if (!(await isReachable(api, node))) return true;
  }
  return false;
}

async function answers(api: Transport, path: string): Promise<boolean> {
  try {
    await api.request({ method: "GET", path });
    return true;
  } catch {
    return false; // the API server could not reach the kubelet
  }
}

/** Keeps new Pods away; answers false when there is no such Node. */
export async function cordon(api: Transport, node: string): Promise<boolean> {
  const body = { spec: { unschedulable: true } };
  const contentType = "application/merge-patch+json";
  const path = `/api/v1/nodes/${node}`;
  return unlessGone(api.request({ method: "PATCH", path, body, contentType })).then((found) => found !== undefined);
}

interface PodList {
  items: { metadata: { name: string; namespace: string } }[];
}

/** Deletes the node's Pods and waits until they are gone, at most `grace` seconds; answers how many are left. */
export async function deletePodsOf(
  api: Transport,
  node: string,
  options: { clock: Clock; signal: AbortSignal; grace: number; wait: boolean },
): Promise<number> {
  const { clock, signal, grace, wait } = options;
  const remove = (gracePeriodSeconds?: number) =>
    podsOf(api, node).then((pods) =>
      Promise.all(
        pods.map(({ metadata: { namespace, name } }) => {
          const body = { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds };
          return unlessGone(
            api.request({ method: "DELETE", path: `/api/v1/namespaces/${namespace}/pods/${name}`, body }),
          );
        }),
      ),
    );
  await remove(wait ? undefined : 0);
  const deadline = clock.now() + grace * 1000;
  let left = await podsOf(api, node);
  while (left.length > 0 && clock.now() < deadline) {
    await clock.sleep(100, signal);
    left = await podsOf(api, node);
  }
  if (left.length > 0) await remove(0);
  return left.length;
}

async function podsOf(api: Transport, node: string): Promise<PodList["items"]> {
  const query = { fieldSelector: `spec.nodeName=${node}` };
  return ((await api.request({ method: "GET", path: "/api/v1/pods", query })) as PodList).items;
}

/** Deletes the Node object and what speaks for the node elsewhere in the API. */
export async function deleteNode(api: Transport, node: string): Promise<void> {
  const paths = [
    `/api/v1/nodes/${node}`,
    `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`,
    `/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/kube-dns-${node}`,
  ];
  for (const path of paths) await unlessGone(api.request({ method: "DELETE", path }));
}

async function unlessGone<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
