import type {
  ConfigSettings,
  CreateNodeBalancerConfig,
  CreateNodeBalancerConfigNode,
  NodeBalancerConfig,
  NodeBalancerConfigNode,
  Protocol,
} from "@linode/api-v4";
import type { Node, Service } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { isPrivate } from "./instances.ts";

/** Annotations that Linode's own cloud controller knows, too, mean the same here. */
const ANNOTATION = "service.beta.kubernetes.io/linode-loadbalancer-";
const PROXY_PROTOCOLS = ["none", "v1", "v2"] as const;

/** How a Service's load balancer is found again. */
export const tagOf = ({ metadata }: Service) => `service:${metadata.uid}`;
/** Unique in an account, at most 32 characters: a second one for the same Service is refused by the API itself. */
export const labelOf = ({ metadata }: Service) => `svc-${(metadata.uid ?? "").replaceAll("-", "").slice(0, 28)}`;

/** New connections each second from one client; 0: as many as it likes. */
export function throttleOf({ metadata }: Service): number {
  const text = metadata.annotations?.[`${ANNOTATION}throttle`] ?? "0";
  const throttle = Number(text);
  if (!/^\d+$/.test(text) || throttle > 20) throw new Error(`${ANNOTATION}throttle is "${text}": 0 to 20 is expected`);
  return throttle;
}

/**
 * What the NodeBalancer is to do with each port. Throws for what NodeBalancers cannot do. While no node is there it has
 * no ports: the SDK refuses a port that leads nowhere.
 */
export function wantedConfigs(service: Service, nodes: readonly Node[]): CreateNodeBalancerConfig[] {
  const { ports = [] } = service.spec;
  const machines = reachable(nodes);
  const configs = ports.map(({ port, nodePort, protocol = "TCP" }) => {
    if (protocol !== "TCP" && protocol !== "UDP") {
      throw new Error(`port ${port}: NodeBalancers do not speak ${protocol}, only TCP and UDP`);
    }
    if (!nodePort) throw new Error(`port ${port}: a NodeBalancer needs a node port, and the Service has none`);
    const settings = protocol === "UDP" ? udpSettings(service, port) : tcpSettings(service, port);
    return { ...settings, nodes: machines.map((machine) => backend(machine, nodePort, settings.protocol)) };
  });
  return machines.length > 0 ? configs : [];
}

/**
 * TCP is checked at the node port itself, for the API knows no other place. With externalTrafficPolicy Local that is
 * right as well: the port of a node without Pods that serve does not answer.
 */
function tcpSettings(service: Service, port: number): ConfigSettings {
  const sticky = service.spec.sessionAffinity === "ClientIP";
  return {
    port,
    protocol: "tcp",
    algorithm: sticky ? "source" : "roundrobin",
    stickiness: sticky ? "table" : "none",
    check: "connection",
    check_interval: 5,
    check_timeout: 3,
    check_attempts: 2,
    proxy_protocol: proxyProtocolOf(service),
  };
}

/** UDP answers no check; with externalTrafficPolicy Local the health check port tells which nodes have Pods. */
function udpSettings({ spec }: Service, port: number): ConfigSettings {
  const stickiness = spec.sessionAffinity === "ClientIP" ? "source_ip" : "session";
  const settings: ConfigSettings = { port, protocol: "udp", algorithm: "roundrobin", stickiness, check: "none" };
  if (spec.externalTrafficPolicy !== "Local" || !spec.healthCheckNodePort) return settings;
  return {
    ...settings,
    check: "http",
    check_path: "/healthz",
    udp_check_port: spec.healthCheckNodePort,
    check_interval: 5,
    check_timeout: 3,
    check_attempts: 2,
  };
}

function proxyProtocolOf({ metadata }: Service): "none" | "v1" | "v2" {
  const text = metadata.annotations?.[`${ANNOTATION}default-proxy-protocol`] ?? "none";
  const known = PROXY_PROTOCOLS.find((protocol) => protocol === text);
  if (!known) throw new Error(`${ANNOTATION}default-proxy-protocol is "${text}": none, v1 or v2 is expected`);
  return known;
}

interface Reachable {
  name: string;
  address: string;
}

/** Nodes without a private address of Linode's cannot be reached; that none can is an error, not an empty balancer. */
function reachable(nodes: readonly Node[]): Reachable[] {
  const found = nodes.flatMap(({ metadata: { name = "" }, status }) => {
    const private_ = status.addresses?.find(({ type, address }) => type === "InternalIP" && isPrivate(address));
    return private_ ? [{ name, address: private_.address }] : [];
  });
  if (found.length === 0 && nodes.length > 0) {
    throw new Error("no node has a private IPv4 address (192.168.128.0/17): NodeBalancers reach no other");
  }
  return found;
}

function backend({ name, address }: Reachable, port: number, protocol: Protocol): CreateNodeBalancerConfigNode {
  // 3 to 32 characters, for show only
  const label = (name.length < 3 ? `node-${name}` : name).slice(0, 32);
  return { label, address, port, ...(protocol === "tcp" ? { mode: "accept" as const } : {}) };
}

/** A port as the NodeBalancer has it now. */
export interface ActualConfig {
  config: NodeBalancerConfig;
  backends: readonly NodeBalancerConfigNode[];
}
export type Step =
  | { do: "delete"; id: number }
  | { do: "create"; settings: CreateNodeBalancerConfig }
  | { do: "rebuild"; id: number; settings: CreateNodeBalancerConfig };

const keyOf = ({ port, protocol }: ConfigSettings) => `${protocol === "udp" ? "udp" : "tcp"}/${port}`;

/** How to get there; nothing when it is so already. What is in the way goes first. */
export function planConfigs(wanted: readonly CreateNodeBalancerConfig[], actual: readonly ActualConfig[]): Step[] {
  const wants = new Set(wanted.map(keyOf));
  const has = new Map(actual.map((one) => [keyOf(one.config), one]));
  return [
    ...actual
      .filter(({ config }) => !wants.has(keyOf(config)))
      .map(({ config }): Step => ({ do: "delete", id: config.id })),
    ...wanted.flatMap((settings): Step[] => {
      const current = has.get(keyOf(settings));
      if (!current) return [{ do: "create", settings }];
      return isAsWanted(settings, current) ? [] : [{ do: "rebuild", id: current.config.id, settings }];
    }),
  ];
}

function isAsWanted({ nodes, ...settings }: CreateNodeBalancerConfig, { config, backends }: ActualConfig): boolean {
  const sameSettings = Object.entries(settings).every(([key, value]) => config[key as keyof ConfigSettings] === value);
  const wanted = nodes.map(({ address, port }) => `${address}:${port}`);
  const actual = backends.map(({ address }) => address);
  const accepting = backends.every(({ mode }) => settings.protocol === "udp" || mode === "accept");
  return sameSettings && accepting && deepEqual(wanted.toSorted(), actual.toSorted());
}
