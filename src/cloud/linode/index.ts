import type { Clock } from "../../util/clock.ts";
import type { Random } from "../../util/random.ts";
import type { CloudProvider } from "../provider.ts";
import { LinodeAccount } from "./account.ts";
import type { LinodeConfig } from "./config.ts";
import { linodeDisks } from "./disks.ts";
import { linodeInstances } from "./instances.ts";
import { linodeLoadBalancers } from "./loadBalancers.ts";
import { linodeNodeGroups } from "./nodeGroups.ts";
import { linodeRoutes } from "./routes.ts";

export { type LinodeConfig, type LinodeGroup, parseLinodeConfig } from "./config.ts";
export { LinodeError } from "./errors.ts";

export interface LinodeOptions extends LinodeConfig {
  clock: Clock;
  random: Random;
}

/** Linode (Akamai Connected Cloud) as a cloud of a cluster. It routes to Pods where there is a VPC. */
export function createLinodeProvider(options: LinodeOptions): CloudProvider {
  const { token, clock, apiUrl, region, cluster, nodeGroups, random, vpc } = options;
  const account = new LinodeAccount({ token, clock, url: apiUrl });
  return {
    name: "linode",
    instances: linodeInstances(account),
    loadBalancers: linodeLoadBalancers(account, { region, cluster }),
    nodeGroups: linodeNodeGroups(account, { region, cluster, groups: nodeGroups, random, vpc }),
    ...(vpc ? { routes: linodeRoutes(account, vpc.id) } : {}),
    disks: linodeDisks(account, { region, cluster, clock }),
  };
}
