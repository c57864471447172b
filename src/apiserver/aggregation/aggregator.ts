import { APIService } from "../../api/apiregistration/v1/index.ts";
import { serviceUnavailable } from "../../apimachinery/errors.ts";
import { StatusError } from "../../apimachinery/status.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import type { Registry } from "../registry/registry.ts";
import { availableOf, keepAvailable } from "./availability.ts";
import { type FrontProxy, Reach, userHeaders } from "./reach.ts";
import { RemoteApis } from "./remoteApis.ts";

const API_PATH = /^\/apis\/([^/]+)\/([^/]+)(?:\/|$)/;

/** Passes requests on to the servers that answer for their groups. */
export class Aggregator {
  readonly remote: RemoteApis;
  readonly #registry: Registry;
  readonly #reach: Reach;
  readonly #stop: () => Promise<void>;

  constructor(registry: Registry, frontProxy: FrontProxy | undefined) {
    this.#registry = registry;
    this.#reach = new Reach(registry, frontProxy);
    this.remote = new RemoteApis(registry, this.#reach);
    this.#stop = keepAvailable(registry, this.#reach, this.remote);
  }

  /** The APIService by which another server answers a path; undefined: this one does. */
  serviceFor(path: string): APIService | undefined {
    const match = API_PATH.exec(path);
    if (!match) return undefined;
    const [, group, version] = match;
    const entry = this.#registry.cache.of(APIService as never).get(`${version}.${group}`);
    const service = entry?.object as APIService | undefined;
    return service?.spec.service ? service : undefined;
  }

  /** Where the request goes. */
  answer(call: Call, service: APIService): Answer {
    if (availableOf(service)?.status !== "True") throw serviceUnavailable("service unavailable");
    const { incoming } = call;
    const search = incoming.search || (incoming.query.size > 0 ? `?${incoming.query}` : "");
    const url = this.#reach.addressOf(service.spec.service!) + incoming.path + search;
    const agent = this.#reach.agentOf(service);
    return { type: "forward", target: { url, kubelet: false, headers: userHeaders(call.user), agent } };
  }

  /** The answer to a call in this process: there is no connection to hand over. */
  async fetch(call: Call, service: APIService): Promise<unknown> {
    const { incoming, user } = call;
    const body = await incoming.body();
    const reply = await this.#reach.ask(service, `${incoming.path}?${incoming.query}`, {
      user,
      method: incoming.method,
      ...(body.type === "object" && { body: body.object, contentType: body.contentType }),
    });
    const text = reply.body.toString();
    const value = text.startsWith("{") ? (JSON.parse(text) as { kind?: string }) : undefined;
    if (reply.code < 400) return value ?? text;
    if (value?.kind === "Status") throw new StatusError(value as StatusError["status"]);
    throw serviceUnavailable(`${service.metadata.name} answered ${reply.code}: ${text.slice(0, 200)}`);
  }

  async close(): Promise<void> {
    await this.#stop();
    this.#reach.close();
  }
}
