import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import type { Kind } from "../apimachinery/kind.ts";
import type { Transport } from "../client/transport.ts";
import { Aggregator } from "./aggregation/aggregator.ts";
import type { FrontProxy } from "./aggregation/reach.ts";
import { TokenIssuer } from "./authentication/tokens.ts";
import { masters, union } from "./authorization/authorizer.ts";
import { NodeAuthorizer } from "./authorization/node.ts";
import { RbacAuthorizer } from "./authorization/rbac.ts";
import { bootstrap } from "./bootstrap/bootstrap.ts";
import { keepKubernetesEndpoints } from "./bootstrap/kubernetesEndpoints.ts";
import { nodeRules } from "./bootstrap/policy.ts";
import { keepDefaultServiceCIDR } from "./bootstrap/serviceCIDR.ts";
import { WatchCache } from "./cache/watchCache.ts";
import { createDirectTransport } from "./directTransport.ts";
import { Forwarder, type KubeletTLS } from "./http/forward.ts";
import { Frontend } from "./http/frontend.ts";
import { HttpServer } from "./http/httpServer.ts";
import { kubeletReader } from "./measurements/kubeletReader.ts";
import { Measurements } from "./measurements/measurements.ts";
import type { ApiServerOptions } from "./options.ts";
import { Documents } from "./paths/documents.ts";
import type { HealthCheck } from "./paths/health.ts";
import { Metrics } from "./paths/metrics.ts";
import { answerPath } from "./paths/paths.ts";
import { versionInfo } from "./paths/version.ts";
import type { User } from "./pipeline/call.ts";
import type { Server } from "./pipeline/pipeline.ts";
import { Allocators } from "./registry/allocators.ts";
import { keepBookmarks } from "./registry/bookmarks.ts";
import { expireEvents } from "./registry/eventExpiry.ts";
import { kubeletAddress } from "./registry/podStreams.ts";
import { Registry } from "./registry/registry.ts";
import { keepRepairing } from "./registry/serviceRepair.ts";

export interface ApiServer {
  /** Serves HTTPS. Resolves with the address once requests are answered. */
  listen(): Promise<AddressInfo>;
  /** The API in this process, as `user`. */
  directTransport(user: User): Transport;
  /** Serves more kinds than it began with. */
  serve(kinds: readonly Kind[]): Promise<void>;
  /** Serves these kinds no longer; the store keeps what it holds of them. */
  withdraw(kinds: readonly Kind[]): void;
  /** Ends watches, lets writes in flight finish, and stops. The backend is the caller's to close. */
  close(): Promise<void>;
}

const DEFAULT_PORT = 6443;
/** How long requests in flight may take when the server stops. */
const CLOSE_WITHIN = 5_000;

function parseRange(text: string): { from: number; to: number } {
  const [from = "30000", to = "32767"] = text.split("-");
  return { from: Number(from), to: Number(to) };
}

async function openTokens(options: ApiServerOptions, cache: WatchCache): Promise<TokenIssuer | undefined> {
  const { serviceAccount, clock, random } = options;
  if (!serviceAccount) return undefined;
  const { issuer, keyFiles, signingKeyFile } = serviceAccount;
  const [signingKey, ...publicKeys] = await Promise.all(
    [signingKeyFile, ...keyFiles].map((file) => readFile(file, "utf8")),
  );
  return new TokenIssuer({ issuer, signingKey: signingKey!, publicKeys, clock, random, cache });
}

async function readKubeletTLS({ kubeletClient }: ApiServerOptions): Promise<KubeletTLS | undefined> {
  if (!kubeletClient) return undefined;
  const { certFile, keyFile, caFile } = kubeletClient;
  const [cert, key, ca] = await Promise.all([readFile(certFile), readFile(keyFile), caFile && readFile(caFile)]);
  return { cert, key, ...(ca && { ca }) };
}

async function readFrontProxy({ frontProxy }: ApiServerOptions): Promise<FrontProxy | undefined> {
  if (!frontProxy) return undefined;
  const [cert, key] = await Promise.all([readFile(frontProxy.certFile), readFile(frontProxy.keyFile)]);
  return { cert, key };
}

/** By what a server of further APIs knows this server's users, and this server itself. */
async function extensionAuthentication({ tls, frontProxy }: ApiServerOptions): Promise<Record<string, string>> {
  const read = (file: string | undefined) => (file ? readFile(file, "utf8") : undefined);
  const [clientCA, proxyCA] = await Promise.all([read(tls?.clientCAFile), read(frontProxy?.caFile)]);
  const list = (...values: string[]) => JSON.stringify(values);
  return {
    ...(clientCA && { "client-ca-file": clientCA }),
    ...(proxyCA && {
      "requestheader-client-ca-file": proxyCA,
      "requestheader-allowed-names": list("front-proxy-client"),
      "requestheader-extra-headers-prefix": list("X-Remote-Extra-"),
      "requestheader-group-headers": list("X-Remote-Group"),
      "requestheader-uid-headers": list("X-Remote-Uid"),
      "requestheader-username-headers": list("X-Remote-User"),
    }),
  };
}

/** What a node uses: as told, or from its kubelet. */
function nodeReader({ readNode, clock }: ApiServerOptions, tls: KubeletTLS | undefined, addressOf: AddressOf) {
  if (readNode) return { read: readNode, close: () => {} };
  if (tls) return kubeletReader({ tls, clock, addressOf });
  const read = () => Promise.reject(new Error("this server has no certificate to show to kubelets"));
  return { read, close: () => {} };
}
type AddressOf = (node: string) => string;

