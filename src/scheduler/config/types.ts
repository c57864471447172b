import type { BalancedAllocationArgs } from "../plugins/balancedAllocation.ts";
import type { InterPodAffinityArgs } from "../plugins/interPodAffinity.ts";
import type { NodeAffinityArgs } from "../plugins/nodeAffinity.ts";
import type { NodeResourcesFitArgs } from "../plugins/nodeResourcesFit.ts";
import type { PodTopologySpreadArgs } from "../plugins/podTopologySpread.ts";
import type { PreemptionArgs } from "../preemption/preempt.ts";

export interface VolumeBindingArgs {
  bindTimeoutSeconds?: number;
  shape?: readonly { utilization: number; score: number }[];
}

/** The arguments of those plug-ins that take any. */
export interface PluginArgs {
  DefaultPreemption?: PreemptionArgs;
  InterPodAffinity?: InterPodAffinityArgs;
  NodeAffinity?: NodeAffinityArgs;
  NodeResourcesBalancedAllocation?: BalancedAllocationArgs;
  NodeResourcesFit?: NodeResourcesFitArgs;
  PodTopologySpread?: PodTopologySpreadArgs;
  VolumeBinding?: VolumeBindingArgs;
}

/** The moments at which plug-ins are asked, by the names they have in a configuration. */
export const EXTENSION_POINTS = [
  "preEnqueue",
  "queueSort",
  "preFilter",
  "filter",
  "postFilter",
  "preScore",
  "score",
  "reserve",
  "permit",
  "preBind",
  "bind",
  "postBind",
] as const;
export type ExtensionPoint = (typeof EXTENSION_POINTS)[number];

export interface PluginRef {
  readonly name: string;
  /** of its score; 0 or left out: as by default, else 1 */
  readonly weight?: number;
}

/** What is asked for besides the defaults, and what is not wanted; "*" is everything. */
export interface PluginSet {
  readonly enabled?: readonly PluginRef[];
  readonly disabled?: readonly PluginRef[];
}

export type PluginSets = Partial<Record<ExtensionPoint | "multiPoint", PluginSet>>;

export interface ProfileConfiguration {
  readonly schedulerName: string;
  readonly plugins: PluginSets;
  readonly args: PluginArgs;
  /** 0: by the size of the cluster */
  readonly percentageOfNodesToScore: number;
}

/** kubescheduler.config.k8s.io/v1 KubeSchedulerConfiguration, read. */
export interface SchedulerConfiguration {
  readonly profiles: readonly ProfileConfiguration[];
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
}

export const DEFAULT_SCHEDULER = "default-scheduler";

export function defaultConfiguration(schedulerName = DEFAULT_SCHEDULER): SchedulerConfiguration {
  return {
    profiles: [{ schedulerName, plugins: {}, args: {}, percentageOfNodesToScore: 0 }],
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 10,
  };
}
