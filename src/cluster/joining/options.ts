import { isIPv4 } from "node:net";
import { ClusterError } from "../errors.ts";
import type { ClusterConfig } from "../layout.ts";

/** What can be wrong with an invitation before anybody is asked. */
export interface JoinChoices {
  caCertHash?: string;
  nodeName?: string;
  nodeIP?: string;
}

/** Checks what was typed; `addresses` are this machine's. */
export function checkChoices({ caCertHash, nodeName, nodeIP }: JoinChoices, addresses: readonly string[]): void {
  if (caCertHash !== undefined && !/^sha256:[0-9a-f]{64}$/.test(caCertHash)) {
    throw new ClusterError(`"${caCertHash}" is no hash of an authority: one is sha256: and 64 hexadecimal digits`, {
      hint: "cox token create, on a machine of the cluster's administrator, prints it",
    });
  }
  // it becomes a DNS name, and a label's value
  if (nodeName !== undefined && !/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(nodeName)) {
    throw new ClusterError(
      `"${nodeName}" cannot name a node: use up to 63 lower-case letters, digits, "-" and ".", the last two not at an end`,
    );
  }
  if (nodeIP === undefined) return;
  if (!isIPv4(nodeIP)) throw new ClusterError(`--node-ip: "${nodeIP}" is no IPv4 address`);
  if (!addresses.includes(nodeIP)) {
    throw new ClusterError(`--node-ip: ${nodeIP} is no address of this machine`, {
      hint: addresses.length > 0 ? `it has ${addresses.join(", ")}` : "it has none but the loopback's",
    });
  }
}

/** What this machine is to become. */
export interface Membership {
  /** the cluster's name here */
  local: string;
  /** the cluster's name where it was made */
  cluster: string;
  server: string;
  nodeName: string;
}

/** Checks that this machine, with the clusters that it knows, may become a node of that one (again). */
export function checkMembership(wanted: Membership, known: readonly ClusterConfig[]): void {
  const { local, cluster, server, nodeName } = wanted;
  const here = known.find(({ name }) => name === local);
  if (here && !here.joined) {
    throw new ClusterError(`this machine has a cluster ${local} of its own`, {
      hint: "give the one that you join another name here, with --name",
    });
  }
  const same = ({ joined }: ClusterConfig) => joined?.cluster === cluster && joined.server === server;
  const twin = known.find((it) => it !== here && same(it));
  if (twin) throw alreadyJoined(twin);
  if (here && (!same(here) || here.nodeName !== nodeName)) throw alreadyJoined(here);
}

const alreadyJoined = ({ name, nodeName, joined }: ClusterConfig) =>
  new ClusterError(`this machine is node ${nodeName} of cluster ${joined?.cluster} at ${joined?.server} already`, {
    hint: `cox start --name ${name} starts it; cox down --name ${name} takes it away`,
  });
