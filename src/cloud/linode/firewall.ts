import { isIPv6 } from "node:net";
import type { Firewall, FirewallRule, FirewallRules } from "@linode/api-v4";
import type { Service } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import type { LinodeAccount } from "./account.ts";
import { labelOf, tagOf } from "./balancerPlan.ts";

/** So many ports may stand in one rule. */
const PORTS_IN_RULE = 15;

/** Who may reach the Service's load balancer; undefined: everybody. Pure. */
export function wantedRules({ spec }: Service): FirewallRules | undefined {
  const { loadBalancerSourceRanges: ranges = [], ports = [] } = spec;
  if (ranges.length === 0) return undefined;
  const addresses = {
    ipv4: ranges.filter((range) => !isIPv6(addressOf(range))),
    ipv6: ranges.filter((range) => isIPv6(addressOf(range))),
  };
  const inbound = (["TCP", "UDP"] as const).flatMap((protocol) => {
    const its = ports.filter((port) => (port.protocol ?? "TCP") === protocol).map(({ port }) => port);
    return chunks(its).map((some, i): FirewallRule => {
      const label = `${protocol.toLowerCase()}-${i}`;
      return { action: "ACCEPT", label, protocol, ports: some.join(","), addresses };
    });
  });
  return { inbound, inbound_policy: "DROP", outbound: [], outbound_policy: "ACCEPT" };
}

const addressOf = (range: string): string => range.trim().split("/")[0]!;

function chunks(ports: readonly number[]): number[][] {
  const count = Math.ceil(ports.length / PORTS_IN_RULE);
  return Array.from({ length: count }, (_, i) => ports.slice(i * PORTS_IN_RULE, (i + 1) * PORTS_IN_RULE));
}

/** The Service's Cloud Firewall, with these rules; made without a NodeBalancer if it is not there yet. */
export async function ensureFirewall(
  account: LinodeAccount,
  service: Service,
  { cluster, rules }: { cluster: string; rules: FirewallRules },
): Promise<Firewall> {
  const known = await findFirewall(account, service);
  if (!known) {
    const data = { label: labelOf(service), tags: [tagOf(service), `cluster:${cluster}`], rules };
    return account.ask("POST /networking/firewalls", (sdk) => sdk.createFirewall(data));
  }
  if (!same(known.rules, rules)) {
    const path = `PUT /networking/firewalls/${known.id}/rules`;
    await account.ask(path, (sdk) => sdk.updateFirewallRules(known.id, rules));
  }
  return known;
}

/** A NodeBalancer that is there already comes behind it. */
export async function attachFirewall(account: LinodeAccount, { id, entities }: Firewall, balancer: number) {
  if (entities.some((entity) => entity.type === "nodebalancer" && entity.id === balancer)) return;
  const device = { type: "nodebalancer" as const, id: balancer };
  await account.ask(`POST /networking/firewalls/${id}/devices`, (sdk) => sdk.addFirewallDevice(id, device));
}

export async function removeFirewall(account: LinodeAccount, service: Service): Promise<void> {
  const known = await findFirewall(account, service);
  if (!known) return;
  await account.delete(`DELETE /networking/firewalls/${known.id}`, (sdk) => sdk.deleteFirewall(known.id));
}

/** By its label, which is unique and follows from the Service's UID. */
async function findFirewall(account: LinodeAccount, service: Service): Promise<Firewall | undefined> {
  const filter = { label: labelOf(service) };
  return (await account.list("GET /networking/firewalls", (sdk) => sdk.getFirewalls({}, filter)))[0];
}

/** The API adds fields of its own, and may print ports with blanks. */
function same(actual: FirewallRules, wanted: FirewallRules): boolean {
  const core = ({ inbound, inbound_policy }: FirewallRules) => [
    inbound_policy,
    (inbound ?? []).map(({ action, protocol, ports, addresses }) => [
      action,
      protocol,
      ports.replaceAll(" ", ""),
      addresses.ipv4 ?? [],
      addresses.ipv6 ?? [],
    ]),
  ];
  return deepEqual(core(actual), core(wanted));
}
