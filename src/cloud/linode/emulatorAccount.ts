import type { Linode, LinodeType, NodeBalancer, NodeBalancerConfig, NodeBalancerConfigNode } from "@linode/api-v4";
import { Firewalls } from "./emulatorFirewalls.ts";
import { check, checkLabel, checkTags, found, REGIONS } from "./emulatorRefusals.ts";
import { VolumeShelf } from "./emulatorVolumes.ts";
import { VPCs } from "./emulatorVPCs.ts";

export type Body = Record<string, unknown>;
interface Config {
  config: NodeBalancerConfig;
  nodes: NodeBalancerConfigNode[];
}
interface Balancer {
  balancer: NodeBalancer;
  configs: Config[];
}

const TYPES: readonly LinodeType[] = [
  { id: "g6-nanode-1", vcpus: 1, memory: 1024, disk: 25_600 },
  { id: "g6-standard-2", vcpus: 2, memory: 4096, disk: 81_920 },
];

/** What an account of Linode has, and what it refuses: the part of the emulator that knows no HTTP. */
export class Account {
  readonly linodes = new Map<number, Linode>();
  /** what user data, and with what else, each machine was made */
  readonly created = new Map<number, Body>();
  readonly firewalls = new Firewalls(() => this.#nextId++);
  readonly vpcs = new VPCs(() => this.#nextId++);
  readonly volumes = new VolumeShelf(() => this.#nextId++, this.linodes);
  readonly #balancers = new Map<number, Balancer>();
  #nextId = 1000;

  type(id: string): LinodeType {
    return found(TYPES.find((type) => type.id === id));
  }
  linode(id: string): Linode {
    return found(this.linodes.get(Number(id)));
  }
  createLinode(body: Body): Linode {
    const { label, tags = [], private_ip, image, root_pass } = body;
    check(REGIONS.includes(String(body.region)), "region", "region is not valid");
    check(
      TYPES.some(({ id }) => id === body.type),
      "type",
      "A valid plan type by that ID was not found",
    );
    check(image === undefined || typeof root_pass === "string", "root_pass", "root_pass is required");
    checkLabel(label, 64, [...this.linodes.values()]);
    checkTags(tags);
    const id = this.#nextId++;
    const low = id % 250;
    const linode: Linode = {
      id,
      label: String(label),
      region: String(body.region),
      type: String(body.type),
      status: "provisioning",
      ipv4: [`203.0.113.${low}`, ...(private_ip === true ? [`192.168.${128 + (id >> 8)}.${low}`] : [])],
      ipv6: `2001:db8::${id}/128`,
      tags: tags as string[],
    };
    this.vpcs.join(id, body.interfaces);
    this.linodes.set(id, linode);
    this.created.set(id, body);
    return linode;
  }
  deleteLinode(id: string): object {
    this.linodes.delete(this.linode(id).id);
    this.volumes.release(Number(id));
    this.vpcs.leave(Number(id));
    return {};
  }

  balancers(): NodeBalancer[] {
    return [...this.#balancers.values()].map(({ balancer }) => balancer);
  }
  balancer(id: string | number): Balancer {
    return found(this.#balancers.get(Number(id)));
  }
  createBalancer(body: Body): NodeBalancer {
    const { region, label, client_conn_throttle = 0, tags = [], configs = [] } = body;
    check(REGIONS.includes(String(region)), "region", "region is not valid");
    checkLabel(label, 32, this.balancers());
    checkTags(tags);
    checkThrottle(client_conn_throttle);
    const id = this.#nextId++;
    const balancer: NodeBalancer = {
      id,
      label: String(label),
      region: String(region),
      hostname: `nb-203-0-113-${id % 250}.${region}.nodebalancer.linode.com`,
      ipv4: `203.0.113.${id % 250}`,
      ipv6: null,
      client_conn_throttle: Number(client_conn_throttle),
      tags: tags as string[],
    };
    const made: Balancer = { balancer, configs: [] };
    for (const config of configs as Body[]) {
      const one = this.#newConfig(made, config);
      one.nodes = this.#newNodes(one.config, config.nodes);
      made.configs.push(one);
    }
    if (body.firewall_id !== undefined) this.firewalls.attach(String(body.firewall_id), { type: "nodebalancer", id });
    this.#balancers.set(id, made);
    return balancer;
  }
  updateBalancer(id: string, body: Body): NodeBalancer {
    const { balancer } = this.balancer(id);
    checkThrottle(body.client_conn_throttle ?? 0);
    return Object.assign(balancer, body);
  }
  deleteBalancer(id: string): object {
    this.#balancers.delete(this.balancer(id).balancer.id);
    this.firewalls.forget(Number(id));
    return {};
  }

  configs(id: string | number): NodeBalancerConfig[] {
    return this.balancer(id).configs.map(({ config }) => config);
  }
  nodes(id: string | number, config: string | number): NodeBalancerConfigNode[] {
    return this.#config(id, config).nodes;
  }
  /** Nodes that come along are not taken: they are added one by one, or by a rebuild. */
  createConfig(id: string, body: Body): NodeBalancerConfig {
    const balancer = this.balancer(id);
    const made = this.#newConfig(balancer, body);
    balancer.configs.push(made);
    return made.config;
  }
  /** Settings that are left out stay; nodes that are left out go. */
  rebuild(id: string, configId: string, body: Body): NodeBalancerConfig {
    const { nodes, ...settings } = body;
    const one = this.#config(id, configId);
    check(Array.isArray(nodes), "nodes", "nodes is required");
    checkConfig({ ...one.config, ...settings });
    const made = this.#newNodes({ ...one.config, ...settings } as NodeBalancerConfig, nodes);
    Object.assign(one.config, settings);
    one.nodes = made;
    return one.config;
  }
  deleteConfig(id: string, configId: string): object {
    const balancer = this.balancer(id);
    const gone = this.#config(id, configId);
    balancer.configs = balancer.configs.filter((one) => one !== gone);
    return {};
  }

  #config(id: string | number, config: string | number): Config {
    return found(this.balancer(id).configs.find((one) => one.config.id === Number(config)));
  }
  #newConfig({ balancer, configs }: Balancer, { nodes: _, ...settings }: Body): Config {
    const isUDP = settings.protocol === "udp";
    const config = {
      port: 80,
      protocol: "http",
      algorithm: "roundrobin",
      stickiness: isUDP ? "session" : "none",
      check: "none",
      check_interval: 5,
      check_timeout: 3,
      check_attempts: 2,
      check_path: "",
      proxy_protocol: "none",
      ...(isUDP ? { udp_check_port: 80 } : {}),
      ...settings,
      id: this.#nextId++,
      nodebalancer_id: balancer.id,
    } as NodeBalancerConfig;
    checkConfig({ ...config });
    const clash = configs.some((one) => one.config.port === config.port && isUDP === (one.config.protocol === "udp"));
    check(!clash, "port", "Port already in use");
    return { config, nodes: [] };
  }
  #newNodes(config: NodeBalancerConfig, list: unknown): NodeBalancerConfigNode[] {
    return ((list ?? []) as Body[]).map(({ label, address, mode }) => {
      checkNode(config, { label, address, mode });
      return {
        id: this.#nextId++,
        label: String(label),
        address: String(address),
        mode: config.protocol === "udp" ? undefined : ((mode as NodeBalancerConfigNode["mode"]) ?? "accept"),
        status: "unknown",
        config_id: config.id,
        nodebalancer_id: config.nodebalancer_id,
      };
    });
  }
}

function checkThrottle(throttle: unknown): void {
  check(typeof throttle === "number" && throttle >= 0 && throttle <= 20, "client_conn_throttle", "Must be 0-20");
}

const BY_PROTOCOL = {
  udp: { algorithm: ["roundrobin", "leastconn", "ring_hash"], stickiness: ["none", "session", "source_ip"] },
  others: { algorithm: ["roundrobin", "leastconn", "source"], stickiness: ["none", "table", "http_cookie"] },
};

function checkConfig(config: Body): void {
  const isUDP = config.protocol === "udp";
  const { algorithm, stickiness } = BY_PROTOCOL[isUDP ? "udp" : "others"];
  const number = (key: string) => Number(config[key]);
  check(["tcp", "udp", "http", "https"].includes(String(config.protocol)), "protocol", "protocol is not valid");
  check(number("port") >= 1 && number("port") <= 65_535, "port", "port must be between 1 and 65535");
  check(algorithm.includes(String(config.algorithm)), "algorithm", "algorithm is not valid for this protocol");
  check(stickiness.includes(String(config.stickiness)), "stickiness", "stickiness is not valid for this protocol");
  check(["none", "connection", "http", "http_body"].includes(String(config.check)), "check", "check is not valid");
  check(number("check_timeout") >= 1 && number("check_timeout") <= 30, "check_timeout", "Must be 1-30");
  check(number("check_interval") >= 2, "check_interval", "Must be 2-3600");
  check(number("check_interval") > number("check_timeout"), "check_interval", "Must be greater than check_timeout");
  check(config.check !== "http" || config.check_path !== "", "check_path", "check_path is required");
  check(!isUDP || config.proxy_protocol === "none", "proxy_protocol", "Must be none for UDP");
  check(isUDP || config.udp_check_port === undefined, "udp_check_port", "For UDP only");
}

function checkNode({ protocol }: NodeBalancerConfig, { label, address, mode }: Body): void {
  const text = String(label ?? "");
  check(text.length >= 3 && text.length <= 32, "nodes.label", "Length must be 3-32 characters");
  const right = /^192\.168\.(1[3-9]\d|12[89]|2\d\d)\.\d+:\d+$/.test(String(address));
  check(right, "nodes.address", "Must begin with 192.168 and have a port");
  check(protocol !== "udp" || mode === undefined, "nodes.mode", "Must not be given for UDP");
}
