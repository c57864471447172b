import type { Service } from "../../api/core/v1/index.ts";
import type { Ingress, LoadBalancers } from "../provider.ts";
import type { LinodeApi } from "./api.ts";
import {
  type ActualConfig,
  labelOf,
  planConfigs,
  type Step,
  tagOf,
  throttleOf,
  wantedConfigs,
} from "./balancerPlan.ts";
import type { Backend, BalancerConfig, ConfigWithBackends, CreateNodeBalancer, NodeBalancer } from "./types.ts";

interface Place {
  region: string;
  /** the cluster's name, as a second tag: for people who look at their account */
  cluster: string;
}

/** One NodeBalancer for each Service, found again by the tag that carries the Service's UID. */
export function linodeLoadBalancers(api: LinodeApi, place: Place): LoadBalancers {
  return {
    async ensure(service, nodes) {
      const configs = wantedConfigs(service, nodes);
      const throttle = throttleOf(service);
      const [first, ...surplus] = await balancersOf(api, service);
      for (const { id } of surplus) await api.delete(`/nodebalancers/${id}`);
      if (!first) return ingressOf(await create(api, service, { place, configs, throttle }));
      if (first.client_conn_throttle !== throttle) {
        await api.put(`/nodebalancers/${first.id}`, { client_conn_throttle: throttle });
      }
      for (const step of planConfigs(configs, await configsOf(api, first.id))) await take(api, first.id, step);
      return ingressOf(first);
    },
    async remove(service) {
      for (const { id } of await balancersOf(api, service)) await api.delete(`/nodebalancers/${id}`);
    },
  };
}

async function balancersOf(api: LinodeApi, service: Service): Promise<NodeBalancer[]> {
  if (!service.metadata.uid) throw new Error("a Service without a UID cannot have a load balancer");
  const found = await api.list<NodeBalancer>("/nodebalancers", { tags: tagOf(service) });
  return found.toSorted((a, b) => a.id - b.id);
}

interface Wanted {
  place: Place;
  configs: ConfigWithBackends[];
  throttle: number;
}

/** With all its ports in one call: there is no moment when it exists without its tag. */
function create(api: LinodeApi, service: Service, { place, configs, throttle }: Wanted): Promise<NodeBalancer> {
  const body: CreateNodeBalancer = {
    region: place.region,
    label: labelOf(service),
    client_conn_throttle: throttle,
    tags: [tagOf(service), `cluster:${place.cluster}`],
    configs,
  };
  return api.post<NodeBalancer>("/nodebalancers", body);
}

async function configsOf(api: LinodeApi, id: number): Promise<ActualConfig[]> {
  const configs = await api.list<BalancerConfig>(`/nodebalancers/${id}/configs`);
  return Promise.all(
    configs.map(async (config) => ({
      config,
      backends: await api.list<Backend>(`/nodebalancers/${id}/configs/${config.id}/nodes`),
    })),
  );
}

async function take(api: LinodeApi, balancer: number, step: Step): Promise<void> {
  const path = `/nodebalancers/${balancer}/configs`;
  if (step.do === "delete") return api.delete(`${path}/${step.id}`);
  if (step.do === "rebuild") return void (await api.post(`${path}/${step.id}/rebuild`, step.settings));
  // A new port takes its nodes by a rebuild only. When that fails it has none, and the next pass rebuilds it.
  const { nodes: _, ...settings } = step.settings;
  const { id } = await api.post<BalancerConfig>(path, settings);
  await api.post(`${path}/${id}/rebuild`, step.settings);
}

/** Connections end at the NodeBalancer, also those from within the cluster: nodes must not take its address for theirs. */
function ingressOf({ ipv4, hostname }: NodeBalancer): Ingress[] {
  return [{ ip: ipv4, hostname, ipMode: "Proxy" }];
}
