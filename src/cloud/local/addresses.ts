import { addressToNumber, numberToAddress, parseRange, rangeHas } from "../../api/networking/v1/index.ts";

/** The first address of a pool that nobody has, or `wanted` if it can be had. Throws when there is none. */
export function freeAddress(pool: string, taken: ReadonlySet<string>, wanted?: string): string {
  const range = parseRange(pool);
  if (!range) throw new Error(`${pool} is not a range of addresses`);
  const { first, last, family } = range;
  if (wanted) {
    const at = rangeHas(range, wanted) ? addressToNumber(wanted) : first;
    if (at === first || at === last) throw new Error(`address ${wanted} is not one of ${pool}`);
    if (taken.has(wanted)) throw new Error(`address ${wanted} is taken by another Service`);
    return wanted;
  }
  for (let at = first + 1n; at < last; at++) {
    const address = numberToAddress(at, family);
    if (!taken.has(address)) return address;
  }
  throw new Error(`all addresses of ${pool} are taken`);
}
