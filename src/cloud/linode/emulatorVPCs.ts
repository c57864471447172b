import type { VPCInterface, VPCIP } from "@linode/api-v4";
import { check, found } from "./emulatorRefusals.ts";

interface Attached {
  linode: number;
  config: number;
  id: number;
  vpc: number;
  subnet: number;
  address: string;
  ranges: string[];
}

/** Interfaces of machines in VPCs. The subnet of each VPC is 10.0.0.0/8. */
export class VPCs {
  readonly #attached: Attached[] = [];
  readonly #nextId: () => number;

  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  join(linode: number, interfaces: unknown): void {
    const config = this.#nextId();
    for (const { purpose, vpc_id, subnet_id } of (interfaces ?? []) as VPCInterface[]) {
      if (purpose !== "vpc") continue;
      const id = this.#nextId();
      const address = `10.0.0.${id % 250}`;
      this.#attached.push({ linode, config, id, vpc: vpc_id, subnet: subnet_id, address, ranges: [] });
    }
  }
  leave(linode: number): void {
    for (const one of this.#attached.filter((it) => it.linode === linode))
      this.#attached.splice(this.#attached.indexOf(one), 1);
  }
  addresses(vpc: string): VPCIP[] {
    return this.#attached
      .filter((one) => one.vpc === Number(vpc))
      .flatMap(({ linode, config, id, subnet, address, ranges }) => {
        const common = {
          linode_id: linode,
          config_id: config,
          interface_id: id,
          subnet_id: subnet,
          vpc_id: Number(vpc),
        };
        const own = { ...common, address, address_range: null };
        return [own, ...ranges.map((range) => ({ ...common, address: null, address_range: range }))];
      });
  }
  update(
    { linode, config, at }: { linode: string; config: string; at: string },
    { ip_ranges }: { ip_ranges?: unknown },
  ) {
    const one = found(this.#attached.find(({ id }) => id === Number(at)));
    found(one.linode === Number(linode) && one.config === Number(config) ? one : undefined);
    const ranges = ip_ranges as string[];
    check(
      ranges.every((range) => /^10\.\d+\.\d+\.\d+\/\d+$/.test(range)),
      "ip_ranges",
      "Must be within the subnet",
    );
    const others = this.#attached.filter((it) => it !== one && it.vpc === one.vpc).flatMap((it) => it.ranges);
    check(!ranges.some((range) => others.includes(range)), "ip_ranges", "Range is already in use");
    one.ranges = ranges;
    return { id: one.id, purpose: "vpc", subnet_id: one.subnet, ip_ranges: ranges };
  }
}
