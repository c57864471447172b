import type { ExtensionPoint, PluginRef, PluginSet, PluginSets } from "./types.ts";

/** The plug-ins of kube-scheduler 1.36 in their order, with the weights of their scores. */
export const DEFAULT_PLUGINS: readonly PluginRef[] = [
  { name: "SchedulingGates" },
  { name: "PrioritySort" },
  { name: "NodeUnschedulable" },
  { name: "NodeName" },
  { name: "TaintToleration", weight: 3 },
  { name: "NodeAffinity", weight: 2 },
  { name: "NodePorts" },
  { name: "NodeResourcesFit", weight: 1 },
  { name: "VolumeRestrictions" },
  { name: "NodeVolumeLimits" },
  { name: "VolumeBinding" },
  { name: "VolumeZone" },
  { name: "PodTopologySpread", weight: 2 },
  { name: "InterPodAffinity", weight: 2 },
  { name: "DynamicResources" },
  { name: "DefaultPreemption" },
  { name: "NodeResourcesBalancedAllocation", weight: 1 },
  { name: "ImageLocality", weight: 1 },
  { name: "DefaultBinder" },
];

export const PLUGIN_NAMES: ReadonlySet<string> = new Set(DEFAULT_PLUGINS.map(({ name }) => name));

/** The plug-ins asked at one moment, in order, each with its weight. */
export function pluginsAt(point: ExtensionPoint, sets: PluginSets): readonly Required<PluginRef>[] {
  const general = merge(DEFAULT_PLUGINS, sets.multiPoint);
  const { enabled = [], disabled = [] } = sets[point] ?? {};
  const isDisabled = (name: string) => disabled.some((ref) => ref.name === name || ref.name === "*");
  const isOverride = ({ name }: PluginRef) => general.some((ref) => ref.name === name);
  const named = new Set(enabled.map(({ name }) => name));
  const chosen = [
    ...enabled.filter(isOverride),
    ...general.filter(({ name }) => !named.has(name) && !isDisabled(name)),
    ...enabled.filter((ref) => !isOverride(ref)),
  ];
  return chosen.map(({ name, weight }) => ({ name, weight: weight || weightOf(name) }));
}

const weightOf = (name: string) => DEFAULT_PLUGINS.find((ref) => ref.name === name)?.weight ?? 1;

/** The defaults without what is disabled; one that is enabled again keeps its place, others follow. */
function merge(defaults: readonly PluginRef[], { enabled = [], disabled = [] }: PluginSet = {}): PluginRef[] {
  const off = new Set(disabled.map(({ name }) => name));
  const kept = off.has("*") ? [] : defaults.filter(({ name }) => !off.has(name));
  const replaced = kept.map((ref) => enabled.find(({ name }) => name === ref.name) ?? ref);
  const names = new Set(kept.map(({ name }) => name));
  return [...replaced, ...enabled.filter(({ name }) => !names.has(name))];
}
