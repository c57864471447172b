import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from "../v2/horizontalPodAutoscalerMessages.ts";

/** Behaviour as its annotation writes it: under the names that Kubernetes' internal type has. */
interface WrittenRules {
  StabilizationWindowSeconds?: number | null;
  SelectPolicy?: string | null;
  Policies?: { Type: string; Value: number; PeriodSeconds: number }[] | null;
  Tolerance?: string | null;
}
interface WrittenBehavior {
  ScaleUp?: WrittenRules | null;
  ScaleDown?: WrittenRules | null;
}

export function writeBehavior({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): WrittenBehavior {
  return { ScaleUp: writeRules(scaleUp), ScaleDown: writeRules(scaleDown) };
}

function writeRules(rules: HPAScalingRules | undefined): WrittenRules | null {
  if (rules === undefined) return null;
  const policies = rules.policies?.map(({ type, value, periodSeconds }) => ({
    Type: type,
    Value: value,
    PeriodSeconds: periodSeconds,
  }));
  return {
    StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
    SelectPolicy: rules.selectPolicy ?? null,
    Policies: policies ?? null,
    Tolerance: rules.tolerance ?? null,
  };
}

export function readBehavior(written: WrittenBehavior | undefined): HorizontalPodAutoscalerBehavior | undefined {
  if (!written?.ScaleUp && !written?.ScaleDown) return undefined;
  const { ScaleUp, ScaleDown } = written;
  return { ...(ScaleUp && { scaleUp: readRules(ScaleUp) }), ...(ScaleDown && { scaleDown: readRules(ScaleDown) }) };
}

function readRules({ StabilizationWindowSeconds, SelectPolicy, Policies, Tolerance }: WrittenRules): HPAScalingRules {
  const policies = Policies?.map(({ Type, Value, PeriodSeconds }) => ({
    type: Type,
    value: Value,
    periodSeconds: PeriodSeconds,
  }));
  return {
    ...(SelectPolicy && { selectPolicy: SelectPolicy }),
    ...(policies && { policies }),
    ...(typeof StabilizationWindowSeconds === "number" && { stabilizationWindowSeconds: StabilizationWindowSeconds }),
    ...(Tolerance && { tolerance: Tolerance }),
  };
}
