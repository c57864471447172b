import type { PodStatus } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { TRANSIENT } from "./conditions.ts";

/**
 * The strategic merge patch that turns one status into another: only what differs, conditions one by one so that those
 * of others are not touched. Undefined when nothing differs.
 */
export function statusPatch(from: PodStatus | undefined, to: PodStatus): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {};
  const old = (from ?? {}) as Record<string, unknown>;
  const next = to as unknown as Record<string, unknown>;
  for (const key of OWN_FIELDS) {
    if (key === "conditions" || sameValue(old[key], next[key])) continue;
    if (MERGED_LISTS.has(key)) patch[key] = replaced(next[key]);
    else patch[key] = next[key] ?? null;
  }
  const changed = changedConditions(from, to);
  if (changed.length > 0) patch.conditions = changed;
  return Object.keys(patch).length > 0 ? patch : undefined;
}

const OWN_FIELDS = [
  "observedGeneration",
  "phase",
  "conditions",
  "message",
  "reason",
  "hostIP",
  "hostIPs",
  "podIP",
  "podIPs",
  "startTime",
  "initContainerStatuses",
  "containerStatuses",
  "ephemeralContainerStatuses",
  "qosClass",
] as const;

/** Lists whose items a strategic merge would add to the old ones. */
const MERGED_LISTS = new Set<string>(["podIPs", "hostIPs"]);
const replaced = (list: unknown) => [...((list as unknown[] | undefined) ?? []), { $patch: "replace" }];

function changedConditions(from: PodStatus | undefined, to: PodStatus): unknown[] {
  const gone = (from?.conditions ?? []).filter(
    ({ type }) => TRANSIENT.has(type) && !to.conditions?.some((it) => it.type === type),
  );
  const changed = (to.conditions ?? [])
    .filter(
      (condition) =>
        !sameValue(
          from?.conditions?.find((it) => it.type === condition.type),
          condition,
        ),
    )
    .map((condition) => ({ reason: null, message: null, ...condition }));
  return [...changed, ...gone.map(({ type }) => ({ type, $patch: "delete" }))];
}

/** Equal but for what the API fills in or leaves out by itself: empty structs, nulls and zeroes. */
function sameValue(a: unknown, b: unknown): boolean {
  return deepEqual(essence(a), essence(b));
}

function essence(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(essence);
  if (typeof value !== "object" || value === null) return value ?? undefined;
  const entries = Object.entries(value)
    .map(([key, item]) => [key, essence(item)] as const)
    .filter(([, item]) => item !== undefined && item !== "" && !isEmpty(item));
  return Object.fromEntries(entries);
}

const isEmpty = (value: unknown) => typeof value === "object" && value !== null && Object.keys(value).length === 0;
