import { type IPAddress, parseRange, type Range, rangeHas, type ServiceCIDR } from "../../api/networking/v1/index.ts";

const rangesOf = ({ spec }: ServiceCIDR): Range[] => (spec.cidrs ?? []).flatMap((text) => parseRange(text) ?? []);
const has = (outer: Range, inner: Range) =>
  outer.family === inner.family && outer.first <= inner.first && outer.last >= inner.last;

/**
 * Whether every Service would keep its address if these ranges went: an address that another range, which stays, has
 * too, needs them no more.
 */
export function isUnneeded(going: ServiceCIDR, all: readonly ServiceCIDR[], addresses: readonly IPAddress[]): boolean {
  const others = all
    .filter(({ metadata }) => metadata.name !== going.metadata.name && !metadata.deletionTimestamp)
    .flatMap(rangesOf);
  const uncovered = rangesOf(going).filter((range) => !others.some((other) => has(other, range)));
  return !addresses.some(({ metadata: { name = "" } }) => {
    if (!uncovered.some((range) => rangeHas(range, name))) return false;
    return !others.some((other) => rangeHas(other, name));
  });
}

/** Which ServiceCIDRs share addresses with these ranges, or have this address. */
export function overlapping(all: readonly ServiceCIDR[], ranges: readonly Range[]): ServiceCIDR[] {
  return all.filter((one) => rangesOf(one).some((a) => ranges.some((b) => has(a, b) || has(b, a))));
}

export const rangesIn = rangesOf;
