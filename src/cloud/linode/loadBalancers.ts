import type { CreateNodeBalancerConfig, Firewall, NodeBalancer } from "@linode/api-v4";
import type { Service } from "../../api/core/v1/index.ts";
import type { Ingress, LoadBalancers } from "../provider.ts";
import type { LinodeAccount } from "./account.ts";
import {
  type ActualConfig,
  labelOf,
  planConfigs,
  type Step,
  tagOf,
  throttleOf,
  wantedConfigs,
} from "./balancerPlan.ts";
import { attachFirewall, ensureFirewall, removeFirewall, wantedRules } from "./firewall.ts";

interface Place {
  region: string;
  /** the cluster's name, as a second tag: for people who look at their account */
  cluster: string;
}

/** One NodeBalancer for each Service, found again by the tag that carries the Service's UID. */
export function linodeLoadBalancers(account: LinodeAccount, place: Place): LoadBalancers {
  return {
    async ensure(service, nodes) {
      const configs = wantedConfigs(service, nodes);
      const throttle = throttleOf(service);
      const rules = wantedRules(service);
      // first of all: there is no moment when more are let in than may be
      const firewall = rules && (await ensureFirewall(account, service, { cluster: place.cluster, rules }));
      const [first, ...surplus] = await balancersOf(account, service);
      for (const { id } of surplus) await deleteBalancer(account, id);
      if (!first) return ingressOf(await create(account, service, { place, configs, throttle, firewall }));
      if (firewall) await attachFirewall(account, firewall, first.id);
      else await removeFirewall(account, service);
      if (first.client_conn_throttle !== throttle) {
        await account.ask(`PUT /nodebalancers/${first.id}`, (sdk) =>
          sdk.updateNodeBalancer(first.id, { client_conn_throttle: throttle }),
        );
      }
      for (const step of planConfigs(configs, await configsOf(account, first.id))) await take(account, first.id, step);
      return ingressOf(first);
    },
    async remove(service) {
      for (const { id } of await balancersOf(account, service)) await deleteBalancer(account, id);
      await removeFirewall(account, service);
    },
  };
}

async function balancersOf(account: LinodeAccount, service: Service): Promise<NodeBalancer[]> {
  if (!service.metadata.uid) throw new Error("a Service without a UID cannot have a load balancer");
  const filter = { tags: tagOf(service) };
  const found = await account.list("GET /nodebalancers", (sdk) => sdk.getNodeBalancers({}, filter));
  return found.toSorted((a, b) => a.id - b.id);
}

const deleteBalancer = (account: LinodeAccount, id: number): Promise<void> =>
  account.delete(`DELETE /nodebalancers/${id}`, (sdk) => sdk.deleteNodeBalancer(id));

interface Wanted {
  place: Place;
  configs: CreateNodeBalancerConfig[];
  throttle: number;
  firewall: Firewall | undefined;
}

/** With all its ports in one call: there is no moment when it exists without its tag. */
function create(account: LinodeAccount, service: Service, wanted: Wanted): Promise<NodeBalancer> {
  const { place, configs, throttle, firewall } = wanted;
  const data = {
    region: place.region,
    label: labelOf(service),
    client_conn_throttle: throttle,
    tags: [tagOf(service), `cluster:${place.cluster}`],
    configs,
    ...(firewall ? { firewall_id: firewall.id } : {}),
  };
  return account.ask("POST /nodebalancers", (sdk) => sdk.createNodeBalancer(data));
}

async function configsOf(account: LinodeAccount, id: number): Promise<ActualConfig[]> {
  const path = `GET /nodebalancers/${id}/configs`;
  const configs = await account.list(path, (sdk) => sdk.getNodeBalancerConfigs(id));
  return Promise.all(
    configs.map(async (config) => ({
      config,
      backends: await account.list(`${path}/${config.id}/nodes`, (sdk) =>
        sdk.getNodeBalancerConfigNodes(id, config.id),
      ),
    })),
  );
}

async function take(account: LinodeAccount, balancer: number, step: Step): Promise<void> {
  const path = `/nodebalancers/${balancer}/configs`;
  const rebuild = (config: number, settings: CreateNodeBalancerConfig) =>
    account.ask(`POST ${path}/${config}/rebuild`, (sdk) => sdk.rebuildNodeBalancerConfig(balancer, config, settings));
  if (step.do === "delete") {
    await account.delete(`DELETE ${path}/${step.id}`, (sdk) => sdk.deleteNodeBalancerConfig(balancer, step.id));
  } else if (step.do === "rebuild") await rebuild(step.id, step.settings);
  else {
    // A new port takes its nodes by a rebuild only. When that fails it has none, and the next pass rebuilds it.
    const made = await account.ask(`POST ${path}`, (sdk) => sdk.createNodeBalancerConfig(balancer, step.settings));
    await rebuild(made.id, step.settings);
  }
}

/** Connections end at the NodeBalancer, also those from within the cluster: nodes must not take its address for theirs. */
function ingressOf({ ipv4, hostname }: NodeBalancer): Ingress[] {
  return [{ ip: ipv4, hostname, ipMode: "Proxy" }];
}
