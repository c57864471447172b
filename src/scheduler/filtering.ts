import type { Cluster, FilterStep, Plugin, Refusal } from "./framework.ts";
import type { Nominations } from "./nominations.ts";
import type { PodFacts } from "./podFacts.ts";

/** All filters of a profile, ready for one Pod. Valid while nobody places or removes Pods. */
export interface PodFilter {
  /** All nodes are refused. */
  readonly refused: Refusal | undefined;
  /** Only these nodes can do at all; undefined: any. */
  readonly only: ReadonlySet<string> | undefined;
  /** what is said of the nodes that `only` leaves out */
  readonly others: string | undefined;
  refusalOf(slot: number): Refusal | undefined;
  /** As `refusalOf`, of local plug-ins only. */
  localRefusalOf(slot: number): Refusal | undefined;
  /** As `refusalOf`, of all others. */
  otherRefusalOf(slot: number): Refusal | undefined;
}

type Refuse = NonNullable<FilterStep["refuse"]>;

export function prepareFilter(plugins: readonly Plugin[], pod: PodFacts, cluster: Cluster): PodFilter {
  const steps: Refuse[] = [];
  const local: Refuse[] = [];
  const rest: Refuse[] = [];
  const limits: string[] = [];
  let only: Set<string> | undefined;
  for (const plugin of plugins) {
    const step = plugin.filter?.(pod, cluster);
    if (!step) continue;
    if (step.refused) return refusingAll(step.refused);
    if (step.refuse) {
      steps.push(step.refuse);
      (plugin.isLocal ? local : rest).push(step.refuse);
    }
    if (!step.only) continue;
    limits.push(plugin.name);
    only = new Set(only ? step.only.filter((name) => only!.has(name)) : step.only);
  }
  return {
    refused: undefined,
    only,
    others: only && `node(s) didn't satisfy plugin(s) [${limits.join(" ")}]`,
    refusalOf: (slot) => firstRefusal(steps, slot),
    localRefusalOf: (slot) => firstRefusal(local, slot),
    otherRefusalOf: (slot) => firstRefusal(rest, slot),
  };
}

function firstRefusal(steps: readonly Refuse[], slot: number): Refusal | undefined {
  for (let i = 0; i < steps.length; i++) {
    const refusal = steps[i]!(slot);
    if (refusal) return refusal;
  }
  return undefined;
}

function refusingAll(refused: Refusal): PodFilter {
  const refusalOf = () => refused;
  const asked = { refusalOf, localRefusalOf: refusalOf, otherRefusalOf: refusalOf };
  return { refused, only: undefined, others: undefined, ...asked };
}

/**
 * Whether a node will do even when those Pods come for whom room is being made there, if they are as important. It must
 * do without them, too: they may never come.
 */
export function refusalWithNominated(
  slot: number,
  filter: PodFilter,
  { plugins, pod, cluster, nominations }: FilterContext,
): Refusal | undefined {
  const { table } = cluster;
  const nodeName = table.nameOf(slot);
  const expected = [...nominations.on(nodeName).values()].filter(
    (other) => other.key !== pod.key && other.priority >= pod.priority && !table.placed(other.key),
  );
  if (expected.length === 0) return filter.refusalOf(slot);
  for (const other of expected) table.placePod(other.pod, nodeName);
  const crowded = prepareFilter(plugins, pod, cluster);
  const refusal = crowded.refused ?? crowded.refusalOf(slot);
  for (const other of expected) table.removePod(other.key);
  return refusal ?? filter.refusalOf(slot);
}

export interface FilterContext {
  readonly plugins: readonly Plugin[];
  readonly pod: PodFacts;
  readonly cluster: Cluster;
  readonly nominations: Nominations;
}
