import type { HPAScalingRules } from "../../api/autoscaling/v2/index.ts";

/** How fast a recommendation is followed: pure, on what is remembered of the past. */

export interface Recommendation {
  readonly replicas: number;
  /** ms since the epoch */
  readonly at: number;
}
/** How many replicas were added or taken away at one time. */
export interface Change {
  readonly by: number;
  /** ms since the epoch */
  readonly at: number;
}
export interface History {
  recommendations: Recommendation[];
  ups: Change[];
  downs: Change[];
}
export const emptyHistory = (): History => ({ recommendations: [], ups: [], downs: [] });

/** What became of a recommendation, and why. */
export interface Verdict {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

interface Wish {
  readonly current: number;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  readonly now: number;
  /** ms: without behaviour, as far down as any recommendation of this time allowed */
  readonly downWindow: number;
}

const DOWN_STABILIZED = {
  reason: "ScaleDownStabilized",
  message: "recent recommendations were higher than current one, applying the highest recent recommendation",
};
const UP_STABILIZED = {
  reason: "ScaleUpStabilized",
  message: "recent recommendations were lower than current one, applying the lowest recent recommendation",
};
const TOO_FAST_UP = {
  reason: "ScaleUpLimit",
  message: "the desired replica count is increasing faster than the maximum scale rate",
};
const TOO_FAST_DOWN = {
  reason: "ScaleDownLimit",
  message: "the desired replica count is decreasing faster than the maximum scale rate",
};
const TOO_MANY = {
  reason: "TooManyReplicas",
  message: "the desired replica count is more than the maximum replica count",
};
const TOO_FEW = {
  reason: "TooFewReplicas",
  message: "the desired replica count is less than the minimum replica count",
};
const WITHIN = { reason: "DesiredWithinRange", message: "the desired count is within the acceptable range" };

export function stabilize({ desired, now, downWindow }: Wish, history: History): Verdict {
  const recent = history.recommendations.filter(({ at }) => at >= now - downWindow);
  return { replicas: Math.max(desired, ...recent.map(({ replicas }) => replicas)), ...DOWN_STABILIZED };
}

export function limit({ current, desired, min, max }: Wish): Verdict {
  const upLimit = Math.max(2 * current, 4);
  if (desired < min) return { replicas: min, ...TOO_FEW };
  if (max > upLimit && desired > upLimit) return { replicas: upLimit, ...TOO_FAST_UP };
  if (desired > max) return { replicas: max, ...TOO_MANY };
  return { replicas: desired, ...WITHIN };
}

export interface Behavior {
  readonly scaleUp: HPAScalingRules;
  readonly scaleDown: HPAScalingRules;
}

/** No further up than the least, and no further down than the most that was recommended within each direction's window. */
export function stabilizeWithBehavior(
  { current, desired, now, downWindow }: Wish,
  history: History,
  behavior: Behavior,
): Verdict {
  const within = (rules: HPAScalingRules, seconds: number) =>
    history.recommendations
      .filter(({ at }) => at > now - (rules.stabilizationWindowSeconds ?? seconds) * 1000)
      .map(({ replicas }) => replicas);
  const up = Math.min(desired, ...within(behavior.scaleUp, 0));
  const down = Math.max(desired, ...within(behavior.scaleDown, downWindow / 1000));
  const replicas = Math.min(Math.max(current, up), down);
  return { replicas, ...(desired >= current ? UP_STABILIZED : DOWN_STABILIZED) };
}

export function limitWithBehavior(wish: Wish, history: History, { scaleUp, scaleDown }: Behavior): Verdict {
  const { current, desired, min, max } = wish;
  if (desired > current) {
    const fastest = Math.max(current, upLimit(wish, history, scaleUp));
    if (desired > Math.min(max, fastest)) {
      return max > fastest ? { replicas: fastest, ...TOO_FAST_UP } : { replicas: max, ...TOO_MANY };
    }
  } else if (desired < current) {
    const fastest = Math.min(current, downLimit(wish, history, scaleDown));
    if (desired < Math.max(min, fastest)) {
      return min < fastest ? { replicas: fastest, ...TOO_FAST_DOWN } : { replicas: min, ...TOO_FEW };
    }
  }
  return { replicas: desired, ...WITHIN };
}

const changed = (changes: readonly Change[], seconds: number, now: number): number =>
  changes.filter(({ at }) => at > now - seconds * 1000).reduce((sum, { by }) => sum + by, 0);

/** As many as there were when a policy's period began. */
function atStart({ current, now }: Wish, { ups, downs }: History, seconds: number): number {
  return current - changed(ups, seconds, now) + changed(downs, seconds, now);
}

function upLimit(wish: Wish, history: History, { selectPolicy, policies = [] }: HPAScalingRules): number {
  if (selectPolicy === "Disabled") return wish.current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const start = atStart(wish, history, periodSeconds);
    return type === "Pods" ? start + value : Math.ceil(start * (1 + value / 100));
  });
  return selectPolicy === "Min" ? Math.min(...limits) : Math.max(...limits);
}

function downLimit(wish: Wish, history: History, { selectPolicy, policies = [] }: HPAScalingRules): number {
  if (selectPolicy === "Disabled") return wish.current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const start = atStart(wish, history, periodSeconds);
    return type === "Pods" ? start - value : Math.trunc(start * (1 - value / 100));
  });
  // the least change leaves the most
  return selectPolicy === "Min" ? Math.max(...limits) : Math.min(...limits);
}

/** Forgets what no window or period reaches any more. */
export function forget(
  history: History,
  behavior: Behavior | undefined,
  { now, downWindow }: Pick<Wish, "now" | "downWindow">,
): void {
  const rules = behavior ? [behavior.scaleUp, behavior.scaleDown] : [];
  const windows = rules.map(({ stabilizationWindowSeconds = 0 }) => stabilizationWindowSeconds * 1000);
  const oldest = now - Math.max(downWindow, ...windows);
  history.recommendations = history.recommendations.filter(({ at }) => at >= oldest);
  const periods = rules.flatMap(({ policies = [] }) => policies.map(({ periodSeconds }) => periodSeconds));
  const longest = now - Math.max(0, ...periods) * 1000;
  history.ups = history.ups.filter(({ at }) => at > longest);
  history.downs = history.downs.filter(({ at }) => at > longest);
}
