import type { NodeCondition, NodeStatus } from "../../api/core/v1/index.ts";

export interface NodeEvent {
  type: "Normal" | "Warning";
  reason: string;
  message: string;
}

/** What a condition that is true, and one that is false, is called when it has just become so. */
const REASONS: Readonly<Record<string, [isTrue: string, isFalse: string]>> = {
  MemoryPressure: ["NodeHasInsufficientMemory", "NodeHasSufficientMemory"],
  DiskPressure: ["NodeHasDiskPressure", "NodeHasNoDiskPressure"],
  PIDPressure: ["NodeHasInsufficientPID", "NodeHasSufficientPID"],
  Ready: ["NodeReady", "NodeNotReady"],
};

/** What is worth telling about a node whose status changes so. Pure. A status that comes first tells of no readiness. */
export function nodeEvents(name: string, before: NodeStatus | undefined, after: NodeStatus): NodeEvent[] {
  const known = new Map((before?.conditions ?? []).map((it) => [it.type, it]));
  const changed = (after.conditions ?? []).filter(({ type, status }) => known.get(type)?.status !== status);
  const telling = changed.filter(({ type }) => type !== "Ready" || known.has(type));
  return [...telling.flatMap((it) => conditionEvent(name, it)), ...rebooted(name, before, after)];
}

function conditionEvent(name: string, { type, status }: NodeCondition): NodeEvent[] {
  const reason = REASONS[type]?.[status === "True" ? 0 : 1];
  return reason === undefined ? [] : [becomes(name, reason)];
}

export const becomes = (name: string, reason: string): NodeEvent => ({
  type: "Normal",
  reason,
  message: `Node ${name} status is now: ${reason}`,
});

function rebooted(name: string, before: NodeStatus | undefined, after: NodeStatus): NodeEvent[] {
  const [old, now] = [before?.nodeInfo?.bootID, after.nodeInfo?.bootID];
  if (!old || !now || old === now) return [];
  return [{ type: "Warning", reason: "Rebooted", message: `Node ${name} has been rebooted, boot id: ${now}` }];
}
