import type { Service } from "../../api/core/v1/index.ts";
import type { CloudProvider, Ingress, Instance } from "../provider.ts";
import { freeAddress } from "./addresses.ts";

/** A node of this host: the host itself, or a machine that is namespaces of it. */
export interface LocalMachine {
  name: string;
  addresses: readonly string[];
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
  /** "10.190.0.0/16": the addresses of load balancers, one range for each IP family of the cluster */
  pools: readonly string[];
  /** all Services there are: their status says which addresses are taken */
  services(): readonly Service[];
}

/**
 * A cloud that is this host. Its load balancers are addresses: the proxy of each node takes packets for them, the
 * host's own among them, and keeps to source ranges and traffic policies; so there is nothing to set up or to clean.
 */
export function localProvider(options: LocalOptions): CloudProvider {
  const { cluster, machines, pools, services } = options;
  /** given away, but not yet to be seen in a status */
  const lent = new Map<string, readonly string[]>();
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
        const has = [...shownOf(service), ...(lent.get(uid) ?? [])];
        const ips = poolsOf(service, pools).map((pool) => {
          const { loadBalancerIP: wanted } = service.spec;
          const asked = wanted && familyOf(wanted) === familyOf(pool) ? wanted : undefined;
          const own = has.find((ip) => familyOf(ip) === familyOf(pool));
          return own ?? freeAddress(pool, taken(services(), lent), asked);
        });
        lent.set(uid, ips);
        return ips.map((ip) => ({ ip, ipMode: "VIP" }));
      },
      async remove({ metadata: { uid = "" } }) {
        lent.delete(uid);
      },
    },
  };
}

const familyOf = (address: string) => (address.includes(":") ? "IPv6" : "IPv4");

/** In the order of the Service's families. */
function poolsOf({ spec }: Service, pools: readonly string[]): string[] {
  const families = spec.ipFamilies?.length ? spec.ipFamilies : ["IPv4"];
  return families.flatMap((family) => {
    const pool = pools.find((it) => familyOf(it) === family);
    if (!pool) throw new Error(`there are no ${family} addresses for load balancers`);
    return [pool];
  });
}

const shownOf = ({ status }: Service) => (status.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? "");

function instanceOf(cluster: string, { name, addresses, isStopped }: LocalMachine): Instance {
  return {
    providerID: `coxswain://${cluster}/${name}`,
    name,
    type: "host",
    region: "local",
    zone: "local",
    addresses: addresses.map((address) => ({ type: "InternalIP", address })),
    state: isStopped ? "stopped" : "running",
  };
}

function taken(services: readonly Service[], lent: ReadonlyMap<string, readonly string[]>): Set<string> {
  return new Set([...services.flatMap(shownOf), ...[...lent.values()].flat()]);
}
