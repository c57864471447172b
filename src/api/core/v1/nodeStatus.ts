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

export const AttachedVolume = message(
  "io.k8s.api.core.v1.AttachedVolume",
  {
    name: string(1).named("UniqueVolumeName").always.required.doc("The volume's unique name."),
    devicePath: string(2).always.required.doc("The device under which the node sees it."),
  },
  { doc: "A volume attached to a node." },
);
export interface AttachedVolume extends Infer<typeof AttachedVolume> {}

export const ContainerImage = message(
  "io.k8s.api.core.v1.ContainerImage",
  {
    names: list(1, "string").always.atomicList.doc("The names under which the node knows the image."),
    sizeBytes: int64(2).doc("The image's size."),
  },
  { doc: "An image that a node has." },
);
export interface ContainerImage extends Infer<typeof ContainerImage> {}

export const DaemonEndpoint = message(
  "io.k8s.api.core.v1.DaemonEndpoint",
  {
    Port: int32(1).always.required.doc("The port."),
  },
  { doc: "Where a daemon of a node listens." },
);
export interface DaemonEndpoint extends Infer<typeof DaemonEndpoint> {}

export const NodeCondition = message(
  "io.k8s.api.core.v1.NodeCondition",
  {
    type: string(1)
      .named("NodeConditionType")
      .always.required.doc("What the condition is about, such as Ready or MemoryPressure."),
    status: string(2).named("ConditionStatus").always.required.doc("True, False or Unknown."),
    lastHeartbeatTime: time(3).always.doc("When the kubelet last confirmed it."),
    lastTransitionTime: time(4).always.doc("When the status last changed."),
    reason: string(5).doc("A word for programs."),
    message: string(6).doc("A sentence for people."),
  },
  { doc: "One aspect of a node's state." },
);
export interface NodeCondition extends Infer<typeof NodeCondition> {}

export const NodeAddress = message(
  "io.k8s.api.core.v1.NodeAddress",
  {
    type: string(1)
      .named("NodeAddressType")
      .always.required.doc("InternalIP, ExternalIP, Hostname, InternalDNS or ExternalDNS."),
    address: string(2).always.required.doc("The address."),
  },
  { doc: "One address of a node." },
);
export interface NodeAddress extends Infer<typeof NodeAddress> {}

export const NodeDaemonEndpoints = message(
  "io.k8s.api.core.v1.NodeDaemonEndpoints",
  {
    kubeletEndpoint: struct(1, DaemonEndpoint).doc("The kubelet."),
  },
  { doc: "Where the daemons of a node listen." },
);
export interface NodeDaemonEndpoints extends Infer<typeof NodeDaemonEndpoints> {}

export const NodeSwapStatus = message(
  "io.k8s.api.core.v1.NodeSwapStatus",
  {
    capacity: int64(1).optional.doc("Its size in bytes."),
  },
  { doc: "Swap space of a node." },
);
export interface NodeSwapStatus extends Infer<typeof NodeSwapStatus> {}

export const NodeSystemInfo = message(
  "io.k8s.api.core.v1.NodeSystemInfo",
  {
    machineID: string(1).always.required.doc("The machine's identifier, from /etc/machine-id."),
    systemUUID: string(2).always.required.doc("The identifier that the firmware gives."),
    bootID: string(3).always.required.doc("Changes at each boot."),
    kernelVersion: string(4).always.required.doc("The kernel's version."),
    osImage: string(5).always.required.doc("The operating system, as it calls itself."),
    containerRuntimeVersion: string(6).always.required.doc(
      "The container runtime and its version, as containerd://2.0.0.",
    ),
    kubeletVersion: string(7).always.required.doc("The kubelet's version."),
    kubeProxyVersion: string(8).always.required.doc("No longer set."),
    operatingSystem: string(9).always.required.doc("linux or windows."),
    architecture: string(10).always.required.doc("Such as amd64 or arm64."),
    swap: struct(11, NodeSwapStatus).optional.doc("Its swap space."),
  },
  { doc: "What machine and software a node is." },
);
export interface NodeSystemInfo extends Infer<typeof NodeSystemInfo> {}

export const NodeConfigStatus = message(
  "io.k8s.api.core.v1.NodeConfigStatus",
  {
    assigned: struct(1, NodeConfigSource).optional.doc("The configuration it was given."),
    active: struct(2, NodeConfigSource).optional.doc("The configuration in use."),
    lastKnownGood: struct(3, NodeConfigSource).optional.doc("The one to fall back to."),
    error: string(4).doc("What was wrong with the assigned one."),
  },
  { doc: "Which configuration a kubelet used; no longer kept." },
);
export interface NodeConfigStatus extends Infer<typeof NodeConfigStatus> {}

export const NodeRuntimeHandlerFeatures = message(
  "io.k8s.api.core.v1.NodeRuntimeHandlerFeatures",
  {
    recursiveReadOnlyMounts: bool(1).optional.doc("Whether recursiveReadOnly is supported."),
    userNamespaces: bool(2).optional.doc("Whether Pods can have users of their own."),
  },
  { doc: "What a runtime handler can do." },
);
export interface NodeRuntimeHandlerFeatures extends Infer<typeof NodeRuntimeHandlerFeatures> {}

export const NodeRuntimeHandler = message(
  "io.k8s.api.core.v1.NodeRuntimeHandler",
  {
    name: string(1).doc("The handler's name; empty: the default one."),
    features: struct(2, NodeRuntimeHandlerFeatures).optional.doc("What it can do."),
  },
  { doc: "One way in which the node's runtime can run Pods." },
);
export interface NodeRuntimeHandler extends Infer<typeof NodeRuntimeHandler> {}

export const NodeFeatures = message(
  "io.k8s.api.core.v1.NodeFeatures",
  {
    supplementalGroupsPolicy: bool(1).optional.doc(
      "Whether supplementalGroupsPolicy and the containers' user are supported.",
    ),
  },
  { doc: "What the node's runtime can do, apart from its handlers." },
);
export interface NodeFeatures extends Infer<typeof NodeFeatures> {}

export const NodeStatus = message(
  "io.k8s.api.core.v1.NodeStatus",
  {
    capacity: map(1, "quantity").doc("All it has of each resource."),
    allocatable: map(2, "quantity").doc("What of that is for Pods."),
    phase: string(3).named("NodePhase").doc("No longer set."),
    conditions: list(4, NodeCondition).listMap("type").merge("type").doc("How it fares."),
    addresses: list(5, NodeAddress).listMap("type").merge("type").doc("How to reach it."),
    daemonEndpoints: struct(6, NodeDaemonEndpoints).doc("Where its daemons listen."),
    nodeInfo: struct(7, NodeSystemInfo).doc("What machine and software it is."),
    images: list(8, ContainerImage).atomicList.doc("Images it has."),
    volumesInUse: list(9, "string").named("UniqueVolumeName").atomicList.doc("Attachable volumes that its Pods use."),
    volumesAttached: list(10, AttachedVolume).atomicList.doc("Volumes attached to it."),
    config: struct(11, NodeConfigStatus).optional.doc("No longer set."),
    runtimeHandlers: list(12, NodeRuntimeHandler).atomicList.doc("Ways in which it can run Pods."),
    features: struct(13, NodeFeatures).optional.doc("What its runtime can do."),
    declaredFeatures: list(14, "string").atomicList.doc("Features of Kubernetes that its kubelet declares to have."),
  },
  { doc: "What a kubelet reports of its node." },
);
export interface NodeStatus extends Infer<typeof NodeStatus> {}
