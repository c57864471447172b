import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { SubjectAccessReview } from "../../api/authorization/v1/index.ts";
import type { Client } from "../../client/client.ts";
import type { Clock } from "../../util/clock.ts";

export interface ServerUser {
  name: string;
  groups: readonly string[];
}

/** The user that a verified client certificate names: CN is the user, each O a group. */
export function userOf(request: IncomingMessage): ServerUser | undefined {
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  if (!subject?.CN) return undefined;
  const organizations = (subject as { O?: string | string[] }).O ?? [];
  return { name: String(subject.CN), groups: [organizations].flat() };
}

const REMEMBER = 10_000;

/** Who may ask this node what: by the API's own rules, on the subresources of `nodes`. */
export class Authorizer {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #nodeName: string;
  readonly #known = new Map<string, { allowed: boolean; until: number }>();

  constructor(client: Client, clock: Clock, nodeName: string) {
    this.#client = client;
    this.#clock = clock;
    this.#nodeName = nodeName;
  }

  async allows(user: ServerUser, method: string, path: string): Promise<boolean> {
    if (user.groups.includes("system:masters") || user.name === "kube-apiserver-kubelet-client") return true;
    const attributes = { verb: verbOf(method), subresource: subresourceOf(path) };
    const key = JSON.stringify([user, attributes]);
    const known = this.#known.get(key);
    if (known && known.until > this.#clock.now()) return known.allowed;
    const allowed = await this.#ask(user, attributes);
    this.#known.set(key, { allowed, until: this.#clock.now() + REMEMBER });
    return allowed;
  }

  async #ask(user: ServerUser, attributes: { verb: string; subresource: string }): Promise<boolean> {
    const resourceAttributes = { ...attributes, version: "v1", resource: "nodes", name: this.#nodeName };
    const review = await this.#client.create(SubjectAccessReview, {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      metadata: {},
      spec: { user: user.name, groups: [...user.groups], resourceAttributes },
    } as unknown as SubjectAccessReview);
    return review.status.allowed;
  }
}

const verbOf = (method: string) =>
  ({ GET: "get", HEAD: "get", POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" })[method] ?? "get";

/** Kubernetes' mapping of the kubelet's paths to what RBAC knows. */
function subresourceOf(path: string): string {
  const first = path.split("/")[1] ?? "";
  const known: Readonly<Record<string, string>> = {
    stats: "stats",
    metrics: "metrics",
    logs: "log",
    healthz: "healthz",
    configz: "configz",
    pods: "pods",
  };
  return known[first] ?? "proxy";
}
