/** The order of merged lists: items of the patch as the patch orders them, the others where they stood before. */
import { serverFault } from "./errors.ts";
import { isObject, type Json, sameJson } from "./value.ts";

function sameItem(a: Json, b: Json, key: string | undefined): boolean {
  if (key === undefined || !isObject(a) || !isObject(b)) return sameJson(a, b);
  return a[key] === b[key];
}

const indexIn = (list: readonly Json[], item: Json, key: string | undefined): number =>
  list.findIndex((other) => sameItem(other, item, key));

/** Orders `merged`: what is in `wanted` comes in that order, the rest keeps its place among it as in `before`. */
export function orderLike(
  merged: readonly Json[],
  wanted: readonly Json[],
  before: readonly Json[],
  key: string | undefined,
): Json[] {
  const place = (item: Json, order: readonly Json[]) => ({ item, at: indexIn(order, item, key) });
  const sorted = (items: readonly Json[], order: readonly Json[]): Json[] =>
    items
      .map((item) => place(item, order))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  const asked = sorted(merged.filter((item) => indexIn(wanted, item, key) >= 0), wanted); // biome-ignore format: one thought
  const others = sorted(merged.filter((item) => indexIn(wanted, item, key) < 0), before); // biome-ignore format: one thought
  return interleave(others, asked, (item) => indexIn(before, item, key));
}

/** Merges two ordered lists; one of `others` goes first only where it stood before in the live list. */
function interleave(others: Json[], asked: Json[], placeBefore: (item: Json) => number): Json[] {
  const result: Json[] = [];
  let i = 0;
  for (const item of asked) {
    const at = placeBefore(item);
    while (at >= 0 && i < others.length && isBetween(placeBefore(others[i]!), at)) result.push(others[i++]!);
    result.push(item);
  }
  return result.concat(others.slice(i));
}

const isBetween = (place: number, limit: number): boolean => place >= 0 && place < limit;

/** A patch's list must keep to the order that the same patch asks for. */
export function checkOrder(wanted: readonly Json[], order: readonly Json[], key: string | undefined): void {
  const items = key === undefined ? wanted : wanted.filter((item) => !isObject(item) || !Object.hasOwn(item, "$patch"));
  let next = 0;
  for (const item of order) if (next < items.length && sameItem(items[next]!, item, key)) next++;
  if (order.length === 0 || next === items.length) return;
  const [list, asked] = [JSON.stringify(wanted), JSON.stringify(order)];
  throw serverFault(`The order in patch list:\n${list}\n doesn't match $setElementOrder list:\n${asked}\n`);
}
