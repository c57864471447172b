import { Document, isScalar, visit } from "yaml";
import { formatTime } from "../../apimachinery/time.ts";
import type { NodeGroup } from "../provider.ts";
import type { AutoscalerOptions } from "./options.ts";
import { clusterCounts, countNodes, isHealthy, type NodeCounts } from "./readiness.ts";
import type { Memory, Seen } from "./state.ts";

interface Condition {
  status: string;
  lastProbeTime: string;
  lastTransitionTime: string;
}
interface ScaleUp extends Condition {
  backoffInfo?: { errorCode: string; errorMessage: string };
}
interface ScaleDown extends Condition {
  candidates?: number;
}
interface Conditions {
  health: Condition & { nodeCounts: NodeCounts; cloudProviderTarget?: number; minSize?: number; maxSize?: number };
  scaleUp: ScaleUp;
  scaleDown: ScaleDown;
}
/** What the ConfigMap `cluster-autoscaler-status` tells, in the field's format. */
export interface Status {
  time: string;
  autoscalerStatus: "Initializing" | "Running";
  clusterWide: Conditions;
  nodeGroups: (Conditions & { name: string })[];
}

export interface StatusOptions {
  seen: Seen;
  memory: Memory;
  options: AutoscalerOptions;
  /** what was told last; conditions that are as they were keep their time */
  before: Status | undefined;
}

export function statusOf({ seen, memory, options, before }: StatusOptions): Status {
  const now = formatTime(seen.now);
  const counts = clusterCounts(seen, memory.awaited, options);
  const groups = seen.groups.map((group) => {
    const known = before?.nodeGroups.find(({ name }) => name === group.id);
    return { name: group.id, ...groupConditions(group, { seen, memory, options, known, now }) };
  });
  const isGrowing = groups.some(({ scaleUp }) => scaleUp.status === "InProgress");
  const candidates = memory.unneeded.size;
  const clusterWide: Conditions = {
    health: { status: health(isHealthy(counts, options)), nodeCounts: counts, ...NO_TIMES },
    scaleUp: { status: isGrowing ? "InProgress" : "NoActivity", ...NO_TIMES },
    scaleDown: { ...scaleDown(candidates), ...NO_TIMES },
  };
  return {
    time: `${now.replace("T", " ").replace("Z", "")} +0000 UTC`,
    autoscalerStatus: "Running",
    clusterWide: timed(clusterWide, before?.clusterWide, now),
    nodeGroups: groups,
  };
}

const NO_TIMES = { lastProbeTime: "", lastTransitionTime: "" };
const health = (isGood: boolean) => (isGood ? "Healthy" : "Unhealthy");
const scaleDown = (candidates: number) =>
  candidates > 0 ? { status: "CandidatesPresent", candidates } : { status: "NoCandidates" };

function groupConditions(
  group: NodeGroup,
  { seen, memory, options, known, now }: Omit<StatusOptions, "before"> & { known: Conditions | undefined; now: string },
): Conditions {
  const members = new Set(group.members);
  const nodes = seen.nodes.filter(({ metadata }) => members.has(metadata.name!));
  const counts = countNodes(nodes, [group], { now: seen.now, awaited: memory.awaited }, options);
  const isGrowing = counts.unregistered > 0 || counts.registered.notStarted > 0;
  const backoff = memory.backoff.get(group.id);
  const isOff = backoff !== undefined && backoff.until > seen.now;
  const { errorCode, errorMessage } = backoff ?? { errorCode: "", errorMessage: "" };
  const candidates = group.members.filter((name) => memory.unneeded.has(name)).length;
  const conditions: Conditions = {
    health: {
      status: health(isHealthy(counts, options)),
      nodeCounts: counts,
      cloudProviderTarget: group.members.length,
      minSize: group.min,
      maxSize: group.max,
      ...NO_TIMES,
    },
    scaleUp: {
      status: isOff ? "Backoff" : isGrowing ? "InProgress" : "NoActivity",
      ...(isOff ? { backoffInfo: { errorCode, errorMessage } } : {}),
      ...NO_TIMES,
    },
    scaleDown: { ...scaleDown(candidates), ...NO_TIMES },
  };
  return timed(conditions, known, now);
}

function timed({ health, scaleUp, scaleDown }: Conditions, before: Conditions | undefined, now: string): Conditions {
  const at = <C extends Condition>(condition: C, known: Condition | undefined): C => ({
    ...condition,
    lastProbeTime: now,
    lastTransitionTime: known?.status === condition.status ? known.lastTransitionTime : now,
  });
  return {
    health: at(health, before?.health),
    scaleUp: at(scaleUp, before?.scaleUp),
    scaleDown: at(scaleDown, before?.scaleDown),
  };
}

/** YAML with its times in quotes, so that nobody's parser takes them for anything but text. */
export function statusText(status: Status): string {
  const document = new Document(status);
  visit(document, (_, node) => {
    if (isScalar(node) && typeof node.value === "string" && /^\d{4}-\d\d-\d\dT/.test(node.value))
      node.type = "QUOTE_DOUBLE";
  });
  return document.toString({ lineWidth: 0 });
}
