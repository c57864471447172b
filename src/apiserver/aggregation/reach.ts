/** How another API server is reached: where its Service leads, and by which certificates both know each other. */
import { createHash } from "node:crypto";
import { Agent, request } from "node:https";
import type { APIService, ServiceReference } from "../../api/apiregistration/v1/index.ts";
import { Service } from "../../api/core/v1/index.ts";
import { serviceUnavailable } from "../../apimachinery/errors.ts";
import type { User } from "../pipeline/call.ts";
import { readyEndpoint } from "../registry/proxy.ts";
import type { Registry } from "../registry/registry.ts";

/** How this server shows itself to the others: signed by an authority that they are told of. */
export interface FrontProxy {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

export interface Reply {
  readonly code: number;
  readonly contentType: string;
  readonly body: Buffer;
}

const LONGEST_REPLY = 32 * 1024 * 1024;
const PATIENCE = 5000;

/** A user as the headers of a request that is passed on. */
export function userHeaders({ name, uid, groups, extra = {} }: User): Record<string, string | string[]> {
  const extras = Object.entries(extra).map(([key, values]) => [
    `x-remote-extra-${encodeURIComponent(key.toLowerCase())}`,
    [...values],
  ]);
  return {
    "x-remote-user": name,
    ...(groups.length > 0 && { "x-remote-group": [...groups] }),
    ...(uid && { "x-remote-uid": uid }),
    ...Object.fromEntries(extras),
  };
}

export class Reach {
  readonly #registry: Registry;
  readonly #frontProxy: FrontProxy | undefined;
  /** by APIService and what its connections depend on */
  readonly #agents = new Map<string, { key: string; agent: Agent }>();

  constructor(registry: Registry, frontProxy: FrontProxy | undefined) {
    this.#registry = registry;
    this.#frontProxy = frontProxy;
  }

  /** Where a Service's API is at this moment, such as "https://10.128.0.7:443"; throws 503 when nowhere. */
  addressOf({ namespace = "", name = "", port = 443 }: ServiceReference): string {
    const service = this.#registry.cache.of(Service as never).get(`${namespace}/${name}`)?.object as
      | Service
      | undefined;
    if (!service) throw serviceUnavailable(`service ${JSON.stringify(`${namespace}/${name}`)} is not present`);
    if (service.spec.type === "ExternalName") return `https://${service.spec.externalName}:${port}`;
    return `https://${readyEndpoint(this.#registry, service, String(port))}`;
  }

  /** Connections to one APIService's server. */
  agentOf({ metadata, spec }: APIService): Agent {
    const { name = "" } = metadata;
    const { service, caBundle = "", insecureSkipTLSVerify = false } = spec;
    const servername = `${service?.name}.${service?.namespace}.svc`;
    const key = createHash("sha256")
      .update(JSON.stringify([servername, caBundle, insecureSkipTLSVerify]))
      .digest("hex");
    const known = this.#agents.get(name);
    if (known?.key === key) return known.agent;
    known?.agent.destroy();
    const agent = new Agent({
      ...this.#frontProxy,
      servername,
      rejectUnauthorized: !insecureSkipTLSVerify,
      ...(caBundle && { ca: Buffer.from(caBundle, "base64") }),
      keepAlive: true,
      maxFreeSockets: 8,
    });
    this.#agents.set(name, { key, agent });
    return agent;
  }

  /** One whole answer. */
  async ask(
    service: APIService,
    path: string,
    options: { user: User; accept?: string; method?: string; body?: unknown; contentType?: string },
  ): Promise<Reply> {
    const { user, accept = "application/json", method = "GET", body, contentType = "application/json" } = options;
    const url = new URL(this.addressOf(service.spec.service!) + path);
    const headers = {
      accept,
      ...userHeaders(user),
      ...(body !== undefined && { "content-type": contentType }),
    };
    return new Promise((resolve, reject) => {
      const asking = request(url, { method, headers, agent: this.agentOf(service), timeout: PATIENCE }, (answer) => {
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on("data", (chunk: Buffer) => {
          length += chunk.length;
          if (length > LONGEST_REPLY) asking.destroy(new Error("the answer is too long"));
          else chunks.push(chunk);
        });
        answer.on("error", reject);
        answer.on("end", () => {
          const contentType = answer.headers["content-type"] ?? "";
          resolve({ code: answer.statusCode ?? 0, contentType, body: Buffer.concat(chunks) });
        });
      });
      asking.on("timeout", () => asking.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
      asking.on("error", reject);
      asking.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  close(): void {
    for (const { agent } of this.#agents.values()) agent.destroy();
  }
}