/** Reads the store, creates what every cluster has from the start, and is then ready to serve. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { backend, clock, random, logger, kinds } = options;
  const cache = new WatchCache({ backend, kinds, clock, logger });
  await cache.start();
  const tokens = await openTokens(options, cache);
  const rbac = new RbacAuthorizer(cache);
  const authorizer = union(masters, new NodeAuthorizer(cache, nodeRules()), rbac);
  const nodePortRange = parseRange(options.nodePortRange ?? "30000-32767");
  const allocators = new Allocators({ serviceCIDR: options.serviceCIDR, nodePortRange, random });
  const { serviceCA = true } = options;
  const reader = nodeReader(options, await readKubeletTLS(options), (node) => kubeletAddress(registry, node));
  const measurements = new Measurements({ read: reader.read, clock, logger, firstWindow: options.firstWindow });
  const common = { kinds, cache, clock, random, logger };
  const registry = new Registry({
    ...common,
    authorizer,
    tokens,
    allocators,
    measurements,
    serviceCA,
    parts: options.parts,
  });
  const port = options.bind?.port || DEFAULT_PORT;
  const advertiseAddress = options.advertiseAddress ?? "127.0.0.1";
  const frontProxy = await readFrontProxy(options);
  const serviceRange = await keepDefaultServiceCIDR(registry);
  const repairs = await keepRepairing(registry);
  const authentication = await extensionAuthentication(options);
  await bootstrap(registry, { advertiseAddress, port, authentication });
  const aggregator = new Aggregator(registry, frontProxy);
  const endpoints = await keepKubernetesEndpoints(registry, { advertiseAddress, port });
  const stops = [keepBookmarks(cache, clock), expireEvents(registry), serviceRange, repairs, reader.close, endpoints];
  stops.push(() => aggregator.close());
  return new Running({ options, registry, aggregator, tokens, stops, externalAddress: `${advertiseAddress}:${port}` });
}

class Running implements ApiServer {
  #options: ApiServerOptions;
  #server: Server;
  #metrics: Metrics;
  #stops: (() => void | Promise<void>)[];
  #http: HttpServer | undefined;
  #frontend: Frontend | undefined;
  #forwarder: Forwarder | undefined;
  #closing = false;

  constructor(of: {
    options: ApiServerOptions;
    registry: Registry;
    aggregator: Aggregator;
    tokens: TokenIssuer | undefined;
    stops: (() => void | Promise<void>)[];
    externalAddress: string;
  }) {
    const { options, registry, aggregator, tokens, externalAddress } = of;
    this.#options = options;
    this.#stops = of.stops;
    this.#metrics = new Metrics(registry.cache);
    const sources = {
      documents: new Documents(registry, aggregator.remote, externalAddress),
      version: versionInfo(options.version ?? "0.1.0"),
      metrics: this.#metrics,
      tokens,
      externalURL: `https://${externalAddress}`,
      checks: this.#checks(registry),
    };
    this.#server = {
      registry,
      aggregator,
      authorizer: registry.authorizer,
      tokens,
      answerPath: (call) => answerPath(call, sources),
    };
  }
  #checks(registry: Registry): { live: HealthCheck[]; ready: HealthCheck[] } {
    const fine = (name: string): HealthCheck => ({ name, check: () => undefined });
    const store: HealthCheck = { name: "etcd", check: () => registry.cache.failure };
    const hooks = ["start-system-namespaces-controller", "bootstrap-controller", "rbac/bootstrap-roles"];
    hooks.push("scheduling/bootstrap-system-priority-classes");
    const common = [fine("ping"), fine("log"), store, ...hooks.map((hook) => fine(`poststarthook/${hook}`))];
    const shutdown: HealthCheck = {
      name: "shutdown",
      check: () => (this.#closing ? "process is shutting down" : undefined),
    };
    const trouble: HealthCheck = { name: "etcd-readiness", check: () => registry.cache.backend.trouble?.() };
    return { live: common, ready: [...common, trouble, fine("informer-sync"), shutdown] };
  }
  directTransport(user: User): Transport {
    return createDirectTransport(this.#server, user);
  }
  serve(kinds: readonly Kind[]): Promise<void> {
    return this.#server.registry.serve(kinds);
  }
  withdraw(kinds: readonly Kind[]): void {
    this.#server.registry.withdraw(kinds);
  }
  async listen(): Promise<AddressInfo> {
    const { tls, bind = { address: "0.0.0.0", port: DEFAULT_PORT } } = this.#options;
    if (!tls) throw new Error("a server without TLS files can only be reached by its direct transport");
    const [cert, key, clientCA] = await Promise.all(
      [tls.certFile, tls.keyFile, tls.clientCAFile].map((f) => readFile(f)),
    );
    this.#forwarder = new Forwarder(await readKubeletTLS(this.#options));
    const frontend = new Frontend(this.#server, this.#metrics, this.#forwarder);
    this.#frontend = frontend;
    this.#http = new HttpServer({
      cert: cert!,
      key: key!,
      clientCA: clientCA!,
      handle: (exchange) => frontend.handle(exchange),
      upgrade: (request, socket, head) => frontend.upgrade(request, socket, head),
    });
    return this.#http.listen(bind.address, bind.port);
  }
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const { cache } = this.#server.registry;
    await Promise.all(this.#stops.map((stop) => stop()));
    const stopped = this.#http?.stop();
    cache.endWatches();
    if (this.#frontend) await this.#drain(this.#frontend);
    this.#http?.cut();
    await stopped;
    this.#forwarder?.close();
    await cache.stop();
  }
  async #drain(frontend: Frontend): Promise<void> {
    const enough = new AbortController();
    const late = this.#options.clock.pause(CLOSE_WITHIN, enough.signal);
    await Promise.race([frontend.drained(), late]);
    enough.abort();
  }
}
