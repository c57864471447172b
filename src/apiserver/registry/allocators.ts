import { Service } from "../../api/core/v1/index.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Random } from "../../util/random.ts";
import type { WatchCache } from "../cache/watchCache.ts";
import { NumberPool } from "./numberPool.ts";

export function ipToNumber(ip: string): number {
  return ip.split(".").reduce((n, part) => n * 256 + Number(part), 0);
}

export function numberToIp(n: number): string {
  return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join(".");
}

/** "10.96.0.0/16" as the first address and how many there are. */
function parseCidr(cidr: string): { first: number; size: number } {
  const [base = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(ipToNumber(base) / size) * size;
  return { first, size };
}

/** The part at the range's beginning that is kept for addresses chosen by hand. */
function staticPart(size: number): number {
  return Math.min(Math.max(16, Math.floor(size / 16)), 256);
}

/**
 * The addresses and ports that Services hold. What is stored is the truth: the pools follow the Services in the cache,
 * and besides know what has been set aside for a Service that is just being written.
 */
export class Allocators {
  readonly serviceCIDR: string;
  readonly addresses: NumberPool;
  readonly ports: NumberPool;
  /** by cluster IP, whom it belongs to */
  #first: number;
  #size: number;

  constructor(options: { serviceCIDR: string; nodePortRange: { from: number; to: number }; random: Random }) {
    const { first, size } = parseCidr(options.serviceCIDR);
    this.serviceCIDR = options.serviceCIDR;
    this.#first = first;
    this.#size = size;
    const { random } = options;
    const { from, to } = options.nodePortRange;
    this.addresses = new NumberPool({ from: first + 1, to: first + size - 2, reserved: staticPart(size - 2), random });
    const ports = to - from + 1;
    this.ports = new NumberPool({ from, to, reserved: Math.min(Math.max(16, Math.floor(ports / 32)), 128), random });
  }
  /** The address of the Service `kubernetes`: the first of the range. */
  get firstAddress(): string {
    return numberToIp(this.#first + 1);
  }
  includes(ip: string): boolean {
    const n = ipToNumber(ip);
    return n > this.#first && n < this.#first + this.#size - 1;
  }
  follow(cache: WatchCache): void {
    const services = cache.of(Service as never);
    for (const entry of services.current.values()) this.#hold(entry.object);
    services.onChange(({ entry, previous }) => {
      if (previous) this.#drop(previous.object);
      if (entry) this.#hold(entry.object);
    });
  }
  #hold(object: KubernetesObject): void {
    for (const n of addressesOf(object as Service)) this.addresses.hold(n);
    for (const n of portsOf(object as Service)) this.ports.hold(n);
  }
  #drop(object: KubernetesObject): void {
    for (const n of addressesOf(object as Service)) this.addresses.drop(n);
    for (const n of portsOf(object as Service)) this.ports.drop(n);
  }
}

export function addressesOf({ spec }: Service): number[] {
  const ips = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  return ips.filter((ip) => /^\d+\.\d+\.\d+\.\d+$/.test(ip)).map(ipToNumber);
}

export function portsOf({ spec }: Service): Set<number> {
  const ports = new Set<number>();
  for (const { nodePort } of spec.ports ?? []) if (nodePort) ports.add(nodePort);
  if (spec.healthCheckNodePort) ports.add(spec.healthCheckNodePort);
  return ports;
}
