import { type ContainerStatus, isTerminal, type Pod } from "../../api/core/v1/index.ts";
import { isSidecar } from "./spec.ts";

export interface PhaseInput {
  pod: Pod;
  initContainerStatuses: readonly ContainerStatus[];
  containerStatuses: readonly ContainerStatus[];
  terminal: boolean;
  failed: boolean;
}

/** The pod's phase, as its containers' states and its restart policy make it. */
export function phaseOf({ pod, initContainerStatuses, containerStatuses, terminal, failed }: PhaseInput): string {
  if (failed) return "Failed";
  if (isTerminal(pod)) return pod.status.phase!;
  const init = initPhase(pod, initContainerStatuses);
  const counts = count(containerStatuses);
  if (init === "failed" && pod.spec.restartPolicy === "Never") return "Failed";
  const begun = counts.running + counts.stopped > 0;
  if (init !== "done" && !begun && !terminal) return "Pending";
  if (counts.waiting > 0) return terminal ? "Failed" : "Pending";
  if (counts.running > 0) return "Running";
  return stoppedPhase(pod, counts, terminal);
}

function stoppedPhase(pod: Pod, counts: { stopped: number; succeeded: number }, terminal: boolean): string {
  const succeeded = counts.stopped === counts.succeeded;
  if (terminal) return succeeded ? "Succeeded" : "Failed";
  if (pod.spec.restartPolicy === "Always") return "Running";
  if (succeeded) return "Succeeded";
  return pod.spec.restartPolicy === "Never" ? "Failed" : "Running";
}

function initPhase(pod: Pod, statuses: readonly ContainerStatus[]): "done" | "pending" | "failed" {
  for (const [index, status] of statuses.entries()) {
    const container = pod.spec.initContainers![index]!;
    if (isSidecar(container)) {
      if (!status.started) return "pending";
    } else if (status.state.terminated) {
      if (status.state.terminated.exitCode !== 0) return "failed";
    } else if (status.lastState.terminated && status.lastState.terminated.exitCode !== 0) {
      return pod.spec.restartPolicy === "Never" ? "failed" : "pending";
    } else {
      return "pending";
    }
  }
  return "done";
}

function count(statuses: readonly ContainerStatus[]) {
  const counts = { running: 0, stopped: 0, succeeded: 0, waiting: 0 };
  for (const { state, lastState } of statuses) {
    if (state.running) counts.running++;
    else if (state.terminated) {
      counts.stopped++;
      if (state.terminated.exitCode === 0) counts.succeeded++;
    } else if (state.waiting && lastState.terminated) counts.stopped++;
    else counts.waiting++;
  }
  return counts;
}
