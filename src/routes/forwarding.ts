/** What is to pass a host that otherwise forwards nothing, as hosts with Docker do. */
export interface Accepted {
  /** our chain's name */
  chain: string;
  /** addresses of Pods, all of one IP family */
  cidrs: readonly string[];
  /** links on which the cluster's machines are */
  links: readonly string[];
}

/** Our chain's rules, which say nothing about what is neither from nor to a Pod or machine. */
function rulesOf({ chain, cidrs, links }: Accepted): string[] {
  const matches = [
    ...cidrs.flatMap((cidr) => [`-s ${cidr}`, `-d ${cidr}`]),
    ...links.flatMap((link) => [`-i ${link}`, `-o ${link}`]),
  ];
  return matches.map((match) => `-A ${chain} ${match} -j ACCEPT`);
}

/**
 * From `iptables -S FORWARD` to what iptables-restore is to be told, so that Pods' packets pass; "" when they do. Our
 * rules come last, only before one that refuses everything: what others refuse for a reason of their own stays refused.
 */
export function forwardingChange(listed: string, accepted: Accepted): string {
  const lines = listed.split("\n").filter((line) => line !== "");
  const rules = lines.filter((line) => line.startsWith("-A FORWARD"));
  const end = rules.findIndex((rule) => /^-A FORWARD -j (DROP|REJECT)\b/.test(rule));
  const refuses = end >= 0 || lines.includes("-P FORWARD DROP");
  const at = rules.indexOf(`-A FORWARD -j ${accepted.chain}`);
  const isThere = at >= 0 && (end < 0 || at < end);
  if (!refuses || isThere || accepted.cidrs.length + accepted.links.length === 0) return "";
  const hook = end < 0 ? `-A FORWARD -j ${accepted.chain}` : `-I FORWARD ${end + 1} -j ${accepted.chain}`;
  return ["*filter", `:${accepted.chain} - [0:0]`, ...rulesOf(accepted), hook, "COMMIT", ""].join("\n");
}
