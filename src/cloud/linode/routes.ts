import type { VPCIP } from "@linode/api-v4";
import type { Route, Routes } from "../provider.ts";
import type { LinodeAccount } from "./account.ts";

/** The interface of a machine in the VPC, with what is routed to it. */
interface Port {
  linode: number;
  config: number;
  interface: number;
  ranges: string[];
}

/** Ranges that a VPC routes to the interfaces of its machines; the subnet must contain them. */
export function linodeRoutes(account: LinodeAccount, vpc: number): Routes {
  const portOf = async (node: string): Promise<Port> => {
    const [addresses, names] = await both(account, vpc);
    const found = portsOf(addresses).find(({ linode }) => names.get(linode) === node);
    if (!found) throw new Error(`machine "${node}" has no interface in VPC ${vpc}`);
    return found;
  };
  const setRanges = (port: Port, ranges: string[]) => {
    const { linode, config, interface: at } = port;
    const path = `PUT /linode/instances/${linode}/configs/${config}/interfaces/${at}`;
    return account.ask(path, (sdk) => sdk.updateConfigInterface(linode, config, at, { ip_ranges: ranges }));
  };
  return {
    async list() {
      const [addresses, names] = await both(account, vpc);
      return portsOf(addresses).flatMap(({ linode, ranges }) => routesOf(names.get(linode), ranges));
    },
    async create({ node, cidr }) {
      const port = await portOf(node);
      if (!port.ranges.includes(cidr)) await setRanges(port, [...port.ranges, cidr]);
    },
    async remove({ node, cidr }) {
      const port = await portOf(node);
      if (port.ranges.includes(cidr)) await setRanges(port, without(port.ranges, cidr));
    },
  };
}

const without = (ranges: readonly string[], cidr: string) => ranges.filter((range) => range !== cidr);

/** A machine that is gone meanwhile has no routes. */
const routesOf = (node: string | undefined, ranges: readonly string[]): Route[] =>
  node === undefined ? [] : ranges.map((cidr) => ({ name: `${node} ${cidr}`, node, cidr }));

/** The VPC's addresses, and the names of machines by id. */
async function both(account: LinodeAccount, vpc: number) {
  const [addresses, machines] = await Promise.all([
    account.list(`GET /vpcs/${vpc}/ips`, (sdk) => sdk.getVPCIPs(vpc)),
    account.list("GET /linode/instances", (sdk) => sdk.getLinodes()),
  ]);
  return [addresses, new Map(machines.map(({ id, label }) => [id, label]))] as const;
}

/** Each interface is told once with its address, and once more with each range that is routed to it. */
function portsOf(addresses: readonly VPCIP[]): Port[] {
  const ports = new Map<number, Port>();
  for (const { linode_id, config_id, interface_id, address_range } of addresses) {
    if (linode_id === null || config_id === null || interface_id === null) continue;
    const known = ports.get(interface_id);
    const port = known ?? { linode: linode_id, config: config_id, interface: interface_id, ranges: [] };
    if (address_range !== null) port.ranges.push(address_range);
    ports.set(interface_id, port);
  }
  return [...ports.values()];
}
