import type { Service } from "../api/core/v1/index.ts";
import { type ClusterView, isHeadless, type ServiceEndpoint } from "./clusterView.ts";
import {
  addressOfReverseName,
  addressRecords,
  canonicalAddress,
  type DnsAnswer,
  type DnsQuestion,
  type DnsRecord,
  type SoaData,
  TTL,
} from "./records.ts";

const SCHEMA_VERSION = "1.1.0";
const NAME_ERROR: DnsAnswer = { exists: false, records: [], additional: [] };

function found(records: readonly DnsRecord[], additional: readonly DnsRecord[] = []): DnsAnswer {
  return { exists: true, records, additional };
}

/** The start-of-authority record that comes with each answer that has no records. */
export function authority(domain: string): DnsRecord {
  const data: SoaData = {
    mname: `ns.dns.${domain}`,
    rname: `hostmaster.${domain}`,
    serial: 1,
    refresh: 7200,
    retry: 1800,
    expire: 86400,
    minimum: TTL,
  };
  return { type: "SOA", name: domain, ttl: TTL, data };
}

/**
 * Answers a question about the cluster's own names, or undefined when it is not about them and must be handed on. Pure.
 * A name that exists without records of the asked type is answered with no records, not as unknown.
 */
export function answer(question: DnsQuestion, view: ClusterView, domain: string): DnsAnswer | undefined {
  const { name } = question;
  if (name === domain) return zone(question, domain);
  if (name.endsWith(`.${domain}`)) {
    const labels = name.slice(0, -domain.length - 1).split(".");
    return ofCluster(labels, question, view, domain);
  }
  const address = addressOfReverseName(name);
  return address === undefined ? undefined : reverse(address, question, view, domain);
}

function zone({ type, name }: DnsQuestion, domain: string): DnsAnswer {
  if (type === "SOA") return found([authority(domain)]);
  if (type === "NS") return found([{ type: "NS", name, ttl: TTL, data: `ns.dns.${domain}` }]);
  return found([]);
}

/** `labels` stand before the domain, as in `["web", "default", "svc"]`. */
function ofCluster(labels: string[], question: DnsQuestion, view: ClusterView, domain: string): DnsAnswer {
  const last = labels.at(-1);
  if (labels.length === 1 && last === "dns-version") {
    const text: DnsRecord = { type: "TXT", name: question.name, ttl: TTL, data: [SCHEMA_VERSION] };
    return found(question.type === "TXT" ? [text] : []);
  }
  if (labels.length === 1) return last === "svc" || last === "pod" ? found([]) : NAME_ERROR;
  const namespace = labels.at(-2)!;
  const below = labels.slice(0, -2);
  if (last === "pod") return ofPod(below, namespace, question, view);
  if (last !== "svc") return NAME_ERROR;
  if (below.length === 0) return view.namespaceExists(namespace) ? found([]) : NAME_ERROR;
  const service = view.service(namespace, below.at(-1)!);
  return service ? ofService(service, below.slice(0, -1), question, view, domain) : NAME_ERROR;
}

/** `1-2-3-4.<namespace>.pod`: the address itself, wherever the Pod is. */
function ofPod(below: string[], namespace: string, question: DnsQuestion, view: ClusterView): DnsAnswer {
  if (!view.namespaceExists(namespace)) return NAME_ERROR;
  if (below.length === 0) return found([]);
  const address = below.length === 1 ? addressOfLabel(below[0]!) : undefined;
  return address ? found(addressRecords(question.name, question.type, [address])) : NAME_ERROR;
}

function addressOfLabel(label: string): string | undefined {
  if (/^\d{1,3}(-\d{1,3}){3}$/.test(label)) {
    const parts = label.split("-");
    return parts.every((part) => Number(part) < 256) ? parts.join(".") : undefined;
  }
  if (!/^[0-9a-f-]*-[0-9a-f-]*$/.test(label)) return undefined;
  try {
    return canonicalAddress(label.replaceAll("-", ":"));
  } catch {
    return undefined; // no address is spelt so
  }
}

