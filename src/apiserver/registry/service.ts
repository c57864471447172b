import { isIP } from "node:net";
import { isExternallyAccessible, type Service, type ServicePort } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { portsOf } from "./nodePorts.ts";
import { serviceProxy } from "./proxy.ts";
import type { Strategy, Write } from "./resource.ts";
import { addressesOf, type Family } from "./serviceAddresses.ts";
import { freeAll, refuse, ServiceClaims } from "./serviceClaims.ts";
import { chooseFamilies, needsClusterIP } from "./serviceFamilies.ts";

const NONE = "None";

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

async function claimAddresses(
  write: Write,
  claims: ServiceClaims,
  service: Service,
  old: Service | undefined,
): Promise<void> {
  const { spec: to } = service;
  const errors = chooseFamilies(to, old?.spec, write.registry.allocators.addresses.families);
  if (errors.length > 0) throw refuse(write, service, errors);
  if (!needsClusterIP(to)) return;
  if (to.clusterIP === NONE) {
    to.clusterIPs ??= [NONE];
    return;
  }
  const wanted = to.clusterIPs ?? (to.clusterIP ? [to.clusterIP] : []);
  if (wanted.some((address) => isIP(address) === 0)) return; // validation says what is wrong with it
  const had = old && needsClusterIP(old.spec) ? addressesOf(old) : [];
  const addresses: string[] = [];
  for (const [i, family] of (to.ipFamilies ?? []).entries()) {
    const address = wanted[i];
    if (address === undefined) addresses.push(await claims.anyAddress(family as Family));
    else {
      // Once set, it stays: validation sees to it.
      if (had[i] === undefined) await claims.address(address);
      addresses.push(address);
    }
  }
  to.clusterIPs = addresses;
  to.clusterIP = addresses[0]!;
}

async function claimPorts(claims: ServiceClaims, service: Service, old: Service | undefined): Promise<void> {
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
      port.nodePort = await claims.port(port.nodePort, `ports[${i}].nodePort`);
      taken.set(port.nodePort, port);
    }
  }
  if (needsHealthPort(to) && !(to.healthCheckNodePort && own.has(to.healthCheckNodePort))) {
    to.healthCheckNodePort = await claims.port(to.healthCheckNodePort, "healthCheckNodePort");
  }
}

const holderOf = ({ metadata }: Service) => ({ namespace: metadata.namespace!, name: metadata.name! });

async function claim(write: Write, service: Service, old: Service | undefined): Promise<ServiceClaims> {
  const claims = new ServiceClaims(write, service);
  try {
    await claimAddresses(write, claims, service, old);
    await claimPorts(claims, service, old);
  } catch (error) {
    await claims.release();
    throw error;
  }
  if (old) {
    const addresses = new Set(addressesOf(service));
    const ports = portsOf(service);
    claims.giveBackWhenStored(
      addressesOf(old).filter((address) => !addresses.has(address)),
      [...portsOf(old)].filter((port) => !ports.has(port)),
    );
  }
  return claims;
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
    return claim(write, service, old);
  },
  deleted(service, registry) {
    return freeAll(registry, holderOf(service), addressesOf(service), portsOf(service));
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
