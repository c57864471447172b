import type { Clock } from "../../util/clock.ts";
import type { Random } from "../../util/random.ts";
import type { CloudProvider } from "../provider.ts";
import { LinodeApi } from "./api.ts";
import type { LinodeConfig } from "./config.ts";
import { linodeInstances } from "./instances.ts";
import { linodeLoadBalancers } from "./loadBalancers.ts";
import { linodeNodeGroups } from "./nodeGroups.ts";

export { LinodeError } from "./api.ts";
export { type LinodeConfig, type LinodeGroup, parseLinodeConfig } from "./config.ts";

export interface LinodeOptions extends LinodeConfig {
  clock: Clock;
  random: Random;
  /** Node.js's own if absent */
  fetch?: typeof fetch;
}

/** Linode (Akamai Connected Cloud) as a cloud of a cluster. It has no routes of its own between machines to offer. */
export function createLinodeProvider(options: LinodeOptions): CloudProvider {
  const { token, clock, apiUrl, region, cluster, nodeGroups, random } = options;
  const api = new LinodeApi({ token, clock, url: apiUrl, fetch: options.fetch });
  return {
    name: "linode",
    instances: linodeInstances(api),
    loadBalancers: linodeLoadBalancers(api, { region, cluster }),
    nodeGroups: linodeNodeGroups(api, { region, cluster, groups: nodeGroups, random }),
  };
}
