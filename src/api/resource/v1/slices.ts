import {
  bool,
  type Infer,
  int64,
  list,
  map,
  message,
  quantity,
  string,
  struct,
  time,
} from "../../../apimachinery/schema.ts";
import { NodeSelector } from "../../core/v1/affinity.ts";

const NAME = "io.k8s.api.resource.v1";

export const DeviceAttribute = message(
  `${NAME}.DeviceAttribute`,
  {
    int: int64(2).optional.doc("A number."),
    bool: bool(3).optional.doc("True or false."),
    string: string(4).optional.doc("A text of at most 64 characters."),
    version: string(5).optional.doc("A semantic version."),
    ints: list(6, "int64").atomicList.doc("Numbers."),
    bools: list(7, "bool").atomicList.doc("Several of true and false."),
    strings: list(8, "string").atomicList.doc("Texts."),
    versions: list(9, "string").atomicList.doc("Semantic versions."),
  },
  { doc: "The value of an attribute; exactly one of its fields is set." },
);
export interface DeviceAttribute extends Infer<typeof DeviceAttribute> {}

export const CapacityRequestPolicyRange = message(
  `${NAME}.CapacityRequestPolicyRange`,
  {
    min: quantity(1).optional.required.doc("The least."),
    max: quantity(2).optional.doc("The most."),
    step: quantity(3).optional.doc("In which steps from the least on."),
  },
  { doc: "How much of a capacity may be asked for." },
);
export interface CapacityRequestPolicyRange extends Infer<typeof CapacityRequestPolicyRange> {}

export const CapacityRequestPolicy = message(
  `${NAME}.CapacityRequestPolicy`,
  {
    default: quantity(1).optional.doc("What a request takes that says nothing."),
    validValues: list(3, "quantity").atomicList.doc("What may be asked for."),
    validRange: struct(4, CapacityRequestPolicyRange).optional.doc("Between what it must be."),
  },
  { doc: "How requests may share a capacity." },
);
export interface CapacityRequestPolicy extends Infer<typeof CapacityRequestPolicy> {}

export const DeviceCapacity = message(
  `${NAME}.DeviceCapacity`,
  {
    value: quantity(1).always.required.doc("How much there is."),
    requestPolicy: struct(2, CapacityRequestPolicy).optional.doc("How it may be shared."),
  },
  { doc: "How much of something a device has." },
);
export interface DeviceCapacity extends Infer<typeof DeviceCapacity> {}

export const Counter = message(
  `${NAME}.Counter`,
  { value: quantity(1).always.required.doc("How much there is.") },
  { doc: "How much of something devices share." },
);
export interface Counter extends Infer<typeof Counter> {}

export const CounterSet = message(
  `${NAME}.CounterSet`,
  {
    name: string(1).always.required.doc("By which devices refer to it."),
    counters: map(2, Counter).always.required.doc("What is shared, by name."),
  },
  { doc: "What devices of a pool share." },
);
export interface CounterSet extends Infer<typeof CounterSet> {}

export const DeviceCounterConsumption = message(
  `${NAME}.DeviceCounterConsumption`,
  {
    counterSet: string(1).always.required.doc("The set of counters."),
    counters: map(2, Counter).always.required.doc("How much the device takes, by the counter's name."),
  },
  { doc: "What a device takes of what is shared." },
);
export interface DeviceCounterConsumption extends Infer<typeof DeviceCounterConsumption> {}

export const NodeAllocatableResourceMapping = message(
  `${NAME}.NodeAllocatableResourceMapping`,
  {
    capacityKey: string(1).optional.doc("The device's capacity that counts; the device itself when left out."),
    allocationMultiplier: quantity(2).optional.doc("How much of the node's resource one unit takes."),
  },
  { doc: "What of a node's own resources a device takes." },
);
export interface NodeAllocatableResourceMapping extends Infer<typeof NodeAllocatableResourceMapping> {}

export const DeviceTaint = message(
  `${NAME}.DeviceTaint`,
  {
    key: string(1).always.required.doc("Its name."),
    value: string(2).doc("Its value."),
    effect: string(3).always.required.doc("None, NoSchedule or NoExecute."),
    timeAdded: time(4).optional.doc("Since when."),
  },
  { doc: "Keeps claims away from a device that do not tolerate it." },
);
export interface DeviceTaint extends Infer<typeof DeviceTaint> {}

export const Device = message(
  `${NAME}.Device`,
  {
    name: string(1).always.required.doc("Its name in the pool."),
    attributes: map(2, DeviceAttribute).doc("What it is, by name."),
    capacity: map(3, DeviceCapacity).doc("What it has, by name."),
    consumesCounters: list(4, DeviceCounterConsumption).atomicList.doc("What it takes of what is shared."),
    nodeName: string(5).optional.doc("The node that has it."),
    nodeSelector: struct(6, NodeSelector).optional.doc("The nodes from which it can be used."),
    allNodes: bool(7).optional.doc("Whether it can be used from all nodes."),
    taints: list(8, DeviceTaint).atomicList.doc("What keeps claims away."),
    bindsToNode: bool(9).optional.doc("Whether its use is bound to the node that was chosen."),
    bindingConditions: list(10, "string").atomicList.doc("Conditions that must hold before a Pod may be bound."),
    bindingFailureConditions: list(11, "string").atomicList.doc("Conditions that tell that it will not be bound."),
    allowMultipleAllocations: bool(12).optional.doc("Whether several claims may have it."),
    nodeAllocatableResourceMappings: map(13, NodeAllocatableResourceMapping).doc(
      "What of its node it takes, by resource.",
    ),
  },
  { doc: "A device." },
);
export interface Device extends Infer<typeof Device> {}

export const ResourcePool = message(
  `${NAME}.ResourcePool`,
  {
    name: string(1).always.required.doc("The pool's name, often that of a node."),
    generation: int64(2).always.required.doc("Which version of the pool; only slices of the newest count."),
    resourceSliceCount: int64(3).always.required.doc("How many slices make the pool whole."),
  },
  { doc: "The pool to which a slice belongs." },
);
export interface ResourcePool extends Infer<typeof ResourcePool> {}

export const ResourceSliceSpec = message(
  `${NAME}.ResourceSliceSpec`,
  {
    driver: string(1).always.required.doc("The driver that tells of the devices. Cannot be changed."),
    pool: struct(2, ResourcePool).required.doc("The pool they are in."),
    nodeName: string(3).optional.doc("The node that has them. Cannot be changed."),
    nodeSelector: struct(4, NodeSelector).optional.doc("The nodes from which they can be used."),
    allNodes: bool(5).optional.doc("Whether they can be used from all nodes."),
    devices: list(6, Device).atomicList.doc("The devices."),
    perDeviceNodeSelection: bool(7).optional.doc("Whether each device says from where it can be used."),
    sharedCounters: list(8, CounterSet).atomicList.doc("What the pool's devices share."),
  },
  { doc: "Which devices a slice tells of, and where they are." },
);
export interface ResourceSliceSpec extends Infer<typeof ResourceSliceSpec> {}
