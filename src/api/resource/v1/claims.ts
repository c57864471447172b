import { bool, type Infer, inline, int64, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { CapacityRequirements, DeviceConfiguration, DeviceSelector, DeviceToleration } from "./devices.ts";

const NAME = "io.k8s.api.resource.v1";

const selectors = (number: number) => list(number, DeviceSelector).atomicList.doc("All must hold for a device.");
const allocationMode = (number: number) =>
  string(number).doc("ExactCount (`count` devices, the default) or All (every device that fits).");
const count = (number: number) => int64(number).doc("How many, for ExactCount; 1 when left out.");
const tolerations = (number: number) =>
  list(number, DeviceToleration).atomicList.doc("Taints of devices that are put up with.");
const capacity = (number: number) =>
  struct(number, CapacityRequirements).optional.doc("How much of each device is needed.");

export const ExactDeviceRequest = message(
  `${NAME}.ExactDeviceRequest`,
  {
    deviceClassName: string(1).always.required.doc("The DeviceClass whose devices may be taken."),
    selectors: selectors(2),
    allocationMode: allocationMode(3),
    count: count(4),
    adminAccess: bool(5).optional.doc("Whether devices may be taken that others use, to watch over them."),
    tolerations: tolerations(6),
    capacity: capacity(7),
  },
  { doc: "Asks for devices of one kind." },
);
export interface ExactDeviceRequest extends Infer<typeof ExactDeviceRequest> {}

export const DeviceSubRequest = message(
  `${NAME}.DeviceSubRequest`,
  {
    name: string(1).always.required.doc("Its name among the alternatives."),
    deviceClassName: string(2).always.required.doc("The DeviceClass whose devices may be taken."),
    selectors: selectors(3),
    allocationMode: allocationMode(4),
    count: count(5),
    tolerations: tolerations(6),
    capacity: capacity(7),
  },
  { doc: "One of several alternatives." },
);
export interface DeviceSubRequest extends Infer<typeof DeviceSubRequest> {}

export const DeviceRequest = message(
  `${NAME}.DeviceRequest`,
  {
    name: string(1).always.required.doc("By which containers refer to it."),
    exactly: struct(2, ExactDeviceRequest).optional.doc("Devices of one kind."),
    firstAvailable: list(3, DeviceSubRequest).atomicList.doc("Alternatives, the best first."),
  },
  { doc: "What one request of a claim asks for: exactly one of `exactly` and `firstAvailable`." },
);
export interface DeviceRequest extends Infer<typeof DeviceRequest> {}

export const DeviceConstraint = message(
  `${NAME}.DeviceConstraint`,
  {
    requests: list(1, "string").atomicList.doc("Whose devices it binds; those of all requests when empty."),
    matchAttribute: string(2).optional.doc("An attribute in which all of them must be alike."),
    distinctAttribute: string(3).optional.doc("An attribute in which no two of them may be alike."),
  },
  { doc: "What must hold between the devices of a claim." },
);
export interface DeviceConstraint extends Infer<typeof DeviceConstraint> {}

export const DeviceClaimConfiguration = message(
  `${NAME}.DeviceClaimConfiguration`,
  {
    requests: list(1, "string").atomicList.doc("Whose devices get it; those of all requests when empty."),
    deviceConfiguration: inline(2, DeviceConfiguration),
  },
  { doc: "Settings for the devices of a claim." },
);
export interface DeviceClaimConfiguration extends Infer<typeof DeviceClaimConfiguration> {}

export const DeviceClaim = message(
  `${NAME}.DeviceClaim`,
  {
    requests: list(1, DeviceRequest).always.atomicList.doc("Which devices are asked for."),
    constraints: list(2, DeviceConstraint).atomicList.doc("What must hold between them."),
    config: list(3, DeviceClaimConfiguration).atomicList.doc("Settings for their drivers."),
  },
  { doc: "Which devices a claim asks for, and how they are to be set up." },
);
export interface DeviceClaim extends Infer<typeof DeviceClaim> {}

export const ResourceClaimSpec = message(
  `${NAME}.ResourceClaimSpec`,
  { devices: struct(1, DeviceClaim).doc("The devices.") },
  { doc: "What a claim asks for." },
);
export interface ResourceClaimSpec extends Infer<typeof ResourceClaimSpec> {}
