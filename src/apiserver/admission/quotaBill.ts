import {
  type Amounts,
  addAmounts,
  isInScope,
  isQuotaFor,
  type Pod,
  parseAmounts,
  quotaUsage,
  type ResourceQuota,
} from "../../api/core/v1/index.ts";
import { forbidden } from "../../apimachinery/errors.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { zeroQuantity } from "../../apimachinery/quantity.ts";
import type { StatusError } from "../../apimachinery/status.ts";
import { keyOf, type Write } from "../registry/resource.ts";
import { missingResources } from "./quotaConstraints.ts";

/** Something that is to be created, or to become another. */
export interface Purchase {
  readonly write: Write;
  readonly object: KubernetesObject;
  readonly old: KubernetesObject | undefined;
}

/** A dry run costs nothing, nor does what is refused in a moment because its name is taken. */
export function isForShow({ write: { dryRun, operation, resource, namespace, name } }: Purchase): boolean {
  return dryRun || (operation === "CREATE" && resource.cache!.get(keyOf(namespace, name)) !== undefined);
}

/**
 * What a quota has used once the purchase is made; `used` is what it has used before. Undefined: the quota is not
 * about it, or nothing changes. Throws when it is too much.
 */
export function usedAfter({ write, object, old }: Purchase, quota: ResourceQuota, used: Amounts): Amounts | undefined {
  const { kind } = write.resource;
  const hard = parseAmounts(quota.status.hard);
  const names = Object.keys(hard).filter((name) => isQuotaFor(kind, name));
  if (names.length === 0 || !isInScope(quota.spec, kind, object)) return undefined;
  const missing = kind.resource === "pods" ? missingResources((object as Pod).spec, names) : undefined;
  if (missing) throw refuse(write, `failed quota: ${quota.metadata.name}: must specify ${missing}`);
  if (names.some((name) => used[name] === undefined)) {
    throw refuse(write, `status unknown for quota: ${quota.metadata.name}, resources: ${names.sort().join(",")}`);
  }
  const wanted = growth({ write, object, old }, quota, names);
  const exceeded = names.filter((name) => {
    const more = wanted[name];
    return more !== undefined && more.nanos > 0n && used[name]!.add(more).compare(hard[name]!) > 0;
  });
  if (exceeded.length > 0) throw refuse(write, exceededText(quota, exceeded, { wanted, used, hard }));
  return Object.keys(wanted).length === 0 ? undefined : addAmounts(used, wanted);
}

/** How much more (or, in an update, less) is used of what the quota counts. */
function growth({ write, object, old }: Purchase, quota: ResourceQuota, names: readonly string[]): Amounts {
  const { kind } = write.resource;
  const now = write.registry.clock.now();
  const after = quotaUsage(kind, object, now);
  const before = old && isInScope(quota.spec, kind, old) ? quotaUsage(kind, old, now) : {};
  const changes = names.map((name) => {
    return [name, (after[name] ?? zeroQuantity).sub(before[name] ?? zeroQuantity)] as const;
  });
  return Object.fromEntries(changes.filter(([, amount]) => !amount.isZero()));
}

const print = (names: readonly string[], amounts: Amounts) =>
  names.map((name) => `${name}=${amounts[name] ?? zeroQuantity}`).join(",");

function exceededText(
  { metadata }: ResourceQuota,
  exceeded: readonly string[],
  { wanted, used, hard }: { wanted: Amounts; used: Amounts; hard: Amounts },
): string {
  const names = [...exceeded].sort();
  const sums = `requested: ${print(names, wanted)}, used: ${print(names, used)}, limited: ${print(names, hard)}`;
  return `exceeded quota: ${metadata.name}, ${sums}`;
}

const refuse = ({ resource, name }: Write, why: string): StatusError => forbidden(resource.kind, name, why);
