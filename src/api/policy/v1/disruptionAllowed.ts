import type { Condition } from "../../../apimachinery/meta.ts";
import type { PodDisruptionBudgetStatus } from "./podDisruptionBudgetMessages.ts";

/** The condition that says whether a budget has anything left. */
export const DISRUPTION_ALLOWED = "DisruptionAllowed";
/** Its reason when the controller could not tell. */
export const SYNC_FAILED = "SyncFailed";

/** The conditions that follow from how many disruptions are allowed. `time` is that of a change. */
export function disruptionConditions(
  { conditions = [], disruptionsAllowed }: PodDisruptionBudgetStatus,
  observedGeneration: number | undefined,
  time: string,
): Condition[] {
  const [status, reason] = disruptionsAllowed > 0 ? ["True", "SufficientPods"] : ["False", "InsufficientPods"];
  return withDisruptionCondition(conditions, { status, reason, message: "", observedGeneration }, time);
}

export function withDisruptionCondition(
  conditions: readonly Condition[],
  next: Pick<Condition, "status" | "reason" | "message" | "observedGeneration">,
  time: string,
): Condition[] {
  const old = conditions.find(({ type }) => type === DISRUPTION_ALLOWED);
  const lastTransitionTime = old?.status === next.status ? old.lastTransitionTime : time;
  const condition: Condition = { type: DISRUPTION_ALLOWED, ...next, lastTransitionTime };
  return old ? conditions.map((one) => (one === old ? condition : one)) : [...conditions, condition];
}
