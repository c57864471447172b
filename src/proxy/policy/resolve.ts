import { isTerminal, type Namespace, type Pod } from "../../api/core/v1/index.ts";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../../api/networking/v1/index.ts";
import type { LabelSelector } from "../../apimachinery/meta.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import type { Protocol } from "../endpoints.ts";

export type Direction = "ingress" | "egress";

/** Some Pods' addresses; equal `id`, equal addresses. */
export interface PodPeers {
  readonly id: string;
  readonly addresses: readonly string[];
}

export interface BlockPeer {
  readonly cidr: string;
  readonly except: readonly string[];
}

export type PortMatch =
  /** `to` is `from` for a single port; neither: every port of the protocol */
  | { readonly protocol: Protocol; readonly from?: number; readonly to?: number }
  /** what a named port is, Pod by Pod */
  | { readonly protocol: Protocol; readonly named: readonly { readonly address: string; readonly port: number }[] };

/** What one rule of a policy lets through: a peer and a port, where both are restricted. */
export interface Allowance {
  /** undefined: everyone */
  readonly peers?: { readonly pods: readonly PodPeers[]; readonly blocks: readonly BlockPeer[] };
  /** undefined: every port and protocol */
  readonly ports?: readonly PortMatch[];
}

export interface Isolation {
  /** addresses of a Pod of this node → the policies that select it, by name */
  readonly pods: ReadonlyMap<string, readonly string[]>;
  /** "namespace/name" → what it allows */
  readonly policies: ReadonlyMap<string, readonly Allowance[]>;
}

/** All that is restricted on one node. */
export type Isolations = Readonly<Record<Direction, Isolation>>;

export interface World {
  readonly policies: readonly NetworkPolicy[];
  readonly namespaces: readonly Namespace[];
  /** of the whole cluster */
  readonly pods: readonly Pod[];
  readonly nodeName: string;
}

/** A Pod as far as policies see it. */
interface Subject {
  readonly pod: Pod;
  readonly addresses: readonly string[];
}

const keyOf = ({ namespace, name }: { namespace?: string; name?: string }) => `${namespace}/${name}`;

/** What policies mean for the Pods of one node, in addresses. */
export function resolve(world: World): Isolations {
  const cluster = new Cluster(world);
  return { ingress: isolation(world, cluster, "ingress"), egress: isolation(world, cluster, "egress") };
}

function isolation({ policies, nodeName }: World, cluster: Cluster, direction: Direction): Isolation {
  const pods = new Map<string, string[]>();
  const allowances = new Map<string, readonly Allowance[]>();
  const type = direction === "ingress" ? "Ingress" : "Egress";
  const sorted = [...policies].sort((a, b) => (keyOf(a.metadata) < keyOf(b.metadata) ? -1 : 1));
  for (const policy of sorted) {
    if (!(policy.spec.policyTypes ?? []).includes(type)) continue;
    const key = keyOf(policy.metadata);
    const selected = cluster.select(policy.metadata.namespace!, policy.spec.podSelector);
    const here = selected.filter(({ pod }) => pod.spec.nodeName === nodeName);
    if (here.length === 0) continue;
    for (const address of here.flatMap(({ addresses }) => addresses))
      pods.set(address, [...(pods.get(address) ?? []), key]);
    allowances.set(key, allowancesOf(policy, direction, here, cluster));
  }
  return { pods, policies: allowances };
}

function allowancesOf(
  { metadata, spec }: NetworkPolicy,
  direction: Direction,
  selected: readonly Subject[],
  cluster: Cluster,
): Allowance[] {
  const rules =
    direction === "ingress"
      ? (spec.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports }))
      : (spec.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports }));
  return rules.map(({ peers, ports }) => {
    const chosen = peers.length > 0 ? cluster.peers(metadata.namespace!, peers) : undefined;
    // A port is always the destination's: that of the Pods selected, or that of the peer.
    const destinations =
      direction === "ingress" ? selected : peers.length > 0 ? (chosen?.subjects ?? []) : cluster.subjects;
    return {
      ...(chosen && { peers: { pods: chosen.pods, blocks: chosen.blocks } }),
      ...(ports.length > 0 && { ports: ports.map((port) => portMatch(port, destinations)) }),
    };
  });
}

function portMatch(
  { protocol = "TCP", port, endPort }: NetworkPolicyPort,
  destinations: readonly Subject[],
): PortMatch {
  const lower = protocol.toLowerCase() as Protocol;
  if (port === undefined) return { protocol: lower };
  if (typeof port === "number") return { protocol: lower, from: port, to: endPort ?? port };
  const named = destinations.flatMap(({ pod, addresses }) => {
    const number = namedPort(pod, port, protocol);
    return number === undefined ? [] : addresses.map((address) => ({ address, port: number }));
  });
  return { protocol: lower, named };
}

function namedPort({ spec }: Pod, name: string, protocol: string): number | undefined {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...spec.containers, ...sidecars]
    .flatMap(({ ports }) => ports ?? [])
    .find((port) => port.name === name && (port.protocol ?? "TCP") === protocol)?.containerPort;
}

/** The Pods that have addresses of their own, found by namespace and label. */
class Cluster {
  readonly subjects: readonly Subject[];
  readonly #namespaces: readonly Namespace[];
  readonly #byNamespace = new Map<string, Subject[]>();

  constructor({ pods, namespaces }: World) {
    this.#namespaces = namespaces;
    this.subjects = pods.flatMap((pod) => {
      const addresses = addressesOf(pod);
      return addresses.length > 0 ? [{ pod, addresses }] : [];
    });
    for (const subject of this.subjects) {
      const { namespace = "" } = subject.pod.metadata;
      const there = this.#byNamespace.get(namespace);
      if (there) there.push(subject);
      else this.#byNamespace.set(namespace, [subject]);
    }
  }
  select(namespace: string, selector: LabelSelector | undefined): Subject[] {
    const wanted = labelSelector(selector ?? {});
    return (this.#byNamespace.get(namespace) ?? []).filter(({ pod }) => wanted.matches(pod.metadata.labels));
  }
  peers(namespace: string, peers: readonly NetworkPolicyPeer[]) {
    const pods: PodPeers[] = [];
    const blocks: BlockPeer[] = [];
    const subjects: Subject[] = [];
    for (const { ipBlock, podSelector, namespaceSelector } of peers) {
      if (ipBlock) {
        blocks.push({ cidr: ipBlock.cidr, except: ipBlock.except ?? [] });
        continue;
      }
      const chosen = this.#inNamespaces(namespace, namespaceSelector).flatMap((name) => this.select(name, podSelector));
      const where = namespaceSelector ?? namespace;
      const addresses = [...new Set(chosen.flatMap((subject) => subject.addresses))].sort();
      pods.push({ id: JSON.stringify([where, podSelector ?? {}]), addresses });
      subjects.push(...chosen);
    }
    return { pods, blocks, subjects };
  }
  #inNamespaces(own: string, selector: LabelSelector | undefined): string[] {
    if (!selector) return [own];
    const wanted = labelSelector(selector);
    return this.#namespaces
      .filter(({ metadata }) => wanted.matches(metadata.labels))
      .map(({ metadata }) => metadata.name!);
  }
}

/** A Pod in its node's network has none of its own; one that is over may have lent its to another. */
export function addressesOf({ spec, status }: Pod): string[] {
  if (spec.hostNetwork || isTerminal({ status })) return [];
  const all = (status.podIPs ?? []).flatMap(({ ip }) => ip || []);
  return all.length > 0 ? all : status.podIP ? [status.podIP] : [];
}
