import {
  type EndpointAddress,
  type EndpointPort,
  type EndpointSubset,
  Endpoints,
  type Pod,
  type Service,
} from "../../api/core/v1/index.ts";
import { isReady, isTerminal } from "../pods.ts";
import { endpointHostname, isEndpoint, isHeadless, podIP, targetPort } from "./addresses.ts";

/** More than this many addresses are cut off, ready ones last, and an annotation says so. */
const MOST = 1000;
const OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";
export const HEADLESS = "service.kubernetes.io/headless";
const MANAGED_BY = "endpoints.kubernetes.io/managed-by";

export const isOurs = ({ metadata }: Endpoints): boolean => metadata.labels?.[MANAGED_BY] === "endpoint-controller";

interface Target {
  address: EndpointAddress;
  ready: boolean;
}

/** The Endpoints of a Service, as they should be; `old` lends what is not ours to change. */
export function planEndpoints(service: Service, pods: readonly Pod[], old: Endpoints | undefined): Endpoints {
  const { namespace, name = "", labels = {} } = service.metadata;
  const { subsets, cut } = limit(subsetsOf(service, pods));
  const { [OVER_CAPACITY]: _, ...annotations } = old?.metadata.annotations ?? {};
  const own = { [MANAGED_BY]: "endpoint-controller", ...(isHeadless(service) ? { [HEADLESS]: "" } : {}) };
  return {
    apiVersion: Endpoints.apiVersion,
    kind: Endpoints.kind,
    metadata: {
      ...(old?.metadata ?? { namespace, name }),
      labels: { ...labels, ...own },
      annotations: { ...annotations, ...(cut ? { [OVER_CAPACITY]: "truncated" } : {}) },
    },
    subsets,
  };
}

function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const family = service.spec.ipFamilies?.[0] === "IPv6" ? "IPv6" : "IPv4";
  const notReadyToo = service.spec.publishNotReadyAddresses === true;
  /** by their ports, as text: the ports, and the targets by address */
  const groups = new Map<string, { ports: EndpointPort[]; targets: Map<string, Target> }>();
  for (const pod of pods) {
    const ip = podIP(pod, family);
    if (!ip || !isEndpoint(pod, notReadyToo)) continue;
    const ready = notReadyToo || isReady(pod);
    if (!ready && !mayBecomeReady(pod)) continue;
    for (const ports of portsOf(service, pod)) {
      const key = JSON.stringify(ports);
      const group = groups.get(key) ?? { ports, targets: new Map<string, Target>() };
      group.targets.set(`${ip}/${pod.metadata.uid}`, { address: addressOf(service, pod, ip), ready });
      groups.set(key, group);
    }
  }
  return merge([...groups.values()]);
}

/** A Pod that ended in a way that its restart policy leaves so never becomes an endpoint again. */
function mayBecomeReady(pod: Pod): boolean {
  if (pod.spec.restartPolicy === "Never") return !isTerminal(pod);
  return pod.spec.restartPolicy !== "OnFailure" || pod.status.phase !== "Succeeded";
}

/** One list for each port that the Pod has, so that Pods which share ports come together. */
function portsOf(service: Service, pod: Pod): EndpointPort[][] {
  const ports = service.spec.ports ?? [];
  if (ports.length === 0) return isHeadless(service) ? [[]] : [];
  const found: EndpointPort[][] = [];
  for (const port of ports) {
    const number = targetPort(pod, port);
    if (number === undefined) continue;
    const { name, protocol, appProtocol } = port;
    const named = { ...(name ? { name } : {}), port: number, protocol };
    found.push([appProtocol === undefined ? named : { ...named, appProtocol }]);
  }
  return found;
}

function addressOf(service: Service, pod: Pod, ip: string): EndpointAddress {
  const { namespace, name, uid } = pod.metadata;
  const hostname = endpointHostname(pod, service);
  return {
    ip,
    ...(hostname ? { hostname } : {}),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: "Pod", namespace, name, uid },
  };
}

/** Groups with the same targets become one subset with all their ports; everything in a fixed order. */
function merge(groups: { ports: EndpointPort[]; targets: Map<string, Target> }[]): EndpointSubset[] {
  const merged = new Map<string, { ports: EndpointPort[]; targets: Target[] }>();
  for (const { ports, targets } of groups) {
    const sorted = [...targets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target);
    const key = JSON.stringify(sorted);
    const known = merged.get(key);
    if (known) known.ports.push(...ports);
    else merged.set(key, { ports: [...ports], targets: sorted });
  }
  const subsets = [...merged.values()].map(({ ports, targets }) => toSubset(ports, targets));
  return subsets.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function toSubset(ports: EndpointPort[], targets: Target[]): EndpointSubset {
  const ready = targets.filter((target) => target.ready).map(({ address }) => address);
  const notReady = targets.filter((target) => !target.ready).map(({ address }) => address);
  ports.sort((a, b) => (a.name ?? "").localeCompare(b.name ?? "") || a.port - b.port);
  return {
    ...(ready.length > 0 ? { addresses: ready } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  };
}

/** Cuts what is beyond the limit, not-ready addresses first. */
function limit(subsets: EndpointSubset[]): { subsets: EndpointSubset[]; cut: boolean } {
  const count = (of: (s: EndpointSubset) => EndpointAddress[] | undefined) =>
    subsets.reduce((sum, s) => sum + (of(s)?.length ?? 0), 0);
  const ready = count((s) => s.addresses);
  const notReady = count((s) => s.notReadyAddresses);
  if (ready + notReady <= MOST) return { subsets, cut: false };
  let readyLeft = Math.min(MOST, ready);
  let notReadyLeft = MOST - readyLeft;
  const kept = subsets.map(({ addresses = [], notReadyAddresses = [], ports = [] }) => {
    const a = addresses.slice(0, readyLeft);
    const n = notReadyAddresses.slice(0, notReadyLeft);
    readyLeft -= a.length;
    notReadyLeft -= n.length;
    return toSubset(ports, [
      ...a.map((address) => ({ address, ready: true })),
      ...n.map((address) => ({ address, ready: false })),
    ]);
  });
  return { subsets: kept.filter((s) => s.addresses || s.notReadyAddresses), cut: true };
}
