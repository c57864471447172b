import type { HorizontalPodAutoscaler } from "./horizontalPodAutoscaler.ts";
import type { HPAScalingRules } from "./horizontalPodAutoscalerMessages.ts";

export const DEFAULT_CPU_UTILIZATION = 80;

/** Up: at once, by four Pods or to twice as many within 15 s, whichever is more. */
const SCALE_UP: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: "Max",
  policies: [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ],
};
/** Down: as far as asked; how long to wait first is the controller's setting unless the object says so. */
const SCALE_DOWN: HPAScalingRules = {
  selectPolicy: "Max",
  policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
};

export function autoscalerDefaults(autoscaler: HorizontalPodAutoscaler): void {
  const { spec, status } = autoscaler;
  spec.minReplicas ??= 1;
  if (!spec.metrics?.length) {
    const target = { type: "Utilization", averageUtilization: DEFAULT_CPU_UTILIZATION };
    spec.metrics = [{ type: "Resource", resource: { name: "cpu", target } }];
  }
  const { scaleUp, scaleDown } = spec.behavior ?? {};
  // What is whole already may be frozen.
  if (spec.behavior && !(isWhole(scaleUp, SCALE_UP) && isWhole(scaleDown, SCALE_DOWN))) {
    spec.behavior = { scaleUp: filled(scaleUp, SCALE_UP), scaleDown: filled(scaleDown, SCALE_DOWN) };
  }
  // An empty list and none are the same, and both are written as null.
  if (status && status.currentMetrics === undefined) status.currentMetrics = null as never;
}

function isWhole(rules: HPAScalingRules | undefined, defaults: HPAScalingRules): boolean {
  const given = rules as Record<string, unknown> | undefined;
  return given !== undefined && Object.keys(defaults).every((name) => given[name] !== undefined);
}

/** An empty list of policies is the author's mistake and stays, so that validation can tell. */
function filled(rules: HPAScalingRules | undefined, defaults: HPAScalingRules): HPAScalingRules {
  const given = Object.fromEntries(Object.entries(rules ?? {}).filter(([, value]) => value !== undefined));
  return { ...structuredClone(defaults), ...given };
}
