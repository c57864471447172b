import { Condition } from "../../../apimachinery/meta.ts";
import {
  bool,
  type Infer,
  inline,
  list,
  map,
  message,
  rawExtension,
  string,
  struct,
  time,
} from "../../../apimachinery/schema.ts";
import { NodeSelector } from "../../core/v1/affinity.ts";
import { DeviceConfiguration, DeviceToleration } from "./devices.ts";

const NAME = "io.k8s.api.resource.v1";

export const DeviceRequestAllocationResult = message(
  `${NAME}.DeviceRequestAllocationResult`,
  {
    request: string(1).always.required.doc("The request it answers; of an alternative, `request/alternative`."),
    driver: string(2).always.required.doc("The device's driver."),
    pool: string(3).always.required.doc("The pool the device is in."),
    device: string(4).always.required.doc("The device's name in its pool."),
    adminAccess: bool(5).optional.doc("Whether it was taken besides those who use it."),
    tolerations: list(6, DeviceToleration).atomicList.doc("The request's tolerations when it was allocated."),
    bindingConditions: list(7, "string").atomicList.doc("Conditions that must hold before a Pod may be bound."),
    bindingFailureConditions: list(8, "string").atomicList.doc("Conditions that tell that it will not be bound."),
    shareID: string(9).optional.doc("Which share of a device that several may use."),
    consumedCapacity: map(10, "quantity").doc("How much of the device's capacities it takes."),
  },
  { doc: "One device that was allocated." },
);
export interface DeviceRequestAllocationResult extends Infer<typeof DeviceRequestAllocationResult> {}

export const DeviceAllocationConfiguration = message(
  `${NAME}.DeviceAllocationConfiguration`,
  {
    source: string(1).always.required.doc("Where it comes from: FromClass or FromClaim."),
    requests: list(2, "string").atomicList.doc("Whose devices get it; those of all requests when empty."),
    deviceConfiguration: inline(3, DeviceConfiguration),
  },
  { doc: "Settings for allocated devices." },
);
export interface DeviceAllocationConfiguration extends Infer<typeof DeviceAllocationConfiguration> {}

export const DeviceAllocationResult = message(
  `${NAME}.DeviceAllocationResult`,
  {
    results: list(1, DeviceRequestAllocationResult).atomicList.doc("The devices."),
    config: list(2, DeviceAllocationConfiguration).atomicList.doc("Their settings."),
  },
  { doc: "The devices that a claim got." },
);
export interface DeviceAllocationResult extends Infer<typeof DeviceAllocationResult> {}

export const AllocationResult = message(
  `${NAME}.AllocationResult`,
  {
    devices: struct(1, DeviceAllocationResult).doc("The devices."),
    nodeSelector: struct(3, NodeSelector).optional.doc("The nodes from which they can be used; all when left out."),
    allocationTimestamp: time(5).optional.doc("When it was allocated."),
  },
  { doc: "What a claim got." },
);
export interface AllocationResult extends Infer<typeof AllocationResult> {}

export const ResourceClaimConsumerReference = message(
  `${NAME}.ResourceClaimConsumerReference`,
  {
    apiGroup: string(1).doc("The API group of the object; empty for the core group."),
    resource: string(3).always.required.doc("Its resource, such as pods."),
    name: string(4).always.required.doc("Its name."),
    uid: string(5).always.required.doc("Its UID."),
  },
  { doc: "Who may use a claim." },
);
export interface ResourceClaimConsumerReference extends Infer<typeof ResourceClaimConsumerReference> {}

export const NetworkDeviceData = message(
  `${NAME}.NetworkDeviceData`,
  {
    interfaceName: string(1).doc("The interface's name in the Pod."),
    ips: list(2, "string").atomicList.doc("Its addresses, each with the length of its prefix."),
    hardwareAddress: string(3).doc("Its hardware address."),
  },
  { doc: "What is to be known of a network interface." },
);
export interface NetworkDeviceData extends Infer<typeof NetworkDeviceData> {}

export const AllocatedDeviceStatus = message(
  `${NAME}.AllocatedDeviceStatus`,
  {
    driver: string(1).always.required.doc("The device's driver."),
    pool: string(2).always.required.doc("The pool the device is in."),
    device: string(3).always.required.doc("The device's name in its pool."),
    shareID: string(7).optional.doc("Which share of a device that several may use."),
    conditions: list(4, Condition).listMap("type").doc("How the device is."),
    data: rawExtension(5).optional.doc("What the driver has to say besides."),
    networkData: struct(6, NetworkDeviceData).optional.doc("For network interfaces."),
  },
  { doc: "What a driver says of a device that it set up." },
);
export interface AllocatedDeviceStatus extends Infer<typeof AllocatedDeviceStatus> {}

export const ResourceClaimStatus = message(
  `${NAME}.ResourceClaimStatus`,
  {
    allocation: struct(1, AllocationResult).optional.doc("What was allocated; left out until something is."),
    reservedFor: list(2, ResourceClaimConsumerReference)
      .listMap("uid")
      .merge("uid")
      .doc("Who may use it now, which keeps it allocated."),
    devices: list(4, AllocatedDeviceStatus)
      .listMap("driver", "device", "pool", "shareID")
      .doc("What drivers say of its devices."),
  },
  { doc: "What a claim got, and who uses it." },
);
export interface ResourceClaimStatus extends Infer<typeof ResourceClaimStatus> {}
