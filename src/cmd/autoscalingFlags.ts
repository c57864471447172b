import { parseDuration } from "../cli/print.ts";
import type { ControllersOptions } from "../controllers/index.ts";
import { FlagError, type FlagValues } from "./flags.ts";

/** Those of kube-controller-manager, with its defaults. */
export const AUTOSCALING_FLAGS = {
  "horizontal-pod-autoscaler-sync-period": { description: "how often autoscalers look", default: "15s" },
  "horizontal-pod-autoscaler-tolerance": {
    description: "by how much a metric may be off its target before it counts",
    default: "0.1",
  },
  "horizontal-pod-autoscaler-downscale-stabilization": {
    description: "so far back reaches what keeps a number of replicas from falling",
    default: "5m",
  },
  "horizontal-pod-autoscaler-cpu-initialization-period": {
    description: "so long a starting Pod's CPU use says nothing",
    default: "5m",
  },
  "horizontal-pod-autoscaler-initial-readiness-delay": {
    description: "a Pod that is unready within this time of its start was never ready",
    default: "30s",
  },
} as const;
type Values = FlagValues<typeof AUTOSCALING_FLAGS>;

export function autoscalingOf(flags: Values): ControllersOptions["horizontalPodAutoscaler"] {
  const time = (name: keyof Values): number => {
    const ms = parseDuration(flags[name]);
    if (ms === undefined || ms <= 0) throw new FlagError(`--${name}: "${flags[name]}" is no duration, such as 15s`);
    return ms;
  };
  const tolerance = Number(flags["horizontal-pod-autoscaler-tolerance"]);
  if (!(tolerance >= 0)) throw new FlagError("--horizontal-pod-autoscaler-tolerance must be a number, such as 0.1");
  return {
    period: time("horizontal-pod-autoscaler-sync-period"),
    tolerance,
    downWindow: time("horizontal-pod-autoscaler-downscale-stabilization"),
    cpuInitialization: time("horizontal-pod-autoscaler-cpu-initialization-period"),
    initialReadiness: time("horizontal-pod-autoscaler-initial-readiness-delay"),
  };
}
