/**
 * The part of Linode's SDK that is used here. Its own declarations import each other without file extensions, which
 * `nodenext` does not resolve; this file takes their place for the compiler. Shapes as in the reference
 * (techdocs.akamai.com/linode-api), with the fields that are read or sent.
 */
declare module "@linode/api-v4" {
  /** Why a call was refused. */
  export interface APIError {
    field?: string;
    reason: string;
  }
  export interface ResourcePage<T> {
    data: T[];
    page: number;
    pages: number;
    results: number;
  }
  export interface Params {
    page?: number;
    page_size?: number;
  }
  /** For the header X-Filter: every field must be equal; a list field must contain the value. */
  export type Filter = Record<string, string | number>;

  /** What an interceptor sees of a call before it is made. */
  export interface OutgoingRequest {
    /** below `baseURL`, or whole */
    url?: string;
    headers: { set(name: string, value: string): unknown };
    params?: object;
    signal?: AbortSignal;
    proxy?: false;
  }
  /** The axios instance that all calls go through. */
  export const baseRequest: {
    interceptors: { request: { use(change: (request: OutgoingRequest) => OutgoingRequest): number } };
  };

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
  export interface CreateLinodeRequest {
    region: string;
    type: string;
    image: string;
    root_pass: string;
    label: string;
    tags: string[];
    private_ip: boolean;
    booted: boolean;
    authorized_keys?: string[];
    interfaces?: ({ purpose: "public" } | VPCInterface)[];
    /** `user_data` in base64, for cloud-init */
    metadata?: { user_data: string };
  }
  export interface VPCInterface {
    purpose: "vpc";
    vpc_id: number;
    subnet_id: number;
  }
  /** What machines of a type have: memory and disk in MiB. */
  export interface LinodeType {
    id: string;
    vcpus: number;
    memory: number;
    disk: number;
  }
  export function getLinodes(params?: Params, filter?: Filter): Promise<ResourcePage<Linode>>;
  export function getLinode(id: number): Promise<Linode>;
  export function createLinode(data: CreateLinodeRequest): Promise<Linode>;
  export function deleteLinode(id: number): Promise<object>;
  export function getType(id: string): Promise<LinodeType>;

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
  export interface NodeBalancerConfig extends ConfigSettings {
    id: number;
    nodebalancer_id: number;
  }
  /** not for UDP */
  export type NodeBalancerConfigNodeMode = "accept" | "reject" | "drain" | "backup";
  export interface NodeBalancerConfigNode {
    id: number;
    config_id: number;
    nodebalancer_id: number;
    label: string;
    /** "192.168.128.7:30080" */
    address: string;
    mode?: NodeBalancerConfigNodeMode;
    status: "UP" | "DOWN" | "unknown";
  }
  /** As the SDK takes it: it joins address and port itself. */
  export interface CreateNodeBalancerConfigNode {
    label: string;
    address: string;
    port: number;
    mode?: NodeBalancerConfigNodeMode;
  }
  /** The SDK refuses one without a node. */
  export interface CreateNodeBalancerConfig extends ConfigSettings {
    nodes: CreateNodeBalancerConfigNode[];
  }
  export interface CreateNodeBalancerPayload {
    region: string;
    label: string;
    client_conn_throttle: number;
    tags: string[];
    configs: CreateNodeBalancerConfig[];
    firewall_id?: number;
  }
  export function getNodeBalancers(params?: Params, filter?: Filter): Promise<ResourcePage<NodeBalancer>>;
  export function createNodeBalancer(data: CreateNodeBalancerPayload): Promise<NodeBalancer>;
  export function updateNodeBalancer(id: number, data: { client_conn_throttle: number }): Promise<NodeBalancer>;
  export function deleteNodeBalancer(id: number): Promise<object>;
  export function getNodeBalancerConfigs(id: number, params?: Params): Promise<ResourcePage<NodeBalancerConfig>>;
  export function createNodeBalancerConfig(id: number, data: CreateNodeBalancerConfig): Promise<NodeBalancerConfig>;
  export function rebuildNodeBalancerConfig(
    id: number,
    config: number,
    data: CreateNodeBalancerConfig,
  ): Promise<NodeBalancerConfig>;
  export function deleteNodeBalancerConfig(id: number, config: number): Promise<object>;
  export function getNodeBalancerConfigNodes(id: number, config: number): Promise<ResourcePage<NodeBalancerConfigNode>>;

  /** Whom a Cloud Firewall lets in. */
  export interface FirewallRule {
    action: "ACCEPT" | "DROP";
    label: string;
    protocol: "TCP" | "UDP";
    /** "80,443" */
    ports: string;
    addresses: { ipv4?: string[] | null; ipv6?: string[] | null };
  }
  export interface FirewallRules {
    inbound?: FirewallRule[] | null;
    inbound_policy: "ACCEPT" | "DROP";
    outbound?: FirewallRule[] | null;
    outbound_policy: "ACCEPT" | "DROP";
  }
  export interface Firewall {
    id: number;
    label: string;
    rules: FirewallRules;
    /** what is behind it */
    entities: { id: number; type: "linode" | "nodebalancer" | "linode_interface" }[];
    tags: string[];
  }
  export function getFirewalls(params?: Params, filter?: Filter): Promise<ResourcePage<Firewall>>;
  export function createFirewall(data: { label: string; tags: string[]; rules: FirewallRules }): Promise<Firewall>;
  export function updateFirewallRules(id: number, rules: FirewallRules): Promise<FirewallRules>;
  export function addFirewallDevice(id: number, device: { type: "nodebalancer"; id: number }): Promise<object>;
  export function deleteFirewall(id: number): Promise<object>;

  /** An address, or a range that is routed to an interface, in a VPC. */
  export interface VPCIP {
    address: string | null;
    address_range: string | null;
    /** null: the address is a NodeBalancer's */
    linode_id: number | null;
    config_id: number | null;
    interface_id: number | null;
    subnet_id: number;
    vpc_id: number;
  }
  export function getVPCIPs(vpc: number, params?: Params, filter?: Filter): Promise<ResourcePage<VPCIP>>;
  /** The SDK takes one range at most. */
  export function updateConfigInterface(
    linode: number,
    config: number,
    at: number,
    data: { ip_ranges: string[] },
  ): Promise<object>;

  /** Block storage. */
  export interface Volume {
    id: number;
    label: string;
    region: string;
    /** GB */
    size: number;
    /** "creating", "active", "resizing", … */
    status: string;
    /** where its machine finds it */
    filesystem_path: string;
    linode_id: number | null;
    tags: string[];
  }
  export interface VolumeRequestPayload {
    label: string;
    region: string;
    size: number;
    tags: string[];
  }
  export function getVolumes(params?: Params, filter?: Filter): Promise<ResourcePage<Volume>>;
  export function getVolume(id: number): Promise<Volume>;
  export function createVolume(data: VolumeRequestPayload): Promise<Volume>;
  export function attachVolume(id: number, to: { linode_id: number }): Promise<Volume>;
  export function detachVolume(id: number): Promise<object>;
  export function resizeVolume(id: number, to: { size: number }): Promise<Volume>;
  export function deleteVolume(id: number): Promise<object>;
}