function ofService(
  service: Service,
  below: string[],
  question: DnsQuestion,
  view: ClusterView,
  domain: string,
): DnsAnswer {
  if (service.spec.type === "ExternalName") return below.length === 0 ? alias(service, question) : NAME_ERROR;
  const endpoints = isHeadless(service) ? view.endpoints(service) : [];
  if (below.length === 2 && below[0]!.startsWith("_") && below[1]!.startsWith("_")) {
    return ports(service, endpoints, below as [string, string], question, domain);
  }
  if (below.length === 0) {
    if (question.type === "SRV") return allPorts(service, endpoints, question, domain);
    return found(addressRecords(question.name, question.type, addressesOf(service, endpoints)));
  }
  if (below.length !== 1) return NAME_ERROR;
  const named = endpoints.filter(({ hostname }) => hostname === below[0]);
  const addresses = named.flatMap((endpoint) => endpoint.addresses);
  return named.length > 0 ? found(addressRecords(question.name, question.type, addresses)) : NAME_ERROR;
}

function alias(service: Service, question: DnsQuestion): DnsAnswer {
  const target = (service.spec.externalName ?? "").replace(/\.$/, "");
  const record: DnsRecord = { type: "CNAME", name: question.name, ttl: TTL, data: target };
  return { ...found([record]), chase: question.type === "CNAME" ? undefined : target };
}

function addressesOf(service: Service, endpoints: readonly ServiceEndpoint[]): string[] {
  if (isHeadless(service)) return [...new Set(endpoints.flatMap((endpoint) => endpoint.addresses))];
  return service.spec.clusterIPs ?? (service.spec.clusterIP ? [service.spec.clusterIP] : []);
}

interface Target {
  name: string;
  addresses: readonly string[];
  port: { name: string; protocol: string; port: number };
}

/** Everything an SRV record of this Service may point at. */
function targetsOf(service: Service, endpoints: readonly ServiceEndpoint[], domain: string): Target[] {
  const own = fullName(service, domain);
  if (isHeadless(service)) {
    return endpoints.flatMap(({ hostname, addresses, ports: offered }) =>
      offered.map((port) => ({ name: `${hostname}.${own}`, addresses, port })),
    );
  }
  const addresses = addressesOf(service, []);
  return (service.spec.ports ?? []).map(({ name = "", protocol = "TCP", port }) => ({
    name: own,
    addresses,
    port: { name, protocol, port },
  }));
}

function ports(
  service: Service,
  endpoints: readonly ServiceEndpoint[],
  [port, protocol]: [string, string],
  question: DnsQuestion,
  domain: string,
): DnsAnswer {
  const targets = targetsOf(service, endpoints, domain).filter(
    (target) => `_${target.port.name}` === port && `_${target.port.protocol.toLowerCase()}` === protocol,
  );
  if (targets.length === 0) return NAME_ERROR;
  return question.type === "SRV" ? services(targets, question) : found([]);
}

function allPorts(
  service: Service,
  endpoints: readonly ServiceEndpoint[],
  question: DnsQuestion,
  domain: string,
): DnsAnswer {
  return services(targetsOf(service, endpoints, domain), question);
}

/** SRV records, each weighing the same, and the addresses behind them. */
function services(targets: readonly Target[], question: DnsQuestion): DnsAnswer {
  const weight = Math.max(1, Math.floor(100 / Math.max(1, targets.length)));
  const records = targets.map(
    ({ name, port }): DnsRecord => ({
      type: "SRV",
      name: question.name,
      ttl: TTL,
      data: { priority: 0, weight, port: port.port, target: name },
    }),
  );
  const unique = new Map(targets.map((target) => [target.name, target.addresses]));
  const additional = [...unique].flatMap(([name, addresses]) => [
    ...addressRecords(name, "A", addresses),
    ...addressRecords(name, "AAAA", addresses),
  ]);
  return found(records, additional);
}

function reverse(address: string, question: DnsQuestion, view: ClusterView, domain: string): DnsAnswer | undefined {
  const service = view.serviceByClusterIP(address);
  const names = service
    ? [fullName(service, domain)]
    : view.endpointNames(address).map((each) => `${each.hostname}.${fullName(each.service, domain)}`);
  if (names.length === 0) return undefined;
  const records = names.map((data): DnsRecord => ({ type: "PTR", name: question.name, ttl: TTL, data }));
  return found(question.type === "PTR" ? records : []);
}

function fullName(service: Service, domain: string): string {
  return `${service.metadata.name}.${service.metadata.namespace}.svc.${domain}`;
}
