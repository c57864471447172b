import { isExternallyAccessible, type Service, type ServicePort } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { internalError, invalid } from "../../apimachinery/errors.ts";
import { type FieldError, fieldInvalid, root } from "../../apimachinery/fieldErrors.ts";
import type { StatusError } from "../../apimachinery/status.ts";
import { type Allocators, ipToNumber, numberToIp, portsOf } from "./allocators.ts";
import { serviceProxy } from "./proxy.ts";
import type { Reservation, Strategy, Write } from "./resource.ts";

const NONE = "None";
const spec = root.child("spec");

function refuse(write: Write, service: Service, error: FieldError): StatusError {
  return invalid(write.resource.kind, service.metadata.name ?? "", [error]);
}

/** What one write has set aside so far. */
class Claims implements Reservation {
  #write: Write;
  #addresses: number[] = [];
  #ports: number[] = [];
  constructor(write: Write) {
    this.#write = write;
  }
  #pools(): Allocators {
    return this.#write.registry.allocators;
  }
  address(service: Service, wanted: string | undefined): string {
    const { addresses, serviceCIDR } = this.#pools();
    if (wanted === undefined) {
      const n = addresses.takeAny();
      if (n === undefined) throw internalError("failed to allocate a serviceIP: range is full");
      this.#addresses.push(n);
      return numberToIp(n);
    }
    const failed = (why: string) =>
      refuse(
        this.#write,
        service,
        fieldInvalid(spec.child("clusterIPs"), [wanted], `failed to allocate IP ${wanted}: ${why}`),
      );
    if (!this.#pools().includes(wanted)) {
      throw failed(`the provided network does not match the current range: ${serviceCIDR}`);
    }
    const n = ipToNumber(wanted);
    if (!addresses.take(n)) throw failed("provided IP is already allocated");
    this.#addresses.push(n);
    return wanted;
  }
  port(service: Service, wanted: number | undefined, field: string): number {
    const { ports } = this.#pools();
    if (!wanted) {
      const n = ports.takeAny();
      if (n === undefined) throw internalError("failed to allocate a nodePort: range is full");
      this.#ports.push(n);
      return n;
    }
    const failed = (why: string) => refuse(this.#write, service, fieldInvalid(spec.child(field), wanted, why));
    if (!ports.includes(wanted)) {
      throw failed(`provided port is not in the valid range. The range of valid ports is ${ports.from}-${ports.to}`);
    }
    if (!ports.take(wanted)) throw failed("provided port is already allocated");
    this.#ports.push(wanted);
    return wanted;
  }
  /** Stored, the cache knows who holds them; not stored, nobody does. Either way they are no longer set aside. */
  commit(): void {
    for (const n of this.#addresses) this.#pools().addresses.putBack(n);
    for (const n of this.#ports) this.#pools().ports.putBack(n);
  }
  release(): void {
    this.commit();
  }
}

const isIPv4 = (ip: string) => /^\d+\.\d+\.\d+\.\d+$/.test(ip);
const needsClusterIP = ({ type }: Service["spec"]) =>
  type === "ClusterIP" || type === "NodePort" || type === "LoadBalancer";

function needsNodePorts({ type, allocateLoadBalancerNodePorts }: Service["spec"]): boolean {
  return type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts !== false);
}

function needsHealthPort({ type, externalTrafficPolicy }: Service["spec"]): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

/** clusterIP and the first of clusterIPs are the same thing; whoever sets one means both. */
function alignClusterIPs(to: Service["spec"], old: Service["spec"] | undefined): void {
  if (!old) {
    if (to.clusterIP && (to.clusterIPs ?? []).length === 0) to.clusterIPs = [to.clusterIP];
    return;
  }
  if (to.clusterIP === old.clusterIP) return;
  if (!to.clusterIP) delete to.clusterIPs;
  else if (sameFirst(to.clusterIPs, old.clusterIPs)) to.clusterIPs = [to.clusterIP];
}

const sameFirst = (a: string[] | undefined, b: string[] | undefined) => (a ?? [])[0] === (b ?? [])[0];

/** An update that leaves out what the server gave keeps it. */
function keepAllocated(to: Service["spec"], old: Service["spec"]): void {
  if (needsClusterIP(to) && needsClusterIP(old) && !to.clusterIP) {
    if (old.clusterIP) to.clusterIP = old.clusterIP;
    if ((to.clusterIPs ?? []).length === 0 && old.clusterIPs) to.clusterIPs = [...old.clusterIPs];
  }
  if (needsClusterIP(to) && needsClusterIP(old) && to.clusterIP === old.clusterIP) {
    if (!to.ipFamilyPolicy && old.ipFamilyPolicy) to.ipFamilyPolicy = old.ipFamilyPolicy;
    if ((to.ipFamilies ?? []).length === 0 && old.ipFamilies) to.ipFamilies = [...old.ipFamilies];
  }
  if (needsNodePorts(to) && needsNodePorts(old)) {
    const used = new Set((to.ports ?? []).map(({ nodePort }) => nodePort).filter(Boolean));
    for (const port of to.ports ?? []) {
      if (port.nodePort) continue;
      const before = (old.ports ?? []).find((p) => p.port === port.port && p.protocol === port.protocol);
      if (before?.nodePort && !used.has(before.nodePort)) port.nodePort = before.nodePort;
    }
  }
  if (needsHealthPort(to) && needsHealthPort(old) && !to.healthCheckNodePort && old.healthCheckNodePort) {
    to.healthCheckNodePort = old.healthCheckNodePort;
  }
}

/** Fields of a type that the Service no longer has. */
function dropForeign(to: Service["spec"], old: Service["spec"]): void {
  if (needsNodePorts(old) && !needsNodePorts(to) && to.type !== "LoadBalancer") {
    for (const port of to.ports ?? []) {
      if ((old.ports ?? []).some(({ nodePort }) => nodePort === port.nodePort)) delete port.nodePort;
    }
  }
  if (old.type !== "ExternalName" && to.type === "ExternalName") {
    if (to.clusterIP === old.clusterIP && deepEqual(to.clusterIPs, old.clusterIPs)) {
      delete to.clusterIP;
      delete to.clusterIPs;
    }
    for (const field of ["ipFamilies", "ipFamilyPolicy"] as const)
      if (deepEqual(to[field], old[field])) delete to[field];
  }
  if (
    isExternallyAccessible(old) &&
    !isExternallyAccessible(to) &&
    to.externalTrafficPolicy === old.externalTrafficPolicy
  ) {
    delete to.externalTrafficPolicy;
  }
  if (old.type === "LoadBalancer" && to.type !== "LoadBalancer") {
    for (const field of ["allocateLoadBalancerNodePorts", "loadBalancerClass"] as const) {
      if (to[field] === old[field]) delete to[field];
    }
  }
  if (needsHealthPort(old) && !needsHealthPort(to) && to.healthCheckNodePort === old.healthCheckNodePort) {
    delete to.healthCheckNodePort;
  }
}

function chooseFamilies(write: Write, service: Service): void {
  const { spec: to } = service;
  const headless = to.clusterIP === NONE;
  const families = to.ipFamilies ?? [];
  const selectorless = Object.keys(to.selector ?? {}).length === 0;
  if (headless && selectorless && !to.ipFamilyPolicy) {
    to.ipFamilyPolicy = families.length === 1 ? "SingleStack" : "RequireDualStack";
  }
  to.ipFamilyPolicy ??= "SingleStack";
  if (to.ipFamilyPolicy === "RequireDualStack" && !(headless && selectorless)) {
    const why = "this cluster is not configured for dual-stack services";
    throw refuse(write, service, fieldInvalid(spec.child("ipFamilyPolicy"), to.ipFamilyPolicy, why));
  }
  if (families.length === 0)
    to.ipFamilies = headless && to.ipFamilyPolicy === "RequireDualStack" ? ["IPv4", "IPv6"] : ["IPv4"];
  else if (families.includes("IPv6") && !(headless && selectorless)) {
    throw refuse(write, service, fieldInvalid(spec.child("ipFamilies"), families, "not configured on this cluster"));
  }
}

function claimAddress(write: Write, claims: Claims, service: Service, old: Service | undefined): void {
  const { spec: to } = service;
  if (!needsClusterIP(to)) return;
  chooseFamilies(write, service);
  if (to.clusterIP === NONE) {
    to.clusterIPs ??= [NONE];
    return;
  }
  const wanted = to.clusterIPs?.[0] || to.clusterIP || undefined;
  if (wanted !== undefined && !isIPv4(wanted)) return; // validation says what is wrong with it
  if (wanted !== undefined && old?.spec.clusterIP && needsClusterIP(old.spec)) return; // once set, it stays: validation sees to it
  const ip = claims.address(service, wanted);
  to.clusterIP = ip;
  to.clusterIPs = [ip];
}

function claimPorts(claims: Claims, service: Service, old: Service | undefined): void {
  const { spec: to } = service;
  const own = old ? portsOf(old) : new Set<number>();
  const taken = new Map<number, ServicePort>();
  if (needsNodePorts(to)) {
    for (const [i, port] of (to.ports ?? []).entries()) {
      // The same port over another protocol may be the same node port.
      const twin = (to.ports ?? [])
        .slice(0, i)
        .find((p) => p.port === port.port && p.protocol !== port.protocol && p.nodePort);
      if (
        !port.nodePort &&
        twin &&
        ![...taken.values()].some((p) => p.nodePort === twin.nodePort && p.protocol === port.protocol)
      ) {
        port.nodePort = twin.nodePort;
      }
      if (port.nodePort && (own.has(port.nodePort) || taken.has(port.nodePort))) continue;
      port.nodePort = claims.port(service, port.nodePort, `ports[${i}].nodePort`);
      taken.set(port.nodePort, port);
    }
  }
  if (needsHealthPort(to) && !(to.healthCheckNodePort && own.has(to.healthCheckNodePort))) {
    to.healthCheckNodePort = claims.port(service, to.healthCheckNodePort, "healthCheckNodePort");
  }
}

/** Gives Services their cluster IP and node ports. */
export const serviceStrategy: Strategy<Service> = {
  createOnUpdate: true,
  answersDeleted: true,
  prepareCreate(service) {
    service.status = { loadBalancer: {} };
  },
  reserve(service, old, write) {
    alignClusterIPs(service.spec, old?.spec);
    if (old) {
      dropForeign(service.spec, old.spec);
      keepAllocated(service.spec, old.spec);
    }
    const claims = new Claims(write);
    try {
      claimAddress(write, claims, service, old);
      claimPorts(claims, service, old);
    } catch (error) {
      claims.release();
      throw error;
    }
    return claims;
  },
  warnings({ spec: { externalIPs, trafficDistribution, loadBalancerIP } }) {
    const out: string[] = [];
    if ((externalIPs ?? []).length > 0)
      out.push("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
    if (loadBalancerIP) {
      out.push("spec.loadBalancerIP was deprecated in v1.24; see https://issues.k8s.io/107235 for more information");
    }
    if (trafficDistribution === "PreferClose") {
      out.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
    }
    return out;
  },
  subresources: { proxy: serviceProxy },
};
