import type { Random } from "../../util/random.ts";
import { NodePorts } from "./nodePorts.ts";
import { ServiceAddresses } from "./serviceAddresses.ts";

/** What Services are given: cluster IPs and ports of the nodes. */
export class Allocators {
  readonly addresses: ServiceAddresses;
  readonly ports: NodePorts;

  /** `serviceCIDR`: one range, or one of each IP family with a comma between. */
  constructor(options: { serviceCIDR: string; nodePortRange: { from: number; to: number }; random: Random }) {
    this.addresses = new ServiceAddresses(options.serviceCIDR, options.random);
    this.ports = new NodePorts(options.nodePortRange, options.random);
  }
}
