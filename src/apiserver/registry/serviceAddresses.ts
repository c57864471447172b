import { isIPv4 } from "node:net";
import type { Service } from "../../api/core/v1/index.ts";
import {
  addressToNumber,
  canonicalAddress,
  IPAddress,
  numberToAddress,
  parseRange,
  type Range,
  rangeHas,
  ServiceCIDR,
} from "../../api/networking/v1/index.ts";
import { isAlreadyExists } from "../../apimachinery/status.ts";
import { RevisionMismatchError } from "../../store/backend.ts";
import type { Random } from "../../util/random.ts";
import { prefixOf } from "../cache/watchCache.ts";
import { systemCall } from "../pipeline/systemCall.ts";
import { candidates } from "./candidates.ts";
import type { Registry } from "./registry.ts";
import { createObject } from "./write.ts";

export type Family = "IPv4" | "IPv6";
export const familyOf = (address: string): Family => (isIPv4(address) ? "IPv4" : "IPv6");

/** A Service by name. */
export interface Holder {
  readonly namespace: string;
  readonly name: string;
}

export const FAMILY_LABEL = "ipaddress.kubernetes.io/ip-family";
export const MANAGED_BY_LABEL = "ipaddress.kubernetes.io/managed-by";
export const MANAGED_BY = "ipallocator.k8s.io";
const MOST_OFFSETS = 2n ** 31n;

/** As many addresses as a range has to give: neither its first, nor the broadcast address of IPv4. */
function sizeOf({ first, last, family }: Range): number {
  const usable = last - first - (family === "IPv4" ? 1n : 0n);
  return Number(usable < MOST_OFFSETS ? usable : MOST_OFFSETS);
}

/** The part at a range's beginning that is kept for addresses chosen by hand. */
const staticPart = (size: number) => Math.min(Math.max(16, Math.floor(size / 16)), 256);

/**
 * The cluster IPs. Who creates the IPAddress that is named by an address has it: the store lets only one do so,
 * however many API servers there are.
 */
export class ServiceAddresses {
  /** of the server's own flags; the first one's family is that of Services which say nothing */
  readonly own: readonly Range[];
  readonly #random: Random;

  constructor(serviceCIDR: string, random: Random) {
    this.own = serviceCIDR.split(",").map((text) => {
      const range = parseRange(text.trim());
      if (!range) throw new Error(`${text} is not a range of service addresses`);
      return range;
    });
    this.#random = random;
  }
  get families(): readonly Family[] {
    return this.own.map(({ family }) => family);
  }
  /** The address of the Service `kubernetes`: the first of the first range. */
  get first(): string {
    const { first, family } = this.own[0]!;
    return numberToAddress(first + 1n, family);
  }
  /** The ranges from which may be given now: the server's own, and those of ServiceCIDRs that are ready. */
  ranges(registry: Registry, family: Family): Range[] {
    const more = [...registry.cache.of(ServiceCIDR as never).current.values()]
      .map(({ object }) => object as ServiceCIDR)
      .filter(isReady)
      .flatMap(({ spec }) => (spec.cidrs ?? []).flatMap((text) => parseRange(text) ?? []));
    const known = new Set<string>();
    return [...this.own, ...more].filter((range) => {
      const fresh = range.family === family && !known.has(range.text);
      known.add(range.text);
      return fresh;
    });
  }
  /** The range that this address is of, if Services may have it. */
  rangeOf(registry: Registry, address: string): Range | undefined {
    return this.ranges(registry, familyOf(address)).find((range) => {
      const offset = rangeHas(range, address) ? addressToNumber(address) - range.first - 1n : -1n;
      return offset >= 0n && offset < range.last - range.first - (range.family === "IPv4" ? 1n : 0n);
    });
  }
  isFree(registry: Registry, address: string): boolean {
    return registry.cache.of(IPAddress as never).get(canonicalAddress(address)) === undefined;
  }
  /** Any address of the family that nobody has; undefined when there is none left. Dry: it is not taken. */
  async takeAny(registry: Registry, family: Family, holder: Holder, dryRun: boolean): Promise<string | undefined> {
    for (const range of this.ranges(registry, family)) {
      const size = sizeOf(range);
      for (const offset of candidates(size, staticPart(size), this.#random)) {
        const address = numberToAddress(range.first + 1n + BigInt(offset), family);
        if (!this.isFree(registry, address)) continue;
        if (dryRun || (await this.take(registry, address, holder))) return address;
      }
    }
    return undefined;
  }
  /** False when someone has it. */
  async take(registry: Registry, address: string, holder: Holder): Promise<boolean> {
    const name = canonicalAddress(address);
    const resource = registry.resource(IPAddress as never);
    const object = {
      apiVersion: IPAddress.apiVersion,
      kind: IPAddress.kind,
      metadata: { name, labels: { [FAMILY_LABEL]: familyOf(address), [MANAGED_BY_LABEL]: MANAGED_BY } },
      spec: { parentRef: { resource: "services", namespace: holder.namespace, name: holder.name } },
    } as IPAddress;
    const options = { dryRun: false, fieldManager: "kube-apiserver", fieldValidation: "Ignore", force: undefined };
    try {
      const call = systemCall(registry, resource, { namespace: "", name });
      await createObject(registry, resource, call, object, options as never);
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }
  /** Frees an address that this holder has. */
  async free(registry: Registry, address: string, holder: Holder): Promise<void> {
    const key = canonicalAddress(address);
    for (;;) {
      await registry.cache.consistent();
      const entry = registry.cache.of(IPAddress as never).get(key);
      if (!entry || !isHeldBy(entry.object as IPAddress, holder)) return;
      try {
        const revision = await registry.cache.backend.delete(prefixOf(IPAddress as never) + key, entry.revision);
        await registry.cache.reached(revision);
        return;
      } catch (error) {
        if (!(error instanceof RevisionMismatchError)) throw error; // changed in between: look again
      }
    }
  }
}

export function isHeldBy({ spec: { parentRef } }: IPAddress, { namespace, name }: Holder): boolean {
  return parentRef?.resource === "services" && parentRef.namespace === namespace && parentRef.name === name;
}

function isReady({ metadata, status }: ServiceCIDR): boolean {
  if (metadata.deletionTimestamp) return false;
  return (status.conditions ?? []).some((condition) => condition.type === "Ready" && condition.status === "True");
}

/** The cluster IPs of a Service; none when it is headless. */
export function addressesOf({ spec }: Service): string[] {
  if (spec.type === "ExternalName") return [];
  const addresses = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  return addresses.filter((address) => address !== "None" && address !== "");
}
