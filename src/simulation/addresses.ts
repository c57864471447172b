/** Hands out the host addresses of an IPv4 block; those given back are used again as late as possible. */
export class AddressBlock {
  readonly #base: number;
  readonly #size: number;
  readonly #taken = new Map<string, number>();
  #next = 0;

  constructor(cidr: string) {
    const [address = "", length = "32"] = cidr.split("/");
    this.#base = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    this.#size = Math.max(1, 2 ** (32 - Number(length)) - 2);
  }
  /** The address of `owner`, the same until it is released; undefined when none is left. */
  take(owner: string): string | undefined {
    let offset = this.#taken.get(owner);
    if (offset === undefined) {
      if (this.#taken.size >= this.#size) return undefined;
      const used = new Set(this.#taken.values());
      while (used.has(this.#next)) this.#next = (this.#next + 1) % this.#size;
      offset = this.#next;
      this.#next = (this.#next + 1) % this.#size;
      this.#taken.set(owner, offset);
    }
    return formatIPv4(this.#base + 1 + offset);
  }
  release(owner: string): void {
    this.#taken.delete(owner);
  }
}

export function formatIPv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
