import type { ContainerPort, Pod, Service, ServicePort } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { isLeaving, isReady, isTerminal } from "../pods.ts";

/** What Services and Pods mean to both kinds of endpoints. */

/** The Pod's port that a Service's port leads to; undefined when no container has a port of that name. */
export function targetPort(pod: Pod, port: ServicePort): number | undefined {
  const { targetPort: target } = port;
  if (target === undefined || target === "" || target === 0) return port.port;
  if (typeof target === "number") return target;
  const matches = (p: ContainerPort) => p.name === target && (p.protocol ?? "TCP") === (port.protocol ?? "TCP");
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === "Always");
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const found = container.ports?.find(matches);
    if (found) return found.containerPort;
  }
  return undefined;
}

/** The Pod's address of one family. */
export function podIP(pod: Pod, family: "IPv4" | "IPv6"): string | undefined {
  const ips = pod.status.podIPs ?? (pod.status.podIP ? [{ ip: pod.status.podIP }] : []);
  return ips.find(({ ip }) => ip.includes(":") === (family === "IPv6"))?.ip;
}

export function isHeadless(service: Service): boolean {
  return service.spec.clusterIP === "None";
}

/** The name under which DNS knows the Pod within the Service, if it has one. */
export function endpointHostname(pod: Pod, service: Service): string | undefined {
  const { hostname, subdomain } = pod.spec;
  if (!hostname || subdomain !== service.metadata.name) return undefined;
  return pod.metadata.namespace === service.metadata.namespace ? hostname : undefined;
}

/** Whether a Pod belongs among a Service's endpoints at all. */
export function isEndpoint(pod: Pod, includeTerminating: boolean): boolean {
  if (isTerminal(pod) || !(pod.status.podIPs?.length || pod.status.podIP)) return false;
  return includeTerminating || !isLeaving(pod);
}

/** Whether a change of a Pod can change any Service's endpoints. */
export function endpointsMayDiffer(pod: Pod, old: Pod): boolean {
  return (
    !deepEqual(pod.metadata.labels, old.metadata.labels) ||
    pod.status.podIP !== old.status.podIP ||
    !deepEqual(pod.status.podIPs, old.status.podIPs) ||
    pod.spec.hostname !== old.spec.hostname ||
    pod.status.phase !== old.status.phase ||
    pod.spec.nodeName !== old.spec.nodeName ||
    isReady(pod) !== isReady(old) ||
    isLeaving(pod) !== isLeaving(old)
  );
}
