import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from "../api/core/v1/index.ts";
import type { DeviceClass, ResourceClaim, ResourceSlice } from "../api/resource/v1/index.ts";
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
} from "../api/storage/v1/index.ts";
import { deepEqual } from "../apimachinery/equal.ts";

interface Change<R extends string, T> {
  readonly resource: R;
  /** undefined: it is new */
  readonly old: T | undefined;
  /** undefined: it is gone */
  readonly new: T | undefined;
}

/** Something that happened in the cluster and may let a waiting Pod be scheduled. */
export type ClusterEvent =
  | Change<"Node", Node>
  /** a Pod that runs somewhere */
  | Change<"AssignedPod", Pod>
  /** a Pod that waits, too */
  | Change<"UnscheduledPod", Pod>
  | Change<"PersistentVolume", PersistentVolume>
  | Change<"PersistentVolumeClaim", PersistentVolumeClaim>
  | Change<"StorageClass", StorageClass>
  | Change<"CSINode", CSINode>
  | Change<"CSIDriver", CSIDriver>
  | Change<"CSIStorageCapacity", CSIStorageCapacity>
  | Change<"VolumeAttachment", VolumeAttachment>
  | Change<"ResourceClaim", ResourceClaim>
  | Change<"ResourceSlice", ResourceSlice>
  | Change<"DeviceClass", DeviceClass>;

export type NodeEvent = Extract<ClusterEvent, { resource: "Node" }>;
export type PodEvent = Extract<ClusterEvent, { resource: "AssignedPod" }>;

export const isGone = (event: ClusterEvent): boolean => event.new === undefined;
export const isNew = (event: ClusterEvent): boolean => event.old === undefined;

/** Whether a node came or changed its labels. */
export function labelsChanged({ old, new: now }: NodeEvent): boolean {
  return now !== undefined && (!old || !deepEqual(old.metadata.labels, now.metadata.labels));
}

export function taintsChanged({ old, new: now }: NodeEvent): boolean {
  return (
    now !== undefined &&
    (!old || !deepEqual(old.spec.taints, now.spec.taints) || old.spec.unschedulable !== now.spec.unschedulable)
  );
}

export function allocatableChanged({ old, new: now }: NodeEvent): boolean {
  return now !== undefined && (!old || !deepEqual(old.status.allocatable, now.status.allocatable));
}

export function podLabelsChanged({ old, new: now }: { old: Pod | undefined; new: Pod | undefined }): boolean {
  return !deepEqual(old?.metadata.labels, now?.metadata.labels);
}
