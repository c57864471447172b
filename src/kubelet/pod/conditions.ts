import type { ContainerStatus, Pod, PodCondition, PodStatus } from "../../api/core/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { ResizeState } from "./resizer.ts";
import { isSidecar } from "./spec.ts";

interface Verdict {
  status: "True" | "False";
  reason?: string;
  message?: string;
}

export interface ConditionsInput {
  pod: Pod;
  /** with phase and container statuses already in it */
  status: PodStatus;
  now: number;
  /** there is a sandbox, with its network */
  hasSandbox: boolean;
  resize?: ResizeState | undefined;
  disruption?: { reason: string; message: string } | undefined;
}

/** The node's conditions of a pod, with those of others (readiness gates, the scheduler) left as they are. */
export function conditions({ pod, status, now, hasSandbox, resize, disruption }: ConditionsInput): PodCondition[] {
  const containersReady = containersReadyVerdict(pod, status);
  const own: Record<string, Verdict> = {
    PodReadyToStartContainers: { status: hasSandbox ? "True" : "False" },
    Initialized: initializedVerdict(pod, status),
    Ready: readyVerdict(pod, containersReady),
    ContainersReady: containersReady,
    PodScheduled: { status: "True" },
    ...(resize?.pending ? { PodResizePending: { status: "True", ...resize.pending } } : {}),
    ...(resize?.inProgress ? { PodResizeInProgress: inProgress(resize.inProgress) } : {}),
    ...(disruption ? { DisruptionTarget: { status: "True", ...disruption } } : {}),
  };
  const existing = pod.status?.conditions ?? [];
  const result = Object.entries(own).map(([type, verdict]) =>
    condition(
      type,
      verdict,
      existing.find((it) => it.type === type),
      type === "PodResizeInProgress" ? resize?.inProgress?.generation : pod.metadata.generation,
      now,
    ),
  );
  return [...result, ...existing.filter((it) => !(it.type in own) && !TRANSIENT.has(it.type))];
}

/** Conditions that are there only while they hold. */
export const TRANSIENT: ReadonlySet<string> = new Set(["PodResizePending", "PodResizeInProgress"]);

function inProgress({ reason, message }: NonNullable<ResizeState["inProgress"]>): Verdict {
  return { status: "True", ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
}

function condition(
  type: string,
  verdict: Verdict,
  old: PodCondition | undefined,
  generation: number | undefined,
  now: number,
): PodCondition {
  const since = old?.status === verdict.status && old.lastTransitionTime ? old.lastTransitionTime : formatTime(now);
  return {
    type,
    ...(generation ? { observedGeneration: generation } : {}),
    status: verdict.status,
    lastTransitionTime: since,
    ...(verdict.reason ? { reason: verdict.reason } : {}),
    ...(verdict.message ? { message: verdict.message } : {}),
  } as PodCondition;
}

function initializedVerdict(pod: Pod, status: PodStatus): Verdict {
  if (status.phase === "Succeeded") return { status: "True", reason: "PodCompleted" };
  const begun = (status.containerStatuses ?? []).some(
    (it) => it.state.running || it.state.terminated || it.containerID,
  );
  if (begun) return { status: "True" };
  const incomplete = (pod.spec.initContainers ?? [])
    .filter((container, index) => {
      const it = status.initContainerStatuses?.[index];
      return !(isSidecar(container) ? it?.started : it?.ready);
    })
    .map((it) => it.name);
  if (incomplete.length === 0) return { status: "True" };
  const message = `containers with incomplete status: [${incomplete.join(" ")}]`;
  return { status: "False", reason: "ContainersNotInitialized", message };
}

function containersReadyVerdict(pod: Pod, status: PodStatus): Verdict {
  if (status.phase === "Succeeded") return { status: "False", reason: "PodCompleted" };
  if (status.phase === "Failed") return { status: "False", reason: "PodFailed" };
  const statuses = new Map<string, ContainerStatus>();
  for (const it of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
    statuses.set(it.name, it);
  const wanted = [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers];
  const unready = wanted.filter((it) => !statuses.get(it.name)?.ready).map((it) => it.name);
  if (unready.length === 0) return { status: "True" };
  const message = `containers with unready status: [${unready.join(" ")}]`;
  return { status: "False", reason: "ContainersNotReady", message };
}

/** Ready is ContainersReady and every readiness gate. */
function readyVerdict(pod: Pod, containersReady: Verdict): Verdict {
  if (containersReady.status === "False") return containersReady;
  const messages: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const gate = pod.status?.conditions?.find((it) => it.type === conditionType);
    if (!gate) messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (gate.status !== "True") {
      messages.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`);
    }
  }
  if (messages.length === 0) return { status: "True" };
  return { status: "False", reason: "ReadinessGatesNotReady", message: messages.join(", ") };
}
