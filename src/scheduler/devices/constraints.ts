import { type DeviceAttribute, type DeviceConstraint, splitName } from "../../api/resource/v1/index.ts";
import type { PoolDevice } from "./inventory.ts";
import type { Alternative } from "./requests.ts";

/** What was chosen so far under one constraint of a claim. */
export class ConstraintState {
  readonly #constraint: DeviceConstraint;
  /** the values of the devices taken so far */
  readonly #values: string[] = [];

  constructor(constraint: DeviceConstraint) {
    this.#constraint = constraint;
  }
  concerns({ name, request }: Alternative): boolean {
    const { requests = [] } = this.#constraint;
    return requests.length === 0 || requests.includes(name) || requests.includes(request);
  }
  /** Takes a device if the constraint still holds with it; answers whether it does. */
  take(device: PoolDevice): boolean {
    const { matchAttribute, distinctAttribute } = this.#constraint;
    const value = attributeOf(device, (matchAttribute ?? distinctAttribute)!);
    if (value === undefined) return false;
    const holds = matchAttribute
      ? this.#values.length === 0 || this.#values[0] === value
      : !this.#values.includes(value);
    if (holds) this.#values.push(value);
    return holds;
  }
  /** Gives the last device back. */
  undo(): void {
    this.#values.pop();
  }
}

/** The value as a text that is alike for equal values only; undefined: the device has no such attribute. */
function attributeOf({ device, pool }: PoolDevice, qualified: string): string | undefined {
  const { domain, name } = splitName(qualified, pool.driver);
  const found: DeviceAttribute | undefined =
    device.attributes?.[qualified] ?? (domain === pool.driver ? device.attributes?.[name] : undefined);
  return found && JSON.stringify(found);
}
