import type { HorizontalPodAutoscaler } from "../../api/autoscaling/v2/index.ts";
import type { Conditions } from "./conditions.ts";
import {
  type Behavior,
  type History,
  limit,
  limitWithBehavior,
  stabilize,
  stabilizeWithBehavior,
  type Verdict,
} from "./limits.ts";

/** How many replicas there shall be, and why. */
export interface Decision {
  readonly replicas: number;
  readonly rescale: boolean;
  /** why the number changes */
  readonly reason: string;
}

export function behaviorOf({ spec }: HorizontalPodAutoscaler): Behavior | undefined {
  const { scaleUp, scaleDown } = spec.behavior ?? {};
  return scaleUp && scaleDown ? { scaleUp, scaleDown } : undefined;
}

/** What is decided without looking at metrics; undefined when these must be asked. */
export function decideByBounds({ spec }: HorizontalPodAutoscaler, current: number): Decision | undefined {
  const { minReplicas = 1, maxReplicas } = spec;
  if (current === 0 && minReplicas !== 0) return { replicas: 0, rescale: false, reason: "" };
  if (current > maxReplicas) {
    return { replicas: maxReplicas, rescale: true, reason: "Current number of replicas above Spec.MaxReplicas" };
  }
  if (current < minReplicas) {
    return { replicas: minReplicas, rescale: true, reason: "Current number of replicas below Spec.MinReplicas" };
  }
  return undefined;
}

/** What becomes of the replicas that metrics ask for. Remembers them in `history`. */
export function decideByMetrics(
  autoscaler: HorizontalPodAutoscaler,
  asked: { current: number; replicas: number; metric: string; now: number; downWindow: number },
  { history, conditions }: { history: History; conditions: Conditions },
): Decision {
  const { current, replicas: desired, metric, now, downWindow } = asked;
  const { minReplicas: min = 1, maxReplicas: max } = autoscaler.spec;
  const behavior = behaviorOf(autoscaler);
  const wish = { current, desired, min, max, now, downWindow };
  const stabilized = behavior ? stabilizeWithBehavior(wish, history, behavior) : stabilize(wish, history);
  history.recommendations.push({ replicas: desired, at: now });
  tellStabilized(stabilized, desired, conditions);
  const bounded = { ...wish, desired: stabilized.replicas };
  const limited = behavior ? limitWithBehavior(bounded, history, behavior) : limit(bounded);
  conditions.set("ScalingLimited", limited.replicas !== stabilized.replicas, limited.reason, limited.message);
  const reason = desired > current ? `${metric} above target` : desired < current ? "All metrics below target" : "";
  return { replicas: limited.replicas, rescale: limited.replicas !== current, reason };
}

function tellStabilized(stabilized: Verdict, desired: number, conditions: Conditions): void {
  if (stabilized.replicas === desired) {
    conditions.set("AbleToScale", true, "ReadyForNewScale", "recommended size matches current size");
  } else conditions.set("AbleToScale", true, stabilized.reason, stabilized.message);
}
