import { isIPv4, isIPv6 } from "node:net";

/** An address as net/netip prints it: lower case, the longest run of zeros of IPv6 left out. */
export function canonicalAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const { hostname } = new URL(`http://[${address}]/`);
  return hostname.slice(1, -1);
}

/** The bits of an address as a number. */
export function addressToNumber(address: string): bigint {
  if (isIPv4(address)) return address.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  return expand(address).reduce((sum, part) => (sum << 16n) | BigInt(part), 0n);
}

/** The eight groups of an IPv6 address. */
function expand(address: string): number[] {
  const canonical = canonicalAddress(address);
  const [head = "", tail] = canonical.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  if (tail === undefined) return groups(head);
  const before = groups(head);
  const after = groups(tail);
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

export function numberToAddress(bits: bigint, family: "IPv4" | "IPv6"): string {
  const [width, count, base] = family === "IPv4" ? [8n, 4, 10] : [16n, 8, 16];
  const parts = Array.from({ length: count }, (_, i) =>
    Number((bits >> (width * BigInt(count - 1 - i))) & ((1n << width) - 1n)).toString(base),
  );
  return family === "IPv4" ? parts.join(".") : canonicalAddress(parts.join(":"));
}

/** A range of addresses: its first address, its length in bits and its family. */
export interface Range {
  readonly text: string;
  readonly family: "IPv4" | "IPv6";
  readonly first: bigint;
  readonly last: bigint;
  readonly bits: number;
}

export function parseRange(cidr: string): Range | undefined {
  const [address = "", length = "", ...more] = cidr.split("/");
  if (more.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const family = isIPv4(address) ? "IPv4" : isIPv6(address) && !address.includes("%") ? "IPv6" : undefined;
  const width = family === "IPv4" ? 32 : 128;
  const bits = Number(length);
  if (family === undefined || bits > width) return undefined;
  const size = 1n << BigInt(width - bits);
  const first = (addressToNumber(address) / size) * size;
  return { text: cidr, family, first, last: first + size - 1n, bits };
}

export function rangeHas(range: Range, address: string): boolean {
  if ((isIPv4(address) ? "IPv4" : "IPv6") !== range.family) return false;
  const n = addressToNumber(address);
  return n >= range.first && n <= range.last;
}
