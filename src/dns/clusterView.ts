import { Namespace, Service } from "../api/core/v1/index.ts";
import { type Endpoint, EndpointSlice } from "../api/discovery/v1/index.ts";
import type { Informers } from "../client/informer.ts";
import { canonicalAddress } from "./records.ts";

/** One endpoint of a headless Service. */
export interface ServiceEndpoint {
  readonly addresses: readonly string[];
  /** the name under which it is found below its Service */
  readonly hostname: string;
  /** whether that name was given to it, rather than made from its address */
  readonly named: boolean;
  readonly ports: readonly NamedPort[];
}

export interface NamedPort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

/** What the answers are made from. */
export interface ClusterView {
  namespaceExists(namespace: string): boolean;
  service(namespace: string, name: string): Service | undefined;
  /** endpoints of a Service to which traffic may go */
  endpoints(service: Service): readonly ServiceEndpoint[];
  serviceByClusterIP(address: string): Service | undefined;
  /** the headless Services, and the names below them, that this address is an endpoint of */
  endpointNames(address: string): readonly { service: Service; hostname: string }[];
}

const SERVICE_NAME = "kubernetes.io/service-name";

export function isHeadless(service: Service): boolean {
  return service.spec.clusterIP === "None";
}

/** A view that is always as current as its informers. */
export function informedView(informers: Informers): ClusterView & { whenSynced(signal: AbortSignal): Promise<void> } {
  const services = informers.informer(Service);
  const slices = informers.informer(EndpointSlice);
  const namespaces = informers.informer(Namespace);
  services.addIndex("dns.clusterIP", (service) => clusterIPs(service).map(canonicalAddress));
  slices.addIndex("dns.service", (slice) => [
    `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME] ?? ""}`,
  ]);
  slices.addIndex("dns.address", (slice) =>
    (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses).map(canonicalAddress),
  );
  const serviceOf = (slice: EndpointSlice) => {
    const name = slice.metadata.labels?.[SERVICE_NAME];
    return name === undefined ? undefined : services.get({ namespace: slice.metadata.namespace, name });
  };
  return {
    namespaceExists: (name) => namespaces.get({ name }) !== undefined,
    service: (namespace, name) => services.get({ namespace, name }),
    endpoints: (service) =>
      slices.byIndex("dns.service", `${service.metadata.namespace}/${service.metadata.name}`).flatMap(endpointsOf),
    serviceByClusterIP: (address) => services.byIndex("dns.clusterIP", address)[0],
    endpointNames: (address) =>
      slices.byIndex("dns.address", address).flatMap((slice) => {
        const service = serviceOf(slice);
        if (!service || !isHeadless(service)) return [];
        return endpointsOf(slice)
          .filter((endpoint) => endpoint.addresses.some((each) => canonicalAddress(each) === address))
          .map(({ hostname }) => ({ service, hostname }));
      }),
    async whenSynced(signal) {
      await Promise.all([services, slices, namespaces].map((informer) => informer.whenSynced(signal)));
    },
  };
}

function clusterIPs(service: Service): readonly string[] {
  const all = service.spec.clusterIPs ?? [service.spec.clusterIP ?? ""];
  return all.filter((address) => address !== "" && address !== "None");
}

function endpointsOf(slice: EndpointSlice): ServiceEndpoint[] {
  const ports = (slice.ports ?? [])
    .filter((port) => port.port !== undefined)
    .map((port) => ({ name: port.name ?? "", protocol: port.protocol ?? "TCP", port: port.port! }));
  return (slice.endpoints ?? []).filter(isReady).map((endpoint) => ({
    addresses: endpoint.addresses,
    hostname: endpoint.hostname ?? hostnameOf(endpoint.addresses[0] ?? ""),
    named: endpoint.hostname !== undefined,
    ports,
  }));
}

/** Not said means ready. */
function isReady(endpoint: Endpoint): boolean {
  return endpoint.conditions.ready !== false;
}

function hostnameOf(address: string): string {
  return address.replace(/[.:]/g, "-");
}
