import { httpsTransport } from "../client/https.ts";
import type { Clock } from "../util/clock.ts";
import { readyz } from "./api.ts";
import { type ClusterConfig, clusterNetwork, clusterPaths } from "./layout.ts";
import { adminAccess, componentStates, existingCluster } from "./lifecycle.ts";
import type { ComponentState } from "./supervisor.ts";

export interface NodeState {
  name: string;
  ready: boolean;
  message?: string;
}

export interface ClusterStatus {
  name: string;
  /** "running" when all components run and the API answers; "stopped" when none does; else "degraded" */
  state: "running" | "degraded" | "stopped";
  server: string;
  context: string;
  kubeconfig?: string;
  folder: string;
  components: ComponentState[];
  nodes: NodeState[];
}

export async function clusterStatus(name: string, clock: Clock): Promise<ClusterStatus> {
  const config = await existingCluster(name);
  const components = await componentStates(config, clock);
  const running = components.filter((c) => c.phase === "running").length;
  const nodes = running === 0 ? undefined : await readNodes(config);
  // a joined machine has no administrator's key to ask with
  const isServed = config.joined !== undefined || (nodes !== undefined && nodes.length > 0);
  const whole = running === components.length && isServed && (nodes ?? []).every((n) => n.ready);
  return {
    name,
    state: whole ? "running" : running === 0 ? "stopped" : "degraded",
    server: config.joined?.server ?? (await adminAccess(name).catch(() => undefined))?.server ?? "",
    context: clusterNetwork(name, config.index).context,
    kubeconfig: config.kubeconfig?.file,
    folder: clusterPaths(name).state,
    components,
    nodes: nodes ?? [],
  };
}

interface NodeList {
  items: {
    metadata: { name: string };
    status?: { conditions?: { type: string; status: string; message?: string }[] };
  }[];
}

/** The nodes as the API has them; undefined when it does not answer. */
async function readNodes(config: ClusterConfig): Promise<NodeState[] | undefined> {
  const access = await adminAccess(config.name).catch(() => undefined); // half-started: no keys yet
  if (!access?.ca || (await readyz(access.server, access.ca)) !== 200) return undefined;
  const transport = httpsTransport(access);
  try {
    const list = (await transport.request({ method: "GET", path: "/api/v1/nodes" })) as NodeList;
    return list.items.map(({ metadata, status }) => {
      const ready = status?.conditions?.find((condition) => condition.type === "Ready");
      return { name: metadata.name, ready: ready?.status === "True", message: ready?.message };
    });
  } finally {
    await transport.close();
  }
}
