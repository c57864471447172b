import type { Node, Taint } from "../../api/core/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { nodeCondition } from "./health.ts";

const KEY = "node.kubernetes.io/";
export const NOT_READY = `${KEY}not-ready`;
export const UNREACHABLE = `${KEY}unreachable`;
export const OUT_OF_SERVICE = `${KEY}out-of-service`;

/** Which condition, with which status, calls for which taint. */
const BY_CONDITION: [type: string, status: string, key: string][] = [
  ["Ready", "False", NOT_READY],
  ["Ready", "Unknown", UNREACHABLE],
  ["MemoryPressure", "True", `${KEY}memory-pressure`],
  ["DiskPressure", "True", `${KEY}disk-pressure`],
  ["PIDPressure", "True", `${KEY}pid-pressure`],
  ["NetworkUnavailable", "True", `${KEY}network-unavailable`],
];
const UNSCHEDULABLE = `${KEY}unschedulable`;
const KEPT_HERE = new Set([...BY_CONDITION.map(([, , key]) => key), UNSCHEDULABLE]);

/** The node's taints as its conditions call for; those that others set stay. */
export function plannedTaints(node: Node, now: number): Taint[] {
  const wanted: Taint[] = [];
  for (const [type, status, key] of BY_CONDITION) {
    if (nodeCondition(node, type)?.status === status) wanted.push({ key, effect: "NoSchedule" } as Taint);
  }
  if (node.spec.unschedulable) wanted.push({ key: UNSCHEDULABLE, effect: "NoSchedule" } as Taint);
  for (const key of wanted.map((taint) => taint.key)) {
    if (key === NOT_READY || key === UNREACHABLE) wanted.push({ key, effect: "NoExecute" } as Taint);
  }
  const old = node.spec.taints ?? [];
  // A node that has never said whether it is ready keeps the taint with which it was admitted.
  const unheard = nodeCondition(node, "Ready") === undefined;
  const others = old.filter((taint) => !KEPT_HERE.has(taint.key) || (unheard && taint.key === NOT_READY));
  const known = (taint: Taint) => old.find((t) => t.key === taint.key && t.effect === taint.effect);
  return [...others, ...wanted.map((taint) => known(taint) ?? { ...taint, timeAdded: formatTime(now) })];
}
