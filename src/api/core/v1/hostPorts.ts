/** Ports of the node that a Pod takes: the scheduler and the kubelet ask alike. */
import type { PodSpec } from "./podSpec.ts";

export interface HostPort {
  readonly protocol: string;
  readonly ip: string;
  readonly port: number;
}

/** The address that stands for all of the node's. */
export const EVERY_ADDRESS = "0.0.0.0";

export function hostPortsOf({ spec }: { spec: PodSpec }): HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  const ports: HostPort[] = [];
  for (const container of [...spec.containers, ...sidecars]) {
    for (const { hostPort = 0, protocol = "TCP", hostIP } of container.ports ?? []) {
      if (hostPort > 0) ports.push({ protocol, ip: hostIP || EVERY_ADDRESS, port: hostPort });
    }
  }
  return ports;
}

/** Whether only one of two can have its port: the same number of the same protocol, on an address of both. */
export function portsClash(a: HostPort, b: HostPort): boolean {
  const addresses = a.ip === b.ip || a.ip === EVERY_ADDRESS || b.ip === EVERY_ADDRESS;
  return addresses && a.port === b.port && a.protocol === b.protocol;
}
