import type { Clock } from "../util/clock.ts";
import type { Random } from "../util/random.ts";
import { pluginsAt } from "./config/pluginSets.ts";
import type { ExtensionPoint, ProfileConfiguration } from "./config/types.ts";
import type { CycleProfile } from "./cycle.ts";
import type { DeviceBinder } from "./devices/binder.ts";
import type { Plugin, QueueingHint } from "./framework.ts";
import { LikePods } from "./likePods.ts";
import { balancedAllocation } from "./plugins/balancedAllocation.ts";
import { dynamicResources } from "./plugins/dynamicResources.ts";
import { imageLocality } from "./plugins/imageLocality.ts";
import { interPodAffinity } from "./plugins/interPodAffinity.ts";
import { nodeAffinity } from "./plugins/nodeAffinity.ts";
import { nodeName, nodeUnschedulable } from "./plugins/nodeNames.ts";
import { nodePorts } from "./plugins/nodePorts.ts";
import { nodeResourcesFit } from "./plugins/nodeResourcesFit.ts";
import { nodeVolumeLimits } from "./plugins/nodeVolumeLimits.ts";
import { podTopologySpread } from "./plugins/podTopologySpread.ts";
import { schedulingGates } from "./plugins/schedulingGates.ts";
import { taintToleration } from "./plugins/taintToleration.ts";
import { volumeBinding } from "./plugins/volumeBinding.ts";
import { volumeRestrictions } from "./plugins/volumeRestrictions.ts";
import { volumeZone } from "./plugins/volumeZone.ts";
import type { PreemptionArgs } from "./preemption/preempt.ts";
import type { VolumeBinder } from "./volumes/binder.ts";

/** How the Pods of one `schedulerName` are scheduled. */
export interface Profile extends CycleProfile {
  readonly schedulerName: string;
  readonly gates: readonly Plugin[];
  readonly reserves: readonly Plugin[];
  /** undefined: nobody is made to leave */
  readonly preemption: PreemptionArgs | undefined;
  hint(plugin: string): QueueingHint | undefined;
}

/** What carries out what is decided for a Pod before it is bound. */
export interface Binders {
  readonly clock: Clock;
  readonly random: Random;
  /** waits for volumes at most so long (ms) */
  volumes(timeout: number): VolumeBinder;
  readonly devices: DeviceBinder;
}

export function createProfile(configuration: ProfileConfiguration, binders: Binders): Profile {
  const { schedulerName, plugins, args, percentageOfNodesToScore } = configuration;
  const known = instantiate(configuration, binders);
  const at = (point: ExtensionPoint) =>
    pluginsAt(point, plugins).flatMap(({ name, weight }) => {
      const plugin = known.get(name);
      return plugin ? [{ plugin, weight }] : [];
    });
  const preempts = pluginsAt("postFilter", plugins).some(({ name }) => name === "DefaultPreemption");
  return {
    schedulerName,
    percentageOfNodesToScore,
    gates: at("preEnqueue").flatMap(({ plugin }) => (plugin.gate ? [plugin] : [])),
    filters: at("filter").flatMap(({ plugin }) => (plugin.filter ? [plugin] : [])),
    scores: at("score").filter(({ plugin }) => plugin.score),
    reserves: at("reserve").flatMap(({ plugin }) => (plugin.reserve ? [plugin] : [])),
    likePods: new LikePods(),
    preemption: preempts ? (args.DefaultPreemption ?? {}) : undefined,
    hint: (plugin) => known.get(plugin)?.hint,
  };
}

const SECOND = 1000;

/** PrioritySort is the queue's order, DefaultBinder the edge's writing, and DefaultPreemption has a folder of its own. */
function instantiate({ args }: ProfileConfiguration, binders: Binders) {
  const all: Plugin[] = [
    schedulingGates,
    nodeUnschedulable,
    nodeName,
    taintToleration,
    nodeAffinity(args.NodeAffinity ?? {}),
    nodePorts,
    nodeResourcesFit(args.NodeResourcesFit ?? {}),
    volumeRestrictions,
    nodeVolumeLimits,
    volumeBinding(binders.volumes((args.VolumeBinding?.bindTimeoutSeconds ?? 600) * SECOND)),
    volumeZone,
    podTopologySpread(args.PodTopologySpread ?? {}),
    interPodAffinity(args.InterPodAffinity ?? {}),
    dynamicResources(binders.devices, binders),
    balancedAllocation(args.NodeResourcesBalancedAllocation ?? {}),
    imageLocality,
  ];
  return new Map(all.map((plugin) => [plugin.name, plugin]));
}
