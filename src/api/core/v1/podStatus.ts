import { type Infer, int64, list, map, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { ResourceRequirements } from "./container.ts";
import { ContainerStatus } from "./containerStatus.ts";

export const ContainerExtendedResourceRequest = message(
  "io.k8s.api.core.v1.ContainerExtendedResourceRequest",
  {
    containerName: string(1).always.required.doc("The container."),
    resourceName: string(2).always.required.doc("The resource that the container asked for."),
    requestName: string(3).always.required.doc("The request within the claim."),
  },
  { doc: "Which request of a resource claim serves which resource of a container." },
);
export interface ContainerExtendedResourceRequest extends Infer<typeof ContainerExtendedResourceRequest> {}

export const HostIP = message(
  "io.k8s.api.core.v1.HostIP",
  {
    ip: string(1).always.required.doc("The address."),
  },
  { doc: "An address of the host." },
);
export interface HostIP extends Infer<typeof HostIP> {}

export const NodeAllocatableResourceClaimStatus = message(
  "io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus",
  {
    resourceClaimName: string(1).always.required.doc("The claim."),
    containers: list(2, "string").listSet.doc("The containers that use it."),
    resources: map(3, "quantity").always.required.doc("How much of each resource."),
  },
  { doc: "What a resource claim takes of a node's allocatable resources." },
);
export interface NodeAllocatableResourceClaimStatus extends Infer<typeof NodeAllocatableResourceClaimStatus> {}

export const PodCondition = message(
  "io.k8s.api.core.v1.PodCondition",
  {
    type: string(1)
      .named("PodConditionType")
      .always.required.doc("What the condition is about, such as Ready or PodScheduled."),
    status: string(2).named("ConditionStatus").always.required.doc("True, False or Unknown."),
    lastProbeTime: time(3).always.doc("When it was last looked at."),
    lastTransitionTime: time(4).always.doc("When the status last changed."),
    reason: string(5).doc("A word for programs."),
    message: string(6).doc("A sentence for people."),
    observedGeneration: int64(7).doc("The generation of the Pod for which it was observed."),
  },
  { doc: "One aspect of a Pod's state." },
);
export interface PodCondition extends Infer<typeof PodCondition> {}

export const PodIP = message(
  "io.k8s.api.core.v1.PodIP",
  {
    ip: string(1).always.required.doc("The address."),
  },
  { doc: "An address of the Pod." },
);
export interface PodIP extends Infer<typeof PodIP> {}

export const PodResourceClaimStatus = message(
  "io.k8s.api.core.v1.PodResourceClaimStatus",
  {
    name: string(1).always.required.doc("The entry."),
    resourceClaimName: string(2).optional.doc("The claim's name."),
  },
  { doc: "The claim made for an entry of the Pod's resourceClaims." },
);
export interface PodResourceClaimStatus extends Infer<typeof PodResourceClaimStatus> {}

export const PodExtendedResourceClaimStatus = message(
  "io.k8s.api.core.v1.PodExtendedResourceClaimStatus",
  {
    requestMappings: list(1, ContainerExtendedResourceRequest).always.required.atomicList.doc(
      "Which request serves which container.",
    ),
    resourceClaimName: string(2).always.required.doc("The claim's name."),
  },
  { doc: "The claim made for a Pod's extended resources." },
);
export interface PodExtendedResourceClaimStatus extends Infer<typeof PodExtendedResourceClaimStatus> {}

export const PodStatus = message(
  "io.k8s.api.core.v1.PodStatus",
  {
    phase: string(1).named("PodPhase").doc("Pending, Running, Succeeded, Failed or Unknown."),
    conditions: list(2, PodCondition).listMap("type").merge("type").doc("Whether it is scheduled, initialized, ready."),
    message: string(3).doc("Why it is in this phase, in a sentence."),
    reason: string(4).doc("Why it is in this phase, in a word."),
    hostIP: string(5).doc("The address of its node."),
    podIP: string(6).doc("Its address."),
    startTime: time(7).optional.doc("When the kubelet took it up."),
    containerStatuses: list(8, ContainerStatus).atomicList.doc("What is known of each container."),
    qosClass: string(9).named("PodQOSClass").doc("Guaranteed, Burstable or BestEffort."),
    initContainerStatuses: list(10, ContainerStatus).atomicList.doc("What is known of each init container."),
    nominatedNodeName: string(11).doc("The node on which room is being made for it."),
    podIPs: list(12, PodIP)
      .listMap("ip")
      .merge("ip")
      .doc("Its addresses, at most one for each IP family; the first is podIP."),
    ephemeralContainerStatuses: list(13, ContainerStatus).atomicList.doc("What is known of each ephemeral container."),
    resize: string(14).named("PodResizeStatus").doc("Where a change of resources stands; conditions took its place."),
    resourceClaimStatuses: list(15, PodResourceClaimStatus)
      .listMap("name")
      .merge("name", "merge,retainKeys")
      .doc("The claims made for it."),
    hostIPs: list(16, HostIP).atomicList.merge("ip").doc("The addresses of its node."),
    observedGeneration: int64(17).doc("The generation of the Pod that the kubelet acts on."),
    extendedResourceClaimStatus: struct(18, PodExtendedResourceClaimStatus).optional.doc(
      "The claim made for its extended resources.",
    ),
    allocatedResources: map(19, "quantity").doc("What the node has set aside for the Pod as a whole."),
    resources: struct(20, ResourceRequirements).optional.doc("The Pod's own requests and limits in force."),
    nodeAllocatableResourceClaimStatuses: list(21, NodeAllocatableResourceClaimStatus).atomicList.doc(
      "What its claims take of the node's allocatable resources.",
    ),
  },
  { doc: "What is known of a Pod." },
);
export interface PodStatus extends Infer<typeof PodStatus> {}
