import { readFileSync } from "node:fs";
import { Service } from "../api/core/v1/index.ts";
import { type Runtime, runAll } from "../client/index.ts";
import {
  type CloudProvider,
  createLinodeProvider,
  type LocalMachine,
  localProvider,
  parseLinodeConfig,
  runCloudControllerManager,
} from "../cloud/index.ts";
import { readCluster } from "../cluster/config.ts";
import { listMachines } from "../cluster/machines/machines.ts";
import { hostNode } from "../cluster/nodes/node.ts";
import { diskControllers } from "../controllers/index.ts";
import { FlagError, type FlagValues, list } from "./flags.ts";
import { LEADER_FLAGS } from "./leading.ts";
import { processCommand, runTogether } from "./process.ts";
import { KUBECONFIG_FLAG, runElected } from "./remote.ts";

/** The field's flags of a cloud controller manager, and those of the cloud that is this host. */
export const CLOUD_FLAGS = {
  "cloud-provider": { description: "whose machines these are: local, linode or none", default: "none" },
  "cloud-config": { description: "file with the configuration of --cloud-provider=linode" },
  "local-cluster": { description: "name of the cluster on this host, for --cloud-provider=local" },
  "local-balancer-addresses": {
    description: "addresses of load balancers, for --cloud-provider=local",
    default: "10.190.0.0/16",
  },
} as const;
type CloudValues = FlagValues<typeof CLOUD_FLAGS>;

/** As whom the loops act; an add-on says what that user may. */
export const CLOUD_USER = { name: "system:cloud-controller-manager", groups: ["system:authenticated"] };

export const hasCloud = (flags: CloudValues): boolean => flags["cloud-provider"] !== "none";

/** The nodes of the cluster on this host, as its settings name them now. */
async function machinesOf(cluster: string): Promise<LocalMachine[]> {
  const config = await readCluster(cluster);
  if (!config) throw new Error(`there is no cluster ${cluster} on this host`);
  const machines = await listMachines(config);
  const others = (config.nodes ?? []).map(({ name, stopped = false }) => {
    const { address = "", ipv6 } = machines.find((machine) => machine.name === name) ?? {};
    return { name, addresses: ipv6 ? [address, ipv6] : [address], isStopped: stopped };
  });
  const { address, ipv6 } = hostNode(config);
  return [{ name: config.nodeName, addresses: ipv6 ? [address, ipv6] : [address], isStopped: false }, ...others];
}

/** What is wrong with the configuration is told like a wrong flag: in one line. */
export function linodeOf(
  flags: Pick<CloudValues, "cloud-config">,
  { clock, random }: Pick<Runtime, "clock" | "random">,
): CloudProvider {
  const file = flags["cloud-config"];
  if (file === undefined) throw new FlagError("--cloud-provider=linode needs --cloud-config");
  try {
    const config = parseLinodeConfig(readFileSync(file, "utf8"), process.env);
    return createLinodeProvider({ ...config, clock, random });
  } catch (error) {
    throw new FlagError(`--cloud-config: ${(error as Error).message}`);
  }
}

export function cloudOf(flags: CloudValues, runtime: Runtime): CloudProvider {
  const provider = flags["cloud-provider"];
  if (provider === "linode") return linodeOf(flags, runtime);
  const cluster = flags["local-cluster"];
  if (provider !== "local")
    throw new FlagError(`--cloud-provider: there is no ${provider}; there are local, linode and none`);
  if (cluster === undefined) throw new FlagError("--cloud-provider=local needs --local-cluster");
  const services = runtime.informers.informer(Service);
  return localProvider({
    cluster,
    machines: { list: () => machinesOf(cluster) },
    pools: list(flags["local-balancer-addresses"]),
    services: () => services.list(),
  });
}

/** The loops, and the controllers of the disks that the cloud lends. */
export async function runCloud(flags: CloudValues, runtime: Runtime, signal: AbortSignal): Promise<void> {
  const provider = cloudOf(flags, runtime);
  const { disks } = provider;
  await runTogether(signal, {
    loops: (ending) => runCloudControllerManager({ ...runtime, provider }, ending),
    ...(disks ? { disks: (ending) => runAll(diskControllers(disks), () => runtime, ending) } : {}),
  });
}

export const main = processCommand(
  "cloud-controller-manager",
  "the loops between the cluster and its cloud",
  { ...KUBECONFIG_FLAG, ...CLOUD_FLAGS, ...LEADER_FLAGS },
  async (flags, context) => {
    if (!hasCloud(flags)) throw new FlagError("--cloud-provider says whose machines these are: local or linode");
    // what is wrong with the configuration is told at once, not when this one leads
    if (flags["cloud-provider"] === "linode") linodeOf(flags, context);
    await runElected({ part: "cloud", lease: "cloud-controller-manager", flags, context }, (connected, _, signal) =>
      runTogether(signal, {
        informers: (ending) => connected.informers.run(ending),
        cloud: (ending) => runCloud(flags, connected, ending),
      }),
    );
  },
);
