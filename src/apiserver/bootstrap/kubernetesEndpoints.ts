import { Endpoints } from "../../api/core/v1/index.ts";
import { EndpointSlice } from "../../api/discovery/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { KeyExistsError, RevisionMismatchError } from "../../store/backend.ts";
import type { Timer } from "../../util/clock.ts";
import { ROOT } from "../cache/watchCache.ts";
import type { Registry } from "../registry/registry.ts";
import { ensure, type ServerAddress } from "./bootstrap.ts";
import type { Wanted } from "./policy.ts";

/** Where each API server of a shared store says that it lives: the key ends in its address. */
const LEASES = `${ROOT}masterleases/`;
const BEAT = 4_000;
/** A server that has not been heard of for this long, by our own clock, is no endpoint any more. */
const DEAD_AFTER = 12_000;
const LEAVE_WITHIN = 2_000;

/** The endpoints of the Service `kubernetes`: this server, or all that live when several share a store. */
export async function keepKubernetesEndpoints(registry: Registry, self: ServerAddress): Promise<() => Promise<void>> {
  // A loopback address means nothing to a Pod: a server that only listens there has no endpoint.
  if (self.advertiseAddress.startsWith("127.")) return async () => {};
  if (registry.cache.backend.shared) return new LivingServers(registry, self).start();
  await publish(registry, [self.advertiseAddress], self.port);
  return async () => {};
}

class LivingServers {
  readonly #registry: Registry;
  readonly #self: ServerAddress;
  /** by key: the revision last seen, and since when, by our clock */
  #seen = new Map<string, { revision: number; since: number }>();
  #timer: Timer | undefined;
  #turn: Promise<void> = Promise.resolve();
  #left = false;

  constructor(registry: Registry, self: ServerAddress) {
    this.#registry = registry;
    this.#self = self;
  }
  async start(): Promise<() => Promise<void>> {
    await this.#beat();
    this.#plan();
    return () => this.#leave();
  }
  #plan(): void {
    this.#timer = this.#registry.clock.setTimer(BEAT, () => {
      this.#turn = this.#beat()
        .catch((error: unknown) => this.#registry.logger.warn("could not renew this server's lease", { error }))
        .finally(() => this.#left || this.#plan());
    });
  }
  get #own(): string {
    return LEASES + this.#self.advertiseAddress;
  }

  async #beat(): Promise<void> {
    const { backend } = this.#registry.cache;
    const value = Buffer.from(JSON.stringify({ port: this.#self.port }));
    const known = await backend.get(this.#own);
    await (known ? backend.update(this.#own, value, known.revision) : backend.create(this.#own, value)).catch(
      unlessRaced,
    );
    await publish(this.#registry, await this.#living(), this.#self.port);
  }
  /** Addresses of the servers that have been heard of; forgets the others. */
  async #living(): Promise<string[]> {
    const { cache, clock } = this.#registry;
    const { entries } = await cache.backend.list(LEASES);
    const now = clock.elapsed();
    const living: string[] = [];
    const seen = new Map<string, { revision: number; since: number }>();
    for (const { key, revision } of entries) {
      const before = this.#seen.get(key);
      const heard = before?.revision === revision ? before : { revision, since: now };
      seen.set(key, heard);
      if (now - heard.since < DEAD_AFTER) living.push(key.slice(LEASES.length));
      else await cache.backend.delete(key, revision).catch(unlessRaced);
    }
    this.#seen = seen;
    return living;
  }
  /** Takes this server out at once, rather than when the others miss it. */
  async #leave(): Promise<void> {
    this.#left = true;
    this.#timer?.cancel();
    const { clock, logger } = this.#registry;
    const enough = new AbortController();
    const late = clock.pause(LEAVE_WITHIN, enough.signal);
    const left = this.#withdraw().catch((error: unknown) => logger.warn("left without a word", { error }));
    await Promise.race([left, late]);
    enough.abort();
  }
  async #withdraw(): Promise<void> {
    await this.#turn;
    const { backend } = this.#registry.cache;
    const known = await backend.get(this.#own);
    if (known) await backend.delete(this.#own, known.revision).catch(unlessRaced);
    const others = (await this.#living()).filter((address) => address !== this.#self.advertiseAddress);
    if (others.length > 0) await publish(this.#registry, others, this.#self.port);
  }
}

/** Another server was faster with the same: the next turn sees what it did. */
function unlessRaced(error: unknown): void {
  if (!(error instanceof RevisionMismatchError || error instanceof KeyExistsError)) throw error;
}

async function publish(registry: Registry, addresses: readonly string[], port: number): Promise<void> {
  for (const wanted of wantedEndpoints([...addresses].sort(), port)) await ensure(registry, wanted);
}

function wantedEndpoints(addresses: readonly string[], port: number): Wanted[] {
  const name = "kubernetes";
  const namespace = "default";
  const ports = [{ name: "https", port, protocol: "TCP" }];
  const skip = { "endpointslice.kubernetes.io/skip-mirror": "true" };
  const subsets = [{ addresses: addresses.map((ip) => ({ ip })), ports }];
  const endpoints = { apiVersion: "v1", kind: "Endpoints", metadata: { name, namespace, labels: skip }, subsets };
  const slice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports,
  };
  return [
    { kind: Endpoints as never, object: endpoints as never, reconcile: follow(["subsets"], endpoints) },
    { kind: EndpointSlice as never, object: slice as never, reconcile: follow(["endpoints", "ports"], slice) },
  ];
}

function follow(fields: readonly string[], wanted: object) {
  const from = wanted as Record<string, unknown>;
  return (live: KubernetesObject) => {
    const same = fields.every((field) => deepEqual((live as unknown as Record<string, unknown>)[field], from[field]));
    return same ? undefined : ({ ...live, ...Object.fromEntries(fields.map((f) => [f, from[f]])) } as KubernetesObject);
  };
}
