import { isIP } from "node:net";
import type { Firewall, FirewallRules } from "@linode/api-v4";
import { check, checkLabel, checkTags, found } from "./emulatorRefusals.ts";

type Body = Record<string, unknown>;

/** The account's Cloud Firewalls. A NodeBalancer is behind one at most. */
export class Firewalls {
  readonly #firewalls = new Map<number, Firewall>();
  readonly #nextId: () => number;

  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  list(): Firewall[] {
    return [...this.#firewalls.values()];
  }
  create({ label, tags = [], rules }: Body): Firewall {
    checkLabel(label, 32, this.list());
    checkTags(tags);
    const checked = checkRules(rules as FirewallRules);
    const firewall = { id: this.#nextId(), label: String(label), rules: checked, entities: [], tags: tags as string[] };
    this.#firewalls.set(firewall.id, firewall);
    return firewall;
  }
  setRules(id: string, rules: Body): FirewallRules {
    const firewall = this.#get(id);
    firewall.rules = checkRules(rules as unknown as FirewallRules);
    return firewall.rules;
  }
  attach(id: string, { type, id: device }: Body): object {
    const firewall = this.#get(id);
    check(type === "nodebalancer", "type", "type is not valid");
    const isBehind = ({ entities }: Firewall) => entities.some((entity) => entity.id === device);
    check(!this.list().some(isBehind), "id", "Entity is already assigned to a firewall");
    firewall.entities.push({ id: Number(device), type: "nodebalancer" });
    return {};
  }
  delete(id: string): object {
    this.#firewalls.delete(this.#get(id).id);
    return {};
  }
  /** The NodeBalancer is gone. */
  forget(balancer: number): void {
    for (const firewall of this.list()) firewall.entities = firewall.entities.filter(({ id }) => id !== balancer);
  }

  #get(id: string): Firewall {
    return found(this.#firewalls.get(Number(id)));
  }
}

/** Answered with blanks between the ports, as the reference shows them. */
function checkRules({ inbound, ...rules }: FirewallRules): FirewallRules {
  const isRange = (range: string) => isIP(range.split("/")[0] ?? "") !== 0 && range.includes("/");
  for (const { addresses, ports } of inbound ?? []) {
    const all = [...(addresses.ipv4 ?? []), ...(addresses.ipv6 ?? [])];
    check(all.length > 0 && all.length <= 255 && all.every(isRange), "addresses", "Must be 1-255 networks");
    check(ports.split(",").length <= 15, "ports", "Must be at most 15 ports or ranges");
  }
  return { ...rules, inbound: (inbound ?? []).map((rule) => ({ ...rule, ports: rule.ports.replaceAll(",", ", ") })) };
}
