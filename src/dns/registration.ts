import { isNodeReady, Node } from "../api/core/v1/index.ts";
import { EndpointSlice } from "../api/discovery/v1/index.ts";
import { deepEqual } from "../apimachinery/equal.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../apimachinery/status.ts";
import type { Client } from "../client/client.ts";
import type { Informer, Informers } from "../client/informer.ts";
import { Backoff } from "../util/backoff.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";

export interface RegistrationOptions {
  client: Client;
  informers: Informers;
  clock: Clock;
  logger: Logger;
  nodeName: string;
  nodeIP: string;
  port: number;
}

const NAMESPACE = "kube-system";
const SERVICE = "kube-dns";
const MANAGED_BY = "dns.coxswain.dev";
const LABELS = {
  "kubernetes.io/service-name": SERVICE,
  "endpointslice.kubernetes.io/managed-by": MANAGED_BY,
};
/** Among bursts of changes of Nodes, such as their heartbeats, slices are looked at so often at most. */
const LOOK_EVERY = 250;
const READY = { ready: true, serving: true, terminating: false };
const AWAY = { ready: false, serving: false, terminating: false };

/**
 * The slice through which the Service kube-dns reaches the server of this node. It is for this node's own clients as
 * long as each node has a server; others come when theirs is away. It goes with the Node.
 */
export function dnsSlice(
  { nodeName, nodeIP, port }: Pick<RegistrationOptions, "nodeName" | "nodeIP" | "port">,
  node?: Node,
): EndpointSlice {
  const { uid } = node?.metadata ?? {};
  const owner = { apiVersion: "v1", kind: "Node", name: nodeName, uid: uid ?? "" };
  return {
    apiVersion: EndpointSlice.apiVersion,
    kind: EndpointSlice.kind,
    metadata: {
      name: `${SERVICE}-${nodeName}`,
      namespace: NAMESPACE,
      labels: LABELS,
      ...(uid ? { ownerReferences: [owner] } : {}),
    },
    addressType: nodeIP.includes(":") ? "IPv6" : "IPv4",
    endpoints: [{ addresses: [nodeIP], conditions: READY, nodeName, hints: { forNodes: [{ name: nodeName }] } }],
    ports: [
      { name: "dns", protocol: "UDP", port },
      { name: "dns-tcp", protocol: "TCP", port },
    ],
  };
}

/** The slice as it should be while its node does not answer; undefined when it is so, or the node does. */
export function withoutLostNode(slice: EndpointSlice, node: Node | undefined): EndpointSlice | undefined {
  const [endpoint] = slice.endpoints ?? [];
  if (!endpoint || endpoint.conditions.ready === false || isNodeReady(node)) return undefined;
  return { ...slice, endpoints: [{ ...endpoint, conditions: AWAY }] };
}

/**
 * Keeps this node's slice what it should be, and takes those of nodes that do not answer out of service: whichever
 * server sees it first. Until `signal` aborts.
 */
export async function keepRegistered(options: RegistrationOptions, signal: AbortSignal): Promise<void> {
  await new Registration(options, signal).run();
}

class Registration {
  readonly #options: RegistrationOptions;
  readonly #signal: AbortSignal;
  readonly #nodes: Informer<Node>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #backoff: Backoff;

  constructor(options: RegistrationOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#nodes = options.informers.informer(Node);
    this.#slices = options.informers.informer(EndpointSlice);
    this.#backoff = new Backoff({ clock: options.clock, initial: 200, max: 10_000 });
  }
  async run(): Promise<void> {
    const { clock } = this.#options;
    // At once, and not only when everything else is known: Pods wait for names.
    await this.#attempt(() => this.#register());
    let changed = true;
    let wake = () => {};
    const mark = () => {
      changed = true;
      wake();
    };
    const handler = { added: mark, updated: mark, deleted: mark };
    const stops = [this.#nodes.subscribe(handler), this.#slices.subscribe(handler)];
    this.#signal.addEventListener("abort", mark, { once: true });
    try {
      await Promise.all([this.#nodes.whenSynced(this.#signal), this.#slices.whenSynced(this.#signal)]);
      while (!this.#signal.aborted) {
        if (!changed) await new Promise<void>((resolve) => (wake = resolve));
        changed = false;
        await this.#attempt(() => this.#look());
        await clock.pause(LOOK_EVERY, this.#signal);
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    } finally {
      for (const stop of stops) stop();
    }
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    const { logger, clock } = this.#options;
    while (!this.#signal.aborted) {
      try {
        await work();
        this.#backoff.reset("slice");
        return;
      } catch (error) {
        const delay = this.#backoff.next("slice");
        logger.warn("could not register the DNS server; trying again", { error, delay });
        await clock.pause(delay, this.#signal);
      }
    }
  }

  async #register(): Promise<void> {
    const { client, nodeName } = this.#options;
    const node = this.#nodes.synced ? this.#nodes.get({ name: nodeName }) : undefined;
    const wanted = dnsSlice(this.#options, node);
    const key = { namespace: NAMESPACE, name: wanted.metadata.name! };
    const current = await client.get(EndpointSlice, key).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (!current) {
      await client.create(EndpointSlice, wanted).catch((error) => {
        if (!isAlreadyExists(error)) throw error;
      });
    } else if (!isAsWanted(current, wanted)) {
      await client.update(EndpointSlice, { ...wanted, metadata: { ...current.metadata, ...wanted.metadata } });
    }
  }

  async #look(): Promise<void> {
    const { client, nodeName } = this.#options;
    const own = this.#nodes.get({ name: nodeName });
    const wanted = dnsSlice(this.#options, own);
    const slices = this.#slices.list(NAMESPACE).filter(isOurs);
    const mine = slices.find(({ metadata }) => metadata.name === wanted.metadata.name);
    // While the node itself is held for lost, others would take it out again.
    if (!mine || (!isAsWanted(mine, wanted) && (isNodeReady(own) || !own))) await this.#register();
    if (own && !isNodeReady(own)) return; // whoever does not hear of itself does not judge others
    for (const slice of slices) {
      if (slice === mine) continue;
      const name = slice.endpoints?.[0]?.nodeName ?? "";
      const away = withoutLostNode(slice, this.#nodes.get({ name }));
      if (!away) continue;
      await client.update(EndpointSlice, away).catch((error) => {
        if (!isConflict(error) && !isNotFound(error)) throw error; // another server was faster
      });
    }
  }
}

const isOurs = ({ metadata }: EndpointSlice) =>
  metadata.labels?.["endpointslice.kubernetes.io/managed-by"] === MANAGED_BY;

function isAsWanted(current: EndpointSlice, wanted: EndpointSlice): boolean {
  const owner = wanted.metadata.ownerReferences?.[0]?.uid;
  return (
    deepEqual(current.endpoints, wanted.endpoints) &&
    deepEqual(current.ports, wanted.ports) &&
    (owner === undefined || current.metadata.ownerReferences?.[0]?.uid === owner)
  );
}
