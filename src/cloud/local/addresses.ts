const number = (ip: string) => ip.split(".").reduce((all, part) => all * 256 + Number(part), 0);
const text = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

/** The first address of an IPv4 pool that nobody has, or `wanted` if it can be had. Throws when there is none. */
export function freeAddress(pool: string, taken: ReadonlySet<string>, wanted?: string): string {
  const [base = "", bits = "32"] = pool.split("/");
  const first = number(base);
  const size = 2 ** (32 - Number(bits));
  if (wanted) {
    const at = number(wanted);
    if (!(at > first && at < first + size - 1)) throw new Error(`address ${wanted} is not one of ${pool}`);
    if (taken.has(wanted)) throw new Error(`address ${wanted} is taken by another Service`);
    return wanted;
  }
  for (let at = first + 1; at < first + size - 1; at++) if (!taken.has(text(at))) return text(at);
  throw new Error(`all addresses of ${pool} are taken`);
}
