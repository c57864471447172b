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
import { NodeConfigSource } from "./nodeSpec.ts";

export const AttachedVolume = message("io.k8s.api.core.v1.AttachedVolume", {
  name: string(1).named("UniqueVolumeName").always.required,
  devicePath: string(2).always.required,
});
export interface AttachedVolume extends Infer<typeof AttachedVolume> {}

export const ContainerImage = message("io.k8s.api.core.v1.ContainerImage", {
  names: list(1, "string").always.atomicList,
  sizeBytes: int64(2),
});
export interface ContainerImage extends Infer<typeof ContainerImage> {}

export const DaemonEndpoint = message("io.k8s.api.core.v1.DaemonEndpoint", {
  Port: int32(1).always.required,
});
export interface DaemonEndpoint extends Infer<typeof DaemonEndpoint> {}

export const NodeCondition = message("io.k8s.api.core.v1.NodeCondition", {
  type: string(1).named("NodeConditionType").always.required,
  status: string(2).named("ConditionStatus").always.required,
  lastHeartbeatTime: time(3).always,
  lastTransitionTime: time(4).always,
  reason: string(5),
  message: string(6),
});
export interface NodeCondition extends Infer<typeof NodeCondition> {}

export const NodeAddress = message("io.k8s.api.core.v1.NodeAddress", {
  type: string(1).named("NodeAddressType").always.required,
  address: string(2).always.required,
});
export interface NodeAddress extends Infer<typeof NodeAddress> {}

export const NodeDaemonEndpoints = message("io.k8s.api.core.v1.NodeDaemonEndpoints", {
  kubeletEndpoint: struct(1, DaemonEndpoint),
});
export interface NodeDaemonEndpoints extends Infer<typeof NodeDaemonEndpoints> {}

export const NodeSwapStatus = message("io.k8s.api.core.v1.NodeSwapStatus", {
  capacity: int64(1).optional,
});
export interface NodeSwapStatus extends Infer<typeof NodeSwapStatus> {}

export const NodeSystemInfo = message("io.k8s.api.core.v1.NodeSystemInfo", {
  machineID: string(1).always.required,
  systemUUID: string(2).always.required,
  bootID: string(3).always.required,
  kernelVersion: string(4).always.required,
  osImage: string(5).always.required,
  containerRuntimeVersion: string(6).always.required,
  kubeletVersion: string(7).always.required,
  kubeProxyVersion: string(8).always.required,
  operatingSystem: string(9).always.required,
  architecture: string(10).always.required,
  swap: struct(11, NodeSwapStatus).optional,
});
export interface NodeSystemInfo extends Infer<typeof NodeSystemInfo> {}

export const NodeConfigStatus = message("io.k8s.api.core.v1.NodeConfigStatus", {
  assigned: struct(1, NodeConfigSource).optional,
  active: struct(2, NodeConfigSource).optional,
  lastKnownGood: struct(3, NodeConfigSource).optional,
  error: string(4),
});
export interface NodeConfigStatus extends Infer<typeof NodeConfigStatus> {}

export const NodeRuntimeHandlerFeatures = message("io.k8s.api.core.v1.NodeRuntimeHandlerFeatures", {
  recursiveReadOnlyMounts: bool(1).optional,
  userNamespaces: bool(2).optional,
});
export interface NodeRuntimeHandlerFeatures extends Infer<typeof NodeRuntimeHandlerFeatures> {}

export const NodeRuntimeHandler = message("io.k8s.api.core.v1.NodeRuntimeHandler", {
  name: string(1),
  features: struct(2, NodeRuntimeHandlerFeatures).optional,
});
export interface NodeRuntimeHandler extends Infer<typeof NodeRuntimeHandler> {}

export const NodeFeatures = message("io.k8s.api.core.v1.NodeFeatures", {
  supplementalGroupsPolicy: bool(1).optional,
});
export interface NodeFeatures extends Infer<typeof NodeFeatures> {}

export const NodeStatus = message("io.k8s.api.core.v1.NodeStatus", {
  capacity: map(1, "quantity"),
  allocatable: map(2, "quantity"),
  phase: string(3).named("NodePhase"),
  conditions: list(4, NodeCondition).listMap("type").merge("type"),
  addresses: list(5, NodeAddress).listMap("type").merge("type"),
  daemonEndpoints: struct(6, NodeDaemonEndpoints),
  nodeInfo: struct(7, NodeSystemInfo),
  images: list(8, ContainerImage).atomicList,
  volumesInUse: list(9, "string").named("UniqueVolumeName").atomicList,
  volumesAttached: list(10, AttachedVolume).atomicList,
  config: struct(11, NodeConfigStatus).optional,
  runtimeHandlers: list(12, NodeRuntimeHandler).atomicList,
  features: struct(13, NodeFeatures).optional,
  declaredFeatures: list(14, "string").atomicList,
});
export interface NodeStatus extends Infer<typeof NodeStatus> {}
