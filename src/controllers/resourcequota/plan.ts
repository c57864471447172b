import {
  type Amounts,
  addAmounts,
  isInScope,
  isQuotaFor,
  parseAmounts,
  quotaUsage,
  type ResourceQuota,
} from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { zeroQuantity } from "../../apimachinery/quantity.ts";

type Status = ResourceQuota["status"];

/** What a quota allows and what is used of it, counted anew. What no kind stands behind is not counted. */
export function quotaStatus(
  { spec }: ResourceQuota,
  counted: readonly Kind[],
  objects: ReadonlyMap<Kind, readonly KubernetesObject[]>,
  now: number,
): Status {
  const names = Object.keys(spec.hard ?? {}).filter((name) => counted.some((kind) => isQuotaFor(kind, name)));
  let used: Amounts = {};
  for (const [kind, items] of objects) {
    for (const object of items) {
      if (isInScope(spec, kind, object)) used = addAmounts(used, quotaUsage(kind, object, now));
    }
  }
  const amounts = names.map((name) => [name, (used[name] ?? zeroQuantity).toString()]);
  return { hard: spec.hard ?? {}, used: Object.fromEntries(amounts) };
}

export function isLowered(now: Status["used"], before: Status["used"]): boolean {
  const old = parseAmounts(before);
  return Object.entries(parseAmounts(now)).some(([name, amount]) => amount.compare(old[name] ?? zeroQuantity) < 0);
}

export function sameUsage(a: Amounts, b: Amounts): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => (a[name] ?? zeroQuantity).compare(b[name] ?? zeroQuantity) === 0);
}
