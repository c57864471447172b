import { Node, Service } from "../api/core/v1/index.ts";
import { EndpointSlice } from "../api/discovery/v1/index.ts";
import type { Client } from "../client/client.ts";
import type { Informer, Informers } from "../client/informer.ts";
import type { Clock, Timer } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import { type Dataplane, NftablesDataplane } from "./dataplane.ts";
import type { Family, NodeInfo } from "./endpoints.ts";
import { type HealthCheck, HealthCheckServers } from "./healthCheckServer.ts";
import { IptablesDataplane, removeChains } from "./iptables/dataplane.ts";
import { NodesBehind } from "./nodesBehind.ts";
import { planService, type ServicePlan } from "./plan.ts";
import { forgetFlows, staleFlows } from "./staleFlows.ts";
import { prepareKernel } from "./sysctls.ts";
import { removeTable } from "./table.ts";

export interface ProxyOptions {
  client: Client;
  informers: Informers;
  clock: Clock;
  random: Random;
  logger: Logger;
  nodeName: string;
  nodeIPs: readonly string[];
  /** addresses of all Pods, comma-separated for two families */
  clusterCIDR: string;
  /** "10.160.0.0/16": this node is the way out of nodes with these addresses, and load balancers' addresses lead to it */
  gatewayOf?: string;
  /** the link that joins this node's Pods */
  bridgeName?: string;
  /** what makes the rules; default nftables */
  mode?: ProxyMode;
  /** the nftables table, in the current network namespace; nothing else is touched */
  tableName: string;
  /** what the names of iptables chains begin with, in capitals; at most eight characters; default "KUBE" */
  chainPrefix?: string;
}

export type ProxyMode = "nftables" | "iptables";
export const PROXY_MODES: readonly ProxyMode[] = ["nftables", "iptables"];
const CHAIN_PREFIX = "KUBE";

const SERVICE_NAME = "kubernetes.io/service-name";
/** Bursts of changes become one transaction; a single one is not held up for longer than can be noticed. */
const COALESCE = 1;
const RETRY = 1000;
/** How often the kernel's table is held against ours; less often when it is so large that looking takes long. */
const VERIFY = 15_000;
const VERIFY_SHARE = 1 / 200;
const FAMILIES: readonly Family[] = ["ip", "ip6"];

/**
 * Keeps the rules equal to what Services and EndpointSlices ask for, until `signal` aborts. They stay when the proxy
 * stops, so that traffic goes on while it restarts; `cleanUpProxy` removes them. What another mode left is removed.
 */
export async function runProxy(options: ProxyOptions, signal: AbortSignal): Promise<void> {
  const { mode = "nftables", tableName, chainPrefix = CHAIN_PREFIX, bridgeName } = options;
  if (mode === "nftables") await removeChains(chainPrefix);
  const clusterCIDRs = options.clusterCIDR.split(",").filter(Boolean);
  const bridge = bridgeName === undefined ? undefined : { name: bridgeName, table: tableName, clusterCIDRs };
  const proxy = new ServiceProxy(options, prepareKernel(options.logger, bridge).bridgeFiltered);
  if (mode === "iptables") await removeTables(tableName);
  await proxy.run(signal);
}

/** Removes everything the proxy made in this network namespace, in either mode. Harmless when there is nothing. */
export async function cleanUpProxy(tableName: string, chainPrefix = CHAIN_PREFIX): Promise<void> {
  await removeTables(tableName);
  await removeChains(chainPrefix);
}

async function removeTables(tableName: string): Promise<void> {
  for (const family of FAMILIES) await removeTable(family, tableName);
}

function openDataplane(family: Family, options: ProxyOptions): Dataplane {
  const { mode = "nftables", tableName, chainPrefix = CHAIN_PREFIX, logger } = options;
  if (mode === "iptables") return new IptablesDataplane(family, chainPrefix, logger);
  return new NftablesDataplane(family, tableName, logger);
}

/** One address family. */
interface Table {
  services: ReadonlyMap<string, ServicePlan>;
  readonly kernel: Dataplane;
}

class ServiceProxy {
  readonly #options: ProxyOptions;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #nodes: Informer<Node>;
  readonly #behind: NodesBehind | undefined;
  readonly #health: HealthCheckServers;
  readonly #bridgeFiltered: boolean;
  readonly #tables: ReadonlyMap<Family, Table>;
  /** services whose rules have to be thought through again */
  #dirty = new Set<string>();
  #allDirty = true;
  #timer: Timer | undefined;
  #wake: (() => void) | undefined;

