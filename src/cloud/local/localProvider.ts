import type { Service } from "../../api/core/v1/index.ts";
import type { CloudProvider, Ingress, Instance } from "../provider.ts";
import { freeAddress } from "./addresses.ts";

/** A node of this host: the host itself, or a machine that is namespaces of it. */
export interface LocalMachine {
  name: string;
  address: string;
  isStopped: boolean;
}
/** The cluster's machines on this host, as they are now. */
export interface LocalMachines {
  list(): Promise<readonly LocalMachine[]>;
}

export interface LocalOptions {
  /** the cluster's name: machines of several clusters live on one host */
  cluster: string;
  machines: LocalMachines;
  /** "10.190.0.0/16": the addresses of load balancers */
  pool: string;
  /** all Services there are: their status says which addresses are taken */
  services(): readonly Service[];
}

/**
 * A cloud that is this host. Its load balancers are addresses: the proxy of each node takes packets for them, the
 * host's own among them, and keeps to source ranges and traffic policies; so there is nothing to set up or to clean.
 */
export function localProvider(options: LocalOptions): CloudProvider {
  const { cluster, machines, pool, services } = options;
  /** given away, but not yet to be seen in a status */
  const lent = new Map<string, string>();
  return {
    name: "coxswain",
    instances: {
      async of({ metadata: { name = "" } }) {
        const machine = (await machines.list()).find((it) => it.name === name);
        return machine && instanceOf(cluster, machine);
      },
    },
    loadBalancers: {
      async ensure(service): Promise<readonly Ingress[]> {
        const uid = service.metadata.uid ?? "";
        const has = service.status.loadBalancer?.ingress?.[0]?.ip ?? lent.get(uid);
        const ip = has ?? freeAddress(pool, taken(services(), lent), service.spec.loadBalancerIP);
        lent.set(uid, ip);
        return [{ ip, ipMode: "VIP" }];
      },
      async remove({ metadata: { uid = "" } }) {
        lent.delete(uid);
      },
    },
  };
}

function instanceOf(cluster: string, { name, address, isStopped }: LocalMachine): Instance {
  return {
    providerID: `coxswain://${cluster}/${name}`,
    name,
    type: "host",
    region: "local",
    zone: "local",
    addresses: [{ type: "InternalIP", address }],
    state: isStopped ? "stopped" : "running",
  };
}

function taken(services: readonly Service[], lent: ReadonlyMap<string, string>): Set<string> {
  const shown = services.flatMap(({ status }) => (status.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? ""));
  return new Set([...shown, ...lent.values()]);
}
