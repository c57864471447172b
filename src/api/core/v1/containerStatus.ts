import {
  bool,
  type Infer,
  int32,
  int64,
  list,
  map,
  message,
  string,
  struct,
  time,
} from "../../../apimachinery/schema.ts";
import { ResourceRequirements } from "./container.ts";

export const ContainerStateWaiting = message("io.k8s.api.core.v1.ContainerStateWaiting", {
  reason: string(1),
  message: string(2),
});
export interface ContainerStateWaiting extends Infer<typeof ContainerStateWaiting> {}

export const ContainerStateRunning = message("io.k8s.api.core.v1.ContainerStateRunning", {
  startedAt: time(1).always,
});
export interface ContainerStateRunning extends Infer<typeof ContainerStateRunning> {}

export const ContainerStateTerminated = message("io.k8s.api.core.v1.ContainerStateTerminated", {
  exitCode: int32(1).always.required,
  signal: int32(2),
  reason: string(3),
  message: string(4),
  startedAt: time(5).always,
  finishedAt: time(6).always,
  containerID: string(7),
});
export interface ContainerStateTerminated extends Infer<typeof ContainerStateTerminated> {}

export const ContainerState = message("io.k8s.api.core.v1.ContainerState", {
  waiting: struct(1, ContainerStateWaiting).optional,
  running: struct(2, ContainerStateRunning).optional,
  terminated: struct(3, ContainerStateTerminated).optional,
});
export interface ContainerState extends Infer<typeof ContainerState> {}

export const ImageVolumeStatus = message("io.k8s.api.core.v1.ImageVolumeStatus", {
  imageRef: string(1).always.required,
});
export interface ImageVolumeStatus extends Infer<typeof ImageVolumeStatus> {}

export const VolumeStatus = message("io.k8s.api.core.v1.VolumeStatus", {
  image: struct(1, ImageVolumeStatus).optional,
});
export interface VolumeStatus extends Infer<typeof VolumeStatus> {}

export const VolumeMountStatus = message("io.k8s.api.core.v1.VolumeMountStatus", {
  name: string(1).always.required,
  mountPath: string(2).always.required,
  readOnly: bool(3),
  recursiveReadOnly: string(4).named("RecursiveReadOnlyMode").optional,
  volumeStatus: struct(5, VolumeStatus).optional,
});
export interface VolumeMountStatus extends Infer<typeof VolumeMountStatus> {}

export const LinuxContainerUser = message("io.k8s.api.core.v1.LinuxContainerUser", {
  uid: int64(1).always.required,
  gid: int64(2).always.required,
  supplementalGroups: list(3, "int64").atomicList,
});
export interface LinuxContainerUser extends Infer<typeof LinuxContainerUser> {}

export const ContainerUser = message("io.k8s.api.core.v1.ContainerUser", {
  linux: struct(1, LinuxContainerUser).optional,
});
export interface ContainerUser extends Infer<typeof ContainerUser> {}

export const ResourceHealth = message("io.k8s.api.core.v1.ResourceHealth", {
  resourceID: string(1).named("ResourceID").always.required,
  health: string(2).named("ResourceHealthStatus"),
  message: string(6).optional,
});
export interface ResourceHealth extends Infer<typeof ResourceHealth> {}

export const ResourceStatus = message("io.k8s.api.core.v1.ResourceStatus", {
  name: string(1).named("ResourceName").always.required,
  resources: list(2, ResourceHealth).listMap("resourceID"),
});
export interface ResourceStatus extends Infer<typeof ResourceStatus> {}

export const ContainerStatus = message("io.k8s.api.core.v1.ContainerStatus", {
  name: string(1).always.required,
  state: struct(2, ContainerState),
  lastState: struct(3, ContainerState),
  ready: bool(4).always.required,
  restartCount: int32(5).always.required,
  image: string(6).always.required,
  imageID: string(7).always.required,
  containerID: string(8),
  started: bool(9).optional,
  allocatedResources: map(10, "quantity"),
  resources: struct(11, ResourceRequirements).optional,
  volumeMounts: list(12, VolumeMountStatus).listMap("mountPath").merge("mountPath"),
  user: struct(13, ContainerUser).optional,
  allocatedResourcesStatus: list(14, ResourceStatus).listMap("name").merge("name"),
  stopSignal: string(15).named("Signal").optional,
});
export interface ContainerStatus extends Infer<typeof ContainerStatus> {}
