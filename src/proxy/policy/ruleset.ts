import { createHash } from "node:crypto";
import { numberToAddress, parseRange } from "../../api/networking/v1/index.ts";
import type { Chain, Collection, Ruleset } from "../ruleset.ts";
import type { Allowance, BlockPeer, Direction, Isolation, Isolations, PodPeers, PortMatch } from "./resolve.ts";

const FAMILIES = ["ip", "ip6"] as const;
type AddressFamily = (typeof FAMILIES)[number];

const familyOf = (address: string): AddressFamily => (address.includes(":") ? "ip6" : "ip");
const typeOf = (family: AddressFamily) => (family === "ip" ? "ipv4_addr" : "ipv6_addr");
const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** The table of one node. */
export function policyRuleset(isolations: Isolations): Ruleset {
  const builder = new Builder();
  // Egress first; what it accepts is then judged by the other.
  builder.add("egress", isolations.egress, "saddr", 10);
  builder.add("ingress", isolations.ingress, "daddr", 11);
  return { family: "inet", chains: builder.chains, collections: builder.collections };
}

class Builder {
  readonly chains = new Map<string, Chain>();
  readonly collections = new Map<string, Collection>();

  /** `own`: where a packet names the Pod that is restricted. */
  add(direction: Direction, { pods, policies }: Isolation, own: "saddr" | "daddr", priority: number): void {
    const peer = own === "saddr" ? "daddr" : "saddr";
    for (const [key, allowances] of policies) {
      const rules = allowances.flatMap((allowance) => this.#allow(allowance, peer));
      this.chains.set(policyChain(direction, key), { rules: [...new Set(rules)] });
    }
    const lookups = FAMILIES.map((family) => this.#lookup(direction, pods, family, own));
    this.chains.set(direction, {
      hook: `type filter hook forward priority ${priority}; policy accept;`,
      rules: [
        // Without these there is no IPv6 between neighbours at all.
        "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept",
        "ct state related accept",
        "ct direction reply ct state established accept",
        ...lookups,
      ],
    });
  }

  #lookup(
    direction: Direction,
    pods: ReadonlyMap<string, readonly string[]>,
    family: AddressFamily,
    own: "saddr" | "daddr",
  ): string {
    const elements = new Map<string, string>();
    for (const [address, keys] of pods) {
      if (familyOf(address) === family) elements.set(address, `goto ${this.#podChain(direction, keys)}`);
    }
    const self = new Map([...elements.keys()].map((address) => [`${address} . ${address}`, ""]));
    const type = typeOf(family);
    const name = `${direction}-${family}`;
    this.collections.set(name, { kind: "map", spec: `type ${type} : verdict;`, elements });
    this.collections.set(`self-${name}`, { kind: "set", spec: `type ${type} . ${type};`, elements: self });
    return `${family} ${own} vmap @${name}`;
  }

  /** Pods that the same policies select share a chain. */
  #podChain(direction: Direction, keys: readonly string[]): string {
    const name = `${direction}-pods/${digest(keys.join())}`;
    if (!this.chains.has(name)) {
      // A Pod may always reach itself, also by way of a Service.
      const self = FAMILIES.map((family) => `${family} saddr . ${family} daddr @self-${direction}-${family} accept`);
      const jumps = keys.map((key) => `jump ${policyChain(direction, key)}`);
      this.chains.set(name, { rules: [...self, ...jumps, "drop"] });
    }
    return name;
  }

  #allow({ peers, ports }: Allowance, side: "saddr" | "daddr"): string[] {
    const who: Match[] = peers
      ? [...peers.pods.flatMap((pods) => this.#pods(pods, side)), ...peers.blocks.flatMap((one) => block(one, side))]
      : [ANY];
    const what: Match[] = ports ? ports.flatMap((port) => this.#port(port)) : [ANY];
    return who.flatMap((peer) =>
      what
        .filter(({ family }) => !family || !peer.family || family === peer.family)
        .map((port) => [peer.text, port.text, "accept"].filter(Boolean).join(" ")),
    );
  }

  #pods({ id, addresses }: PodPeers, side: string): Match[] {
    return FAMILIES.map((family) => {
      const name = `peers-${family}/${digest(id)}`;
      const elements = new Map(
        addresses.filter((address) => familyOf(address) === family).map((address) => [address, ""]),
      );
      this.collections.set(name, { kind: "set", spec: `type ${typeOf(family)};`, elements });
      return { family, text: `${family} ${side} @${name}` };
    });
  }

  #port(match: PortMatch): Match[] {
    if ("named" in match) return this.#named(match.protocol, match.named);
    const { protocol, from, to } = match;
    const port = from === undefined ? "" : ` th dport ${to === from ? from : `${from}-${to}`}`;
    return [{ text: `meta l4proto ${protocol}${port}` }];
  }

  #named(protocol: string, named: readonly { address: string; port: number }[]): Match[] {
    return FAMILIES.flatMap((family) => {
      const mine = named.filter(({ address }) => familyOf(address) === family);
      if (mine.length === 0) return [];
      const elements = new Map(mine.map(({ address, port }) => [`${address} . ${protocol} . ${port}`, ""]));
      const name = `ports-${family}/${digest([...elements.keys()].join())}`;
      this.collections.set(name, {
        kind: "set",
        spec: `type ${typeOf(family)} . inet_proto . inet_service;`,
        elements,
      });
      return [{ family, text: `${family} daddr . meta l4proto . th dport @${name}` }];
    });
  }
}

/** A part of a rule, and of which family alone a packet can be that it matches. */
interface Match {
  readonly text: string;
  readonly family?: AddressFamily;
}
const ANY: Match = { text: "" };

/** Unique by its digest, readable by the rest. */
const policyChain = (direction: Direction, key: string) => `${direction}/${digest(key)}-${key}`.slice(0, 110);

function block({ cidr, except }: BlockPeer, side: string): Match[] {
  const range = canonical(cidr);
  if (!range) return [];
  const { family, text } = range;
  const all = text.endsWith("/0") ? `meta protocol ${family}` : `${family} ${side} ${text}`;
  const holes = except.flatMap((one) => canonical(one) ?? []).map((hole) => `${family} ${side} != ${hole.text}`);
  return [{ family, text: [all, ...holes].join(" ") }];
}

/** As nft wants it: without bits below the range's length. */
function canonical(cidr: string): { family: AddressFamily; text: string } | undefined {
  const range = parseRange(cidr);
  if (!range) return undefined;
  const family = range.family === "IPv4" ? "ip" : "ip6";
  return { family, text: `${numberToAddress(range.first, range.family)}/${range.bits}` };
}
