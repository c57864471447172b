import { type Node, Node as NodeKind, type Pod } from "../../api/core/v1/index.ts";
import { badRequest, internalError } from "../../apimachinery/errors.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import { getStored } from "./read.ts";
import type { Registry } from "./registry.ts";
import type { Resource, SubresourceHandler } from "./resource.ts";

const KUBELET_PORT = 10250;
const ADDRESS_ORDER = ["InternalIP", "Hostname", "InternalDNS", "ExternalIP", "ExternalDNS"];
const LOG_OPTIONS = [
  "follow",
  "previous",
  "sinceSeconds",
  "sinceTime",
  "timestamps",
  "tailLines",
  "limitBytes",
  "stream",
];

/** Where a node's kubelet listens: "https://10.0.0.2:10250". */
export function kubeletAddress(registry: Registry, name: string): string {
  const node = registry.cache.of(NodeKind as never).get(name)?.object as Node | undefined;
  if (!node) throw internalError(`error getting node ${name}: node not found`);
  const addresses = node.status.addresses ?? [];
  const at = ADDRESS_ORDER.map((type) => addresses.find((a) => a.type === type)).find(Boolean);
  if (!at) throw internalError(`no preferred addresses found; known addresses: ${JSON.stringify(addresses)}`);
  const host = at.address.includes(":") ? `[${at.address}]` : at.address;
  return `https://${host}:${node.status.daemonEndpoints?.kubeletEndpoint?.Port || KUBELET_PORT}`;
}

async function podOf(call: Call, resource: Resource, registry: Registry): Promise<Pod> {
  return (await getStored(registry, resource, call)).object as Pod;
}

function names(containers: readonly { name: string }[] | undefined): string[] {
  return (containers ?? []).map(({ name }) => name);
}

/** The container that is meant: the one named, the default one, or the only one. */
function containerOf(pod: Pod, asked: string | null): string {
  const { spec, metadata } = pod;
  const main = names(spec.containers);
  const init = names(spec.initContainers);
  const ephemeral = names(spec.ephemeralContainers);
  if (asked) {
    if ([...main, ...init, ...ephemeral].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  const preferred = metadata.annotations?.["kubectl.kubernetes.io/default-container"];
  if (preferred && main.includes(preferred)) return preferred;
  if (main.length === 1) return main[0]!;
  let message = `a container name must be specified for pod ${metadata.name}, choose one of: [${main.join(" ")}]`;
  if (init.length > 0) message += ` or one of the init containers: [${init.join(" ")}]`;
  if (ephemeral.length > 0) message += ` or one of the ephemeral containers: [${ephemeral.join(" ")}]`;
  throw badRequest(message);
}

/** The log options that were asked for, checked. */
function logQuery(query: URLSearchParams): URLSearchParams {
  const out = new URLSearchParams();
  for (const option of LOG_OPTIONS) {
    const value = query.get(option);
    if (value !== null) out.set(option, value);
  }
  for (const option of ["sinceSeconds", "tailLines", "limitBytes"]) {
    const value = out.get(option);
    if (value !== null && !/^-?\d+$/.test(value)) {
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    }
  }
  if (out.has("sinceSeconds") && out.has("sinceTime")) {
    throw badRequest("at most one of sinceTime or sinceSeconds may be specified");
  }
  return out;
}

const log: SubresourceHandler = async (call, resource, registry) => {
  const pod = await podOf(call, resource, registry);
  const { query } = call.incoming;
  const container = containerOf(pod, query.get("container"));
  const options = logQuery(query);
  if (!pod.spec.nodeName) return { type: "raw", code: 200, contentType: "text/plain", body: "" };
  const { namespace, name } = pod.metadata;
  const path = `/containerLogs/${namespace}/${name}/${container}`;
  const url = `${kubeletAddress(registry, pod.spec.nodeName)}${path}${options.size > 0 ? `?${options}` : ""}`;
  return { type: "forward", target: { url, kubelet: true, refusesInText: true } };
};

function host(pod: Pod): string {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
}

/** exec and attach: the streams that are wanted go along in the kubelet's own words. */
function command(verb: "exec" | "attach"): SubresourceHandler {
  return async (call, resource, registry) => {
    const pod = await podOf(call, resource, registry);
    const { query } = call.incoming;
    const container = containerOf(pod, query.get("container"));
    const options = new URLSearchParams();
    const wants = (name: string) => ["true", "1"].includes(query.get(name) ?? "");
    if (wants("stdin")) options.set("input", "1");
    if (wants("stdout")) options.set("output", "1");
    if (wants("stderr")) options.set("error", "1");
    if (wants("tty")) options.set("tty", "1");
    if (options.size === 0) throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
    const words = query.getAll("command");
    if (verb === "exec" && words.length === 0)
      throw badRequest("you must specify at least one command for the container");
    for (const word of words) options.append("command", word);
    const { namespace, name } = pod.metadata;
    const url = `${kubeletAddress(registry, host(pod))}/${verb}/${namespace}/${name}/${container}?${options}`;
    return { type: "forward", target: { url, kubelet: true } };
  };
}

const portforward: SubresourceHandler = async (call, resource, registry): Promise<Answer> => {
  const pod = await podOf(call, resource, registry);
  const ports = call.incoming.query.getAll("ports").map((port) => ["port", port]);
  const { namespace, name } = pod.metadata;
  const query = ports.length > 0 ? `?${new URLSearchParams(ports)}` : "";
  const url = `${kubeletAddress(registry, host(pod))}/portForward/${namespace}/${name}${query}`;
  return { type: "forward", target: { url, kubelet: true } };
};

/** What only the kubelet can do: it is asked on the client's behalf. */
export const podStreams: Readonly<Record<string, SubresourceHandler>> = {
  log,
  exec: command("exec"),
  attach: command("attach"),
  portforward,
};
