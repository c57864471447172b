import { methodNotAllowed, pathNotFound } from "../../apimachinery/errors.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import { createScheme, type Scheme } from "../../apimachinery/scheme.ts";
import { FENCE } from "../../client/fence.ts";
import type { Clock } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import type { Random } from "../../util/random.ts";
import type { TokenIssuer } from "../authentication/tokens.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import type { WatchCache } from "../cache/watchCache.ts";
import type { Measurements } from "../measurements/measurements.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import type { Allocators } from "./allocators.ts";
import type { Resource } from "./resource.ts";
import { scaleHandler } from "./scale.ts";
import { Snapshots } from "./snapshots.ts";
import { strategyFor } from "./strategies.ts";
import { Terms } from "./terms.ts";
import { verbHandler } from "./verbs.ts";

/** All served kinds, and what serving them needs. */
export class Registry {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly snapshots: Snapshots;
  readonly authorizer: Authorizer;
  readonly tokens: TokenIssuer | undefined;
  readonly allocators: Allocators;
  /** what nodes and Pods use */
  readonly measurements: Measurements;
  /** whether Pods are given the service CA's certificate */
  readonly serviceCA: boolean;
  /** parts of the control plane that live and end with this process, such as "kube-scheduler" */
  readonly parts: readonly string[];
  #resources = new Map<Kind, Resource>();
  #scheme: Scheme;
  readonly #terms = new Terms(this);

  constructor(options: {
    kinds: readonly Kind[];
    cache: WatchCache;
    clock: Clock;
    random: Random;
    logger: Logger;
    authorizer: Authorizer;
    tokens: TokenIssuer | undefined;
    allocators: Allocators;
    measurements: Measurements;
    serviceCA: boolean;
    parts?: readonly string[];
  }) {
    this.#scheme = createScheme(options.kinds);
    this.cache = options.cache;
    this.clock = options.clock;
    this.random = options.random;
    this.logger = options.logger;
    this.snapshots = new Snapshots(options.clock);
    this.authorizer = options.authorizer;
    this.tokens = options.tokens;
    this.allocators = options.allocators;
    this.measurements = options.measurements;
    this.serviceCA = options.serviceCA;
    this.parts = options.parts ?? [];
    for (const kind of options.kinds) this.#resources.set(kind, this.#make(kind));
  }
  #make(kind: Kind): Resource {
    const stored = kind.verbs.includes("get") && !kind.computed;
    const storage = kind.storedAs?.kind ?? kind;
    return { kind, storage, cache: stored ? this.cache.of(storage) : undefined, strategy: strategyFor(kind) };
  }
  /** The kinds that are served now; another object whenever they change. */
  get scheme(): Scheme {
    return this.#scheme;
  }
  /** Serves more kinds, those that others are stored as among them. Resolves once their objects can be read. */
  async serve(kinds: readonly Kind[]): Promise<void> {
    await Promise.all(kinds.filter((kind) => !kind.storedAs).map((kind) => this.cache.add(kind)));
    for (const kind of kinds) this.#resources.set(kind, this.#make(kind));
    this.#scheme = createScheme([...this.#resources.keys()]);
  }
  /** Serves these kinds no longer: their paths are not there any more, and their watches end. */
  withdraw(kinds: readonly Kind[]): void {
    for (const kind of kinds) this.#resources.delete(kind);
    this.#scheme = createScheme([...this.#resources.keys()]);
    for (const kind of kinds) if (!kind.storedAs) this.cache.drop(kind);
  }
  resource(kind: Kind): Resource {
    return this.#resources.get(kind)!;
  }
  find(group: string, version: string, plural: string): Resource | undefined {
    const kind = this.scheme.byResource(group, version, plural);
    return kind && this.#resources.get(kind);
  }
  resources(): Iterable<Resource> {
    return this.#resources.values();
  }
  /** The core API says that it has no such resource; other groups and versions are not there at all. */
  #nothing({ info: { group, version } }: Call): Answer {
    const served = this.scheme.kinds.some((kind) => kind.group === group && kind.version === version);
    if (group === "" || served) throw pathNotFound();
    return { type: "raw", code: 404, contentType: "text/plain; charset=utf-8", body: "404 page not found\n" };
  }
  /** Carries out a resource request: the verb on the resource, or what its subresource does. */
  async handle(call: Call): Promise<Answer> {
    const { verb, subresource, namespace, name } = call.info;
    const { resource } = call;
    if (!resource) return this.#nothing(call);
    const fence = call.incoming.header(FENCE);
    if (fence !== undefined && call.incoming.method !== "GET") call.guard = await this.#terms.guard(call, fence);
    checkPlace(resource, call.incoming.method, namespace, name);
    const { deprecation } = resource.strategy;
    if (deprecation) call.warnings.push(deprecation);
    if (subresource === "") return verbHandler(resource, verb, "")(this, resource, call);
    if (subresource === "status" && resource.kind.status)
      return verbHandler(resource, verb, "status")(this, resource, call);
    if (subresource === "scale" && resource.kind.scale) return scaleHandler(call, resource, this);
    const handler = resource.strategy.subresources?.[subresource];
    if (!handler) throw pathNotFound();
    const declared = resource.kind.subresources?.[subresource];
    // What a proxy is asked with is for the program behind it to judge; OPTIONS is no verb here, but may be one there.
    if (declared && subresource !== "proxy" && !declared.verbs.includes(verb)) throw methodNotAllowed();
    return handler(call, resource, this);
  }
}

/** Namespaced objects are created, changed and named within a namespace; across namespaces they can only be listed. */
function checkPlace({ kind }: Resource, method: string, namespace: string, name: string): void {
  if (kind.scope === "Cluster") {
    if (namespace !== "" && kind.plural !== "namespaces") throw pathNotFound();
    return;
  }
  if (namespace !== "" || method === "GET" || method === "HEAD") return;
  throw name === "" ? methodNotAllowed() : pathNotFound();
}
