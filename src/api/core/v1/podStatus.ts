import { type Infer, int64, list, map, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { ResourceRequirements } from "./container.ts";
import { ContainerStatus } from "./containerStatus.ts";

export const ContainerExtendedResourceRequest = message("io.k8s.api.core.v1.ContainerExtendedResourceRequest", {
  containerName: string(1).always.required,
  resourceName: string(2).always.required,
  requestName: string(3).always.required,
});
export interface ContainerExtendedResourceRequest extends Infer<typeof ContainerExtendedResourceRequest> {}

export const HostIP = message("io.k8s.api.core.v1.HostIP", {
  ip: string(1).always.required,
});
export interface HostIP extends Infer<typeof HostIP> {}

export const NodeAllocatableResourceClaimStatus = message("io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus", {
  resourceClaimName: string(1).always.required,
  containers: list(2, "string").listSet,
  resources: map(3, "quantity").always.required,
});
export interface NodeAllocatableResourceClaimStatus extends Infer<typeof NodeAllocatableResourceClaimStatus> {}

export const PodCondition = message("io.k8s.api.core.v1.PodCondition", {
  type: string(1).named("PodConditionType").always.required,
  status: string(2).named("ConditionStatus").always.required,
  lastProbeTime: time(3).always,
  lastTransitionTime: time(4).always,
  reason: string(5),
  message: string(6),
  observedGeneration: int64(7),
});
export interface PodCondition extends Infer<typeof PodCondition> {}

export const PodIP = message("io.k8s.api.core.v1.PodIP", {
  ip: string(1).always.required,
});
export interface PodIP extends Infer<typeof PodIP> {}

export const PodResourceClaimStatus = message("io.k8s.api.core.v1.PodResourceClaimStatus", {
  name: string(1).always.required,
  resourceClaimName: string(2).optional,
});
export interface PodResourceClaimStatus extends Infer<typeof PodResourceClaimStatus> {}

export const PodExtendedResourceClaimStatus = message("io.k8s.api.core.v1.PodExtendedResourceClaimStatus", {
  requestMappings: list(1, ContainerExtendedResourceRequest).always.required.atomicList,
  resourceClaimName: string(2).always.required,
});
export interface PodExtendedResourceClaimStatus extends Infer<typeof PodExtendedResourceClaimStatus> {}

export const PodStatus = message("io.k8s.api.core.v1.PodStatus", {
  phase: string(1).named("PodPhase"),
  conditions: list(2, PodCondition).listMap("type").merge("type"),
  message: string(3),
  reason: string(4),
  hostIP: string(5),
  podIP: string(6),
  startTime: time(7).optional,
  containerStatuses: list(8, ContainerStatus).atomicList,
  qosClass: string(9).named("PodQOSClass"),
  initContainerStatuses: list(10, ContainerStatus).atomicList,
  nominatedNodeName: string(11),
  podIPs: list(12, PodIP).listMap("ip").merge("ip"),
  ephemeralContainerStatuses: list(13, ContainerStatus).atomicList,
  resize: string(14).named("PodResizeStatus"),
  resourceClaimStatuses: list(15, PodResourceClaimStatus).listMap("name").merge("name", "merge,retainKeys"),
  hostIPs: list(16, HostIP).atomicList.merge("ip"),
  observedGeneration: int64(17),
  extendedResourceClaimStatus: struct(18, PodExtendedResourceClaimStatus).optional,
  allocatedResources: map(19, "quantity"),
  resources: struct(20, ResourceRequirements).optional,
  nodeAllocatableResourceClaimStatuses: list(21, NodeAllocatableResourceClaimStatus).atomicList,
});
export interface PodStatus extends Infer<typeof PodStatus> {}