  constructor(options: ProxyOptions, bridgeFiltered: boolean) {
    const { informers, nodeName, gatewayOf } = options;
    this.#options = options;
    this.#behind = gatewayOf === undefined ? undefined : new NodesBehind(informers.informer(Node), gatewayOf);
    this.#tables = new Map(
      FAMILIES.map((family) => [family, { services: new Map(), kernel: openDataplane(family, options) }]),
    );
    this.#bridgeFiltered = bridgeFiltered;
    this.#health = new HealthCheckServers(options.logger);
    this.#services = informers.informer(Service);
    this.#slices = informers.informer(EndpointSlice);
    this.#nodes = informers.informer(Node, { fieldSelector: `metadata.name=${nodeName}` });
    this.#slices.addIndex("service", (slice) => [sliceOwner(slice)]);
  }

  async run(signal: AbortSignal): Promise<void> {
    const informers = [this.#services, this.#slices, this.#nodes, ...(this.#behind ? [this.#behind.nodes] : [])];
    const stops = this.#subscribe();
    const wake = () => this.#wake?.();
    signal.addEventListener("abort", wake, { once: true });
    try {
      await Promise.all(informers.map((informer) => informer.whenSynced(signal)));
      while (!signal.aborted) {
        const delay = await this.#sync();
        if (!signal.aborted) await this.#changed(delay);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", wake);
      for (const stop of stops) stop();
      this.#timer?.cancel();
      this.#health.close();
    }
  }

  #subscribe(): (() => void)[] {
    const mark = (key: string) => {
      this.#dirty.add(key);
      this.#schedule();
    };
    const service = (object: Service) => mark(keyOf(object.metadata));
    const slice = (object: EndpointSlice) => mark(sliceOwner(object));
    let node = "";
    const nodeChanged = () => {
      const now = JSON.stringify(this.#nodeInfo());
      if (now === node) return;
      node = now;
      this.#allDirty = true;
      this.#schedule();
    };
    return [
      this.#services.subscribe({ added: service, updated: service, deleted: service }),
      this.#slices.subscribe({
        added: slice,
        updated: (object, old) => {
          slice(old);
          slice(object);
        },
        deleted: slice,
      }),
      this.#nodes.subscribe({ added: nodeChanged, updated: nodeChanged, deleted: nodeChanged }),
      ...(this.#behind ? [this.#behind.subscribe(nodeChanged)] : []),
    ];
  }

  #schedule(): void {
    this.#timer ??= this.#options.clock.setTimer(COALESCE, () => {
      this.#timer = undefined;
      this.#wake?.();
    });
  }

  /** Waits for a change, or for `delay`. */
  async #changed(delay: number): Promise<void> {
    if (this.#timer === undefined && (this.#dirty.size > 0 || this.#allDirty)) return;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.setTimer(delay, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** Brings the kernel up to date; answers after how long to look again without a change. */
  async #sync(): Promise<number> {
    const quiet = this.#dirty.size === 0 && !this.#allDirty;
    const dirty = this.#allDirty ? undefined : this.#dirty;
    this.#dirty = new Set();
    this.#allDirty = false;
    try {
      const start = this.#options.clock.now();
      for (const family of FAMILIES) {
        if (quiet) await this.#tables.get(family)!.kernel.verify();
        else await this.#syncFamily(family, dirty);
      }
      if (quiet) return Math.max(VERIFY, (this.#options.clock.now() - start) / VERIFY_SHARE);
      this.#health.sync(this.#healthChecks());
      return VERIFY;
    } catch (error) {
      this.#options.logger.error("cannot bring the rules up to date", { error });
      for (const table of this.#tables.values()) table.kernel.forget();
      this.#allDirty = true;
      this.#timer ??= this.#options.clock.setTimer(RETRY, () => {
        this.#timer = undefined;
        this.#wake?.();
      });
      return RETRY;
    }
  }

  async #syncFamily(family: Family, dirty: ReadonlySet<string> | undefined): Promise<void> {
    const table = this.#tables.get(family)!;
    const node = this.#nodeInfo();
    const services = this.#think(family, table.services, dirty, node);
    // No table for a family that no service uses.
    if (!table.kernel.isApplied && family === "ip6" && services.size === 0) return;
    await table.kernel.apply(services, node);
    const stale = [...new Set([...table.services.keys(), ...services.keys()])].flatMap((key) =>
      table.services.get(key) === services.get(key) ? [] : staleFlows(table.services.get(key), services.get(key)),
    );
    table.services = services;
    await forgetFlows(stale, this.#options.logger);
  }

  /** The plan of every service; those not in `dirty` are as they were. */
  #think(
    family: Family,
    known: ReadonlyMap<string, ServicePlan>,
    dirty: ReadonlySet<string> | undefined,
    node: NodeInfo,
  ): ReadonlyMap<string, ServicePlan> {
    const next = new Map(dirty ? known : []);
    for (const key of dirty ?? this.#services.list().map(({ metadata }) => keyOf(metadata))) {
      const [namespace, name] = key.split("/");
      const service = this.#services.get({ namespace, name: name! });
      const plan = service ? planService(service, this.#slices.byIndex("service", key), family, node) : [];
      if (plan.length > 0) next.set(key, plan);
      else next.delete(key);
    }
    return next;
  }

  #nodeInfo(): NodeInfo {
    const { nodeName, clusterCIDR } = this.#options;
    const node = this.#nodes.get({ name: nodeName });
    const { podCIDR, podCIDRs } = node?.spec ?? {};
    return {
      name: nodeName,
      zone: node?.metadata.labels?.["topology.kubernetes.io/zone"],
      clusterCIDRs: clusterCIDR.split(",").filter(Boolean),
      podCIDRs: podCIDRs?.length ? podCIDRs : podCIDR ? [podCIDR] : [],
      bridgeFiltered: this.#bridgeFiltered,
      ...(this.#behind && { gatewayOf: this.#behind.names(nodeName) }),
    };
  }

  #healthChecks(): HealthCheck[] {
    const { nodeName } = this.#options;
    return this.#services.list().flatMap((service) => {
      const { type, externalTrafficPolicy, healthCheckNodePort: port } = service.spec;
      if (type !== "LoadBalancer" || externalTrafficPolicy !== "Local" || !port) return [];
      const local = new Set(
        this.#slices
          .byIndex("service", keyOf(service.metadata))
          .flatMap((slice) => slice.endpoints ?? [])
          .filter((endpoint) => endpoint.nodeName === nodeName && endpoint.conditions?.ready !== false)
          .map((endpoint) => endpoint.addresses[0]),
      );
      const { namespace = "", name = "" } = service.metadata;
      return [{ port, namespace, name, localEndpoints: local.size }];
    });
  }
}

const keyOf = ({ namespace, name }: { namespace?: string; name?: string }) => `${namespace}/${name}`;
const sliceOwner = ({ metadata }: EndpointSlice) => `${metadata.namespace}/${metadata.labels?.[SERVICE_NAME] ?? ""}`;
