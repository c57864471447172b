import { type Infer, inline, int64, map, message, rawExtension, string, struct } from "../../../apimachinery/schema.ts";

const NAME = "io.k8s.api.resource.v1";

/** What classes, claims and slices say of devices alike. */

export const CELDeviceSelector = message(
  `${NAME}.CELDeviceSelector`,
  {
    expression: string(1).always.required.doc(
      "A CEL expression about `device` (its driver, attributes and capacity) which is true for the devices that fit.",
    ),
  },
  { doc: "Picks devices by a CEL expression." },
);
export interface CELDeviceSelector extends Infer<typeof CELDeviceSelector> {}

export const DeviceSelector = message(
  `${NAME}.DeviceSelector`,
  {
    cel: struct(1, CELDeviceSelector).optional.doc("An expression in CEL; the only way there is, so it must be there."),
  },
  { doc: "Picks devices; exactly one of its fields is set." },
);
export interface DeviceSelector extends Infer<typeof DeviceSelector> {}

export const OpaqueDeviceConfiguration = message(
  `${NAME}.OpaqueDeviceConfiguration`,
  {
    driver: string(1).always.required.doc("The driver that understands the parameters."),
    parameters: rawExtension(2).required.doc("An object of the driver's own, with apiVersion and kind."),
  },
  { doc: "Settings that only one driver understands." },
);
export interface OpaqueDeviceConfiguration extends Infer<typeof OpaqueDeviceConfiguration> {}

export const DeviceConfiguration = message(
  `${NAME}.DeviceConfiguration`,
  { opaque: struct(1, OpaqueDeviceConfiguration).optional.doc("Settings for one driver.") },
  { doc: "Settings of devices; exactly one of its fields is set." },
);
export interface DeviceConfiguration extends Infer<typeof DeviceConfiguration> {}

export const DeviceClassConfiguration = message(
  `${NAME}.DeviceClassConfiguration`,
  { deviceConfiguration: inline(1, DeviceConfiguration) },
  { doc: "Settings that every device claimed through the class gets." },
);
export interface DeviceClassConfiguration extends Infer<typeof DeviceClassConfiguration> {}

export const DeviceToleration = message(
  `${NAME}.DeviceToleration`,
  {
    key: string(1).doc("The taint's key; all of them when empty, with the operator Exists."),
    operator: string(2).doc("Exists or Equal, which is the default."),
    value: string(3).doc("The taint's value, for the operator Equal."),
    effect: string(4).doc("The taint's effect: NoSchedule or NoExecute; all of them when empty."),
    tolerationSeconds: int64(5).optional.doc("How long a NoExecute taint is put up with; for ever when left out."),
  },
  { doc: "A taint of devices which the claim puts up with." },
);
export interface DeviceToleration extends Infer<typeof DeviceToleration> {}

export const CapacityRequirements = message(
  `${NAME}.CapacityRequirements`,
  { requests: map(1, "quantity").doc("How much is needed, by the capacity's name.") },
  { doc: "How much of a device's capacities is needed." },
);
export interface CapacityRequirements extends Infer<typeof CapacityRequirements> {}
