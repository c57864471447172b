import type { Node, Pod, Service } from "../../api/core/v1/index.ts";
import type { Endpoint, EndpointPort } from "../../api/discovery/v1/index.ts";
import { endpointHostname, isEndpoint, isHeadless, podIP, targetPort } from "../endpoints/addresses.ts";
import { isLeaving, isReady } from "../pods.ts";

export type Family = "IPv4" | "IPv6";

/** Endpoints that share an address family and their ports: what may stand in one slice. */
export interface EndpointGroup {
  family: Family;
  ports: EndpointPort[];
  endpoints: Endpoint[];
}

/** The endpoints that a Service's Pods make, by family and ports. */
export function desiredGroups(
  service: Service,
  pods: readonly Pod[],
  nodeOf: (name: string) => Node | undefined,
): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup>();
  for (const pod of pods) {
    if (!isEndpoint(pod, true)) continue;
    for (const family of families(service)) {
      const ip = podIP(pod, family);
      if (!ip) continue;
      const ports = portsOf(service, pod);
      const key = groupKey(family, ports);
      const group = groups.get(key) ?? { family, ports, endpoints: [] };
      group.endpoints.push(endpointOf(service, pod, ip, nodeOf));
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

export function groupKey(family: string, ports: readonly EndpointPort[] | undefined): string {
  const texts = (ports ?? []).map(({ name, protocol, port, appProtocol }) => {
    return [name ?? "", protocol ?? "", port ?? "", appProtocol ?? ""].join(":");
  });
  return [family, ...texts.sort()].join("|");
}

export function families(service: Service): Family[] {
  const declared = service.spec.ipFamilies as Family[] | undefined;
  if (declared?.length) return declared;
  return [service.spec.clusterIP?.includes(":") ? "IPv6" : "IPv4"];
}

function portsOf(service: Service, pod: Pod): EndpointPort[] {
  const found: EndpointPort[] = [];
  for (const port of service.spec.ports ?? []) {
    const number = targetPort(pod, port);
    if (number === undefined) continue;
    const { name = "", protocol = "TCP", appProtocol } = port;
    found.push({ name, protocol, port: number, ...(appProtocol === undefined ? {} : { appProtocol }) });
  }
  // A headless Service without ports still has endpoints; with ports that no container has, it has none to offer.
  return found.length > 0 || !isHeadless(service) ? found : [];
}

function endpointOf(service: Service, pod: Pod, ip: string, nodeOf: (name: string) => Node | undefined): Endpoint {
  const { namespace, name, uid } = pod.metadata;
  const { nodeName } = pod.spec;
  const serving = isReady(pod);
  const terminating = isLeaving(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = endpointHostname(pod, service);
  const zone = nodeName && nodeOf(nodeName)?.metadata.labels?.["topology.kubernetes.io/zone"];
  return {
    addresses: [ip],
    conditions: { ready, serving, terminating },
    ...(hostname ? { hostname } : {}),
    targetRef: { kind: "Pod", namespace, name, uid },
    ...(nodeName ? { nodeName } : {}),
    ...(zone ? { zone } : {}),
    ...(ready ? hintsOf(service.spec.trafficDistribution, nodeName, zone) : {}),
  };
}

/** Whom an endpoint is for, when a Service prefers those that are near (KEP-4444, KEP-3015). */
function hintsOf(
  distribution: string | undefined,
  nodeName: string | undefined,
  zone: string | undefined,
): Pick<Endpoint, "hints"> {
  const forZones = zone ? [{ name: zone }] : undefined;
  switch (distribution) {
    case "PreferClose":
    case "PreferSameZone":
      return forZones ? { hints: { forZones } } : {};
    case "PreferSameNode":
      if (!nodeName) return {};
      return { hints: { ...(forZones && { forZones }), forNodes: [{ name: nodeName }] } };
    default:
      return {};
  }
}
