import type { Node, Service } from "../api/core/v1/index.ts";

/**
 * What a cluster asks of a cloud. Each part may be missing: then the loop that needs it does not run. All calls throw
 * when the cloud does not answer or refuses; they are tried again, so each must be harmless to repeat.
 */
export interface CloudProvider {
  /** "coxswain" or "linode": how the `spec.providerID` of its machines begins, before "://" */
  readonly name: string;
  readonly instances?: Instances;
  readonly loadBalancers?: LoadBalancers;
  readonly routes?: Routes;
  readonly nodeGroups?: NodeGroups;
  readonly disks?: Disks;
}

/** A machine of the cloud that is, or becomes, a node. */
export interface Instance {
  /** "linode://12345" */
  providerID: string;
  /** the node's name */
  name: string;
  type: string;
  region?: string;
  zone?: string;
  addresses: readonly { type: "InternalIP" | "ExternalIP" | "Hostname"; address: string }[];
  state: "running" | "stopped";
}
export interface Instances {
  /** The node's machine; undefined when there is none (any more). */
  of(node: Node): Promise<Instance | undefined>;
}

/** As `status.loadBalancer.ingress` has it. */
export interface Ingress {
  ip?: string;
  hostname?: string;
  ipMode?: "VIP" | "Proxy";
}
export interface LoadBalancers {
  /** Makes the Service's load balancer what the Service and these nodes say; answers where it is reached. */
  ensure(service: Service, nodes: readonly Node[]): Promise<readonly Ingress[]>;
  /** Takes it away, if it is there. */
  remove(service: Service): Promise<void>;
}

/** Packets for `cidr` go to this node. */
export interface Route {
  name: string;
  node: string;
  cidr: string;
}
export interface Routes {
  list(): Promise<readonly Route[]>;
  create(route: Omit<Route, "name">): Promise<void>;
  remove(route: Route): Promise<void>;
}

/** Machines of one make, of which there can be more or fewer. */
export interface NodeGroup {
  id: string;
  min: number;
  max: number;
  /** as a new machine of the group would register: labels, taints, allocatable */
  template: Node;
  /** names of its nodes, those that are only on their way included */
  members: readonly string[];
}
export interface NodeGroups {
  list(): Promise<readonly NodeGroup[]>;
  /** Asks for so many machines more. */
  grow(group: string, by: number): Promise<void>;
  /** Gives this node's machine back. Its Node object goes by the node lifecycle loop. */
  giveBack(group: string, node: string): Promise<void>;
}

/** Disks that can move between machines, for the controllers of class `network`. */
export interface Disks {
  /** At least so many bytes. Made a second time by the same name, it is the same disk. */
  create(disk: { name: string; size: number; zone?: string }): Promise<{ id: string; size: number }>;
  /** Fails while the disk is attached. */
  delete(id: string): Promise<void>;
  /** Fails when the disk is attached to another machine. Answers where the machine finds it. */
  attach(id: string, machine: string): Promise<{ devicePath: string }>;
  detach(id: string, machine: string): Promise<void>;
  /** To at least so many bytes; never smaller. */
  resize(id: string, size: number): Promise<void>;
}
