import type { PersistentVolumeClaimCondition, PersistentVolumeClaimStatus } from "../api/core/v1/index.ts";
import { formatTime } from "../apimachinery/time.ts";
import { withCondition } from "./conditions.ts";

type Status = PersistentVolumeClaimStatus;

const condition = (type: string, message: string | undefined, now: number) =>
  ({
    type,
    status: "True",
    lastTransitionTime: formatTime(now),
    ...(message && { message }),
  }) as PersistentVolumeClaimCondition;

/** The status of a claim while its volume is made larger. */
export function resizing(status: Status, storage: string, now: number): Status {
  return {
    ...status,
    conditions: withCondition(status.conditions, condition("Resizing", undefined, now)),
    allocatedResources: { ...status.allocatedResources, storage },
    allocatedResourceStatuses: { ...status.allocatedResourceStatuses, storage: "ControllerResizeInProgress" },
  };
}

const PENDING = "Waiting for user to (re-)start a pod to finish file system resize of volume on node.";

/** The status of a claim whose volume is larger already, but not the file system on it. */
export function resizePending(status: Status, storage: string, now: number): Status {
  const rest = (status.conditions ?? []).filter(({ type }) => type !== "Resizing");
  return {
    ...status,
    conditions: withCondition(rest, condition("FileSystemResizePending", PENDING, now)),
    allocatedResources: { ...status.allocatedResources, storage },
    allocatedResourceStatuses: { ...status.allocatedResourceStatuses, storage: "NodeResizePending" },
  };
}

const OF_RESIZING = ["Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError"];

/** The status of a claim when its volume has become larger. */
export function resized(status: Status, storage: string): Status {
  const { storage: _, ...others } = status.allocatedResourceStatuses ?? {};
  return {
    ...status,
    capacity: { ...status.capacity, storage },
    conditions: (status.conditions ?? []).filter(({ type }) => !OF_RESIZING.includes(type)),
    allocatedResources: { ...status.allocatedResources, storage },
    allocatedResourceStatuses: others,
  };
}
