/** The parts of Linode's API v4 that are used here, as its reference has them (techdocs.akamai.com/linode-api). */

/** A Linode: one virtual machine. */
export interface Linode {
  id: number;
  /** unique within the account; the node's name */
  label: string;
  region: string;
  type: string | null;
  /** "running", "offline", "booting", "provisioning", … */
  status: string;
  /** public and private ones */
  ipv4: string[];
  /** with its prefix length: "2600:3c03::1/128" */
  ipv6: string | null;
  tags: string[];
}
export interface CreateLinode {
  region: string;
  type: string;
  image: string;
  root_pass: string;
  label: string;
  tags: string[];
  private_ip: boolean;
  booted: boolean;
  authorized_keys?: string[];
  /** `user_data` in base64, for cloud-init */
  metadata?: { user_data: string };
}
/** What machines of a type have: memory and disk in MiB. */
export interface LinodeType {
  id: string;
  vcpus: number;
  memory: number;
  disk: number;
}

export interface NodeBalancer {
  id: number;
  label: string;
  region: string;
  hostname: string;
  ipv4: string;
  ipv6: string | null;
  client_conn_throttle: number;
  tags: string[];
}
/** An http one reads requests; only tcp and udp are asked for here. */
export type Protocol = "tcp" | "udp" | "http" | "https";
/** What a NodeBalancer does with one port; the API fills what is left out. */
export interface ConfigSettings {
  port: number;
  protocol: Protocol;
  algorithm: "roundrobin" | "leastconn" | "source" | "ring_hash";
  /** table, http_cookie: TCP and HTTP; session, source_ip: UDP */
  stickiness: "none" | "table" | "http_cookie" | "session" | "source_ip";
  check: "none" | "connection" | "http" | "http_body";
  /** seconds */
  check_interval?: number;
  check_timeout?: number;
  check_attempts?: number;
  check_path?: string;
  proxy_protocol?: "none" | "v1" | "v2";
  /** where nodes are checked; UDP only: others are checked at the port of the node itself */
  udp_check_port?: number;
}
export interface BalancerConfig extends ConfigSettings {
  id: number;
  nodebalancer_id: number;
}
export interface BackendSettings {
  label: string;
  /** "192.168.128.7:30080" */
  address: string;
  /** not for UDP */
  mode?: "accept" | "reject" | "drain" | "backup";
}
export interface Backend extends BackendSettings {
  id: number;
  config_id: number;
  nodebalancer_id: number;
  status: "UP" | "DOWN" | "unknown";
}
export interface ConfigWithBackends extends ConfigSettings {
  nodes: BackendSettings[];
}
export interface CreateNodeBalancer {
  region: string;
  label: string;
  client_conn_throttle: number;
  tags: string[];
  configs: ConfigWithBackends[];
}

export interface Page<T> {
  data: T[];
  page: number;
  pages: number;
  results: number;
}
/** Why a call was refused. */
export interface ApiProblem {
  field?: string;
  reason: string;
}
/** For the header X-Filter: every field must be equal; a list field must contain the value. */
export type Filter = Record<string, string | number>;
