import {
  type DeviceClass,
  type DeviceRequest,
  type DeviceSubRequest,
  type DeviceTaint,
  type DeviceToleration,
  type ExactDeviceRequest,
  isSelected,
  type ResourceClaim,
} from "../../api/resource/v1/index.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import type { PoolDevice } from "./inventory.ts";

/** One way to serve a request of a claim. */
export interface Alternative {
  readonly claim: ResourceClaim;
  /** "request", or "request/alternative" */
  readonly name: string;
  /** the request it belongs to */
  readonly request: string;
  readonly wants: ExactDeviceRequest | DeviceSubRequest;
  readonly class: DeviceClass;
  readonly isAdmin: boolean;
}

/** Says why a claim cannot be allocated anywhere, whatever devices there are. */
export class ClaimError extends Error {}

/** The ways to serve a request, the best first. Throws ClaimError. */
export function alternativesOf(
  claim: ResourceClaim,
  request: DeviceRequest,
  classOf: (name: string) => DeviceClass | undefined,
): Alternative[] {
  const { exactly, firstAvailable = [] } = request;
  const wanted = exactly
    ? [{ name: request.name, wants: exactly }]
    : firstAvailable.map((wants) => ({ name: `${request.name}/${wants.name}`, wants }));
  return wanted.map(({ name, wants }) => {
    const found = classOf(wants.deviceClassName);
    if (!found) throw new ClaimError(`request ${name}: device class ${wants.deviceClassName} does not exist`);
    const isAdmin = "adminAccess" in wants && wants.adminAccess === true;
    return { claim, name, request: request.name, wants, class: found, isAdmin };
  });
}

/** Whether a device is of the kind that is asked for, whoever has it now. Throws CelError. */
export function fits({ device, pool }: PoolDevice, { name, wants, class: deviceClass }: Alternative): boolean {
  const ofClass = `class ${deviceClass.metadata.name}`;
  return (
    isSelected(pool.driver, device, deviceClass.spec.selectors, ofClass) &&
    isSelected(pool.driver, device, wants.selectors, `request ${name}`) &&
    (device.taints ?? []).every((taint) => isHarmless(taint, wants.tolerations)) &&
    hasCapacity(device, wants)
  );
}

function isHarmless(taint: DeviceTaint, tolerations: readonly DeviceToleration[] = []): boolean {
  return taint.effect === "None" || tolerations.some((toleration) => toleratesTaint(toleration, taint));
}

function toleratesTaint({ key, operator = "Equal", value = "", effect }: DeviceToleration, taint: DeviceTaint) {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  return operator === "Exists" || value === (taint.value ?? "");
}

/** A device that only one claim may have must be large enough by itself. */
function hasCapacity({ capacity = {} }: PoolDevice["device"], { capacity: needed }: Alternative["wants"]): boolean {
  return Object.entries(needed?.requests ?? {}).every(([name, amount]) => {
    const there = capacity[name];
    return there !== undefined && parseQuantity(there.value).compare(parseQuantity(amount)) >= 0;
  });
}
