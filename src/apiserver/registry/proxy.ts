import { type Pod, Pod as PodKind, type Service, Service as ServiceKind } from "../../api/core/v1/index.ts";
import { EndpointSlice } from "../../api/discovery/v1/index.ts";
import { badRequest, notFound, serviceUnavailable } from "../../apimachinery/errors.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import { kubeletAddress } from "./podStreams.ts";
import type { Registry } from "./registry.ts";
import type { SubresourceHandler } from "./resource.ts";

/** "https:web:443" → scheme, name and port; scheme and port may be left out. */
function splitName(text: string): { scheme: string; name: string; port: string } {
  const parts = text.split(":");
  if (parts.length === 1) return { scheme: "http", name: text, port: "" };
  if (parts.length === 2) return { scheme: "http", name: parts[0]!, port: parts[1]! };
  if (parts.length === 3) return { scheme: parts[0] || "http", name: parts[1]!, port: parts[2]! };
  throw badRequest(`invalid name ${JSON.stringify(text)}`);
}

/** The request's path up to and with "/proxy", and what follows it, both as sent. */
function splitPath({ incoming: { path }, info }: Call): [string, string] {
  const segments = info.namespace === "" ? 5 : 7;
  const prefix = new RegExp(`^(?:/+[^/]+){${segments}}`).exec(path)![0];
  return [prefix, path.slice(prefix.length)];
}

const isRead = (method: string) => method === "GET" || method === "HEAD";

function forward(call: Call, base: string, kubelet = false): Answer {
  const [shownAt, path] = splitPath(call);
  const { incoming } = call;
  const search = incoming.search || (incoming.query.size > 0 ? `?${incoming.query}` : "");
  // Without the slash, relative links would lead to where they do not belong.
  if (path === "" && isRead(incoming.method) && !incoming.header("upgrade")) {
    const headers = { location: `${shownAt}/${search}` };
    return { type: "raw", code: 301, contentType: "text/plain; charset=utf-8", body: "", headers };
  }
  const headers: Record<string, string> = { "x-forwarded-uri": `${shownAt}${path || "/"}` };
  const before = incoming.header("x-forwarded-for");
  const address = incoming.remoteAddress?.replace(/^::ffff:/, "");
  if (address) headers["x-forwarded-for"] = before ? `${before}, ${address}` : address;
  return { type: "forward", target: { url: `${base}${path || "/"}${search}`, headers, kubelet, shownAt } };
}

const hostOf = (ip: string) => (ip.includes(":") ? `[${ip}]` : ip);

export const podProxy: SubresourceHandler = (call, _resource, registry) => {
  const { scheme, name, port } = splitName(call.info.name);
  const pod = registry.cache.of(PodKind as never).get(`${call.info.namespace}/${name}`)?.object as Pod | undefined;
  if (!pod) throw notFound(PodKind, name);
  const first = pod.spec.containers.flatMap(({ ports }) => ports ?? [])[0]?.containerPort;
  const at = port || (first === undefined ? "" : String(first));
  if (!pod.status.podIP) throw badRequest("address not allowed");
  return forward(call, `${scheme}://${hostOf(pod.status.podIP)}${at === "" ? "" : `:${at}`}`);
};

/** A ready endpoint of the Service's port, chosen at random. */
export function readyEndpoint(registry: Registry, service: Service, port: string): string {
  const ports = service.spec.ports ?? [];
  const wanted =
    port === "" && ports.length === 1 ? ports[0] : ports.find((p) => p.name === port || String(p.port) === port);
  if (!wanted)
    throw serviceUnavailable(
      `no service port ${JSON.stringify(port)} found for service ${JSON.stringify(service.metadata.name)}`,
    );
  const found: string[] = [];
  for (const entry of registry.cache.of(EndpointSlice as never).current.values()) {
    const slice = entry.object as EndpointSlice;
    if (slice.metadata.namespace !== service.metadata.namespace) continue;
    if (slice.metadata.labels?.["kubernetes.io/service-name"] !== service.metadata.name) continue;
    const target = slice.ports?.find((p) => (p.name ?? "") === (wanted.name ?? ""))?.port;
    if (target === undefined || target === null) continue;
    for (const { addresses, conditions } of slice.endpoints ?? []) {
      if (conditions?.ready !== false && addresses?.[0]) found.push(`${hostOf(addresses[0])}:${target}`);
    }
  }
  if (found.length === 0)
    throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(service.metadata.name)}`);
  return found[Math.floor(registry.random.next() * found.length)]!;
}

export const serviceProxy: SubresourceHandler = (call, _resource, registry) => {
  const { scheme, name, port } = splitName(call.info.name);
  const service = registry.cache.of(ServiceKind as never).get(`${call.info.namespace}/${name}`)?.object;
  if (!service) throw notFound(ServiceKind, name);
  return forward(call, `${scheme}://${readyEndpoint(registry, service as Service, port)}`);
};

export const nodeProxy: SubresourceHandler = (call, _resource, registry) => {
  const { scheme, name, port } = splitName(call.info.name);
  const kubelet = kubeletAddress(registry, name);
  if (port === "" || kubelet.endsWith(`:${port}`)) return forward(call, kubelet, true);
  const { hostname } = new URL(kubelet);
  return forward(call, `${scheme}://${hostname}:${port}`);
};
