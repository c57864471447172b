import { isIP } from "node:net";

/** The addresses of an IPv4 or IPv6 range as numbers, handed out in blocks of equal size. */
export class BlockPool {
  readonly #base: bigint;
  readonly #bits: number;
  readonly #mask: number;
  readonly #count: number;
  readonly #taken = new Set<number>();
  #next = 0;

  /** Blocks of `mask` bits within `cidr`. */
  constructor(cidr: string, mask: number) {
    const { base, bits, prefix } = parseCIDR(cidr);
    if (mask < prefix || mask > bits) throw new Error(`node CIDR mask /${mask} does not fit into ${cidr}`);
    this.#base = base;
    this.#bits = bits;
    this.#mask = mask;
    this.#count = 2 ** Math.min(mask - prefix, 24);
  }
  /** Takes a certain block; what lies outside the range is none of ours. */
  occupy(cidr: string): void {
    const index = this.#indexOf(cidr);
    if (index !== undefined) this.#taken.add(index);
  }
  release(cidr: string): void {
    const index = this.#indexOf(cidr);
    if (index !== undefined) this.#taken.delete(index);
  }
  /** The next free block, or undefined when all are taken. Blocks given back are used again as late as possible. */
  allocate(): string | undefined {
    for (let i = 0; i < this.#count; i++) {
      const index = (this.#next + i) % this.#count;
      if (this.#taken.has(index)) continue;
      this.#taken.add(index);
      this.#next = (index + 1) % this.#count;
      const address = this.#base + (BigInt(index) << BigInt(this.#bits - this.#mask));
      return `${formatAddress(address, this.#bits)}/${this.#mask}`;
    }
    return undefined;
  }
  #indexOf(cidr: string): number | undefined {
    const { base, bits } = parseCIDR(cidr);
    if (bits !== this.#bits || base < this.#base) return undefined;
    const index = Number((base - this.#base) >> BigInt(this.#bits - this.#mask));
    return index < this.#count ? index : undefined;
  }
}

function parseCIDR(cidr: string): { base: bigint; bits: number; prefix: number } {
  const [address = "", length = ""] = cidr.split("/");
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  const prefix = Number(length);
  if (family === 0 || !/^\d+$/.test(length) || prefix > bits) throw new Error(`not a CIDR: ${cidr}`);
  const host = BigInt(bits - prefix);
  return { base: (parseAddress(address, family) >> host) << host, bits, prefix };
}

function parseAddress(address: string, family: number): bigint {
  if (family === 4) return address.split(".").reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  const [head = "", tail] = address.split("::");
  const groups = (text: string | undefined) => (text ? text.split(":") : []);
  const zeros = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(zeros).fill("0"), ...groups(tail)];
  return all.reduce((sum, part) => (sum << 16n) + BigInt(`0x${part || "0"}`), 0n);
}

function formatAddress(address: bigint, bits: number): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => ((address >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
