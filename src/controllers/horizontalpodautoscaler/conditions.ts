import type { HorizontalPodAutoscalerCondition } from "../../api/autoscaling/v2/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { withCondition } from "../conditions.ts";

export type ConditionType = "AbleToScale" | "ScalingActive" | "ScalingLimited";

/** The conditions of one look at an autoscaler, each set as it becomes known. */
export class Conditions {
  #all: HorizontalPodAutoscalerCondition[];
  readonly #now: number;
  constructor(before: readonly HorizontalPodAutoscalerCondition[] | undefined, now: number) {
    this.#all = [...(before ?? [])];
    this.#now = now;
  }
  get all(): HorizontalPodAutoscalerCondition[] {
    return this.#all;
  }
  set(type: ConditionType, holds: boolean, reason: string, message: string): void {
    const lastTransitionTime = formatTime(this.#now);
    const condition = { type, status: holds ? "True" : "False", lastTransitionTime, reason, message };
    this.#all = withCondition(this.#all, condition);
  }
}
