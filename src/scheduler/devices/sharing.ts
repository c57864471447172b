import type { CapacityRequestPolicy, Device, DeviceCapacity } from "../../api/resource/v1/index.ts";
import { parseQuantity, Quantity, zeroQuantity } from "../../apimachinery/quantity.ts";
import type { Alternative } from "./requests.ts";

/** Amounts by name. */
export type Shares = Readonly<Record<string, string>>;

/**
 * How much of each capacity a request takes of a device that several claims may have; undefined: the device's policies
 * do not allow what is asked for.
 */
export function sharesOf({ capacity = {} }: Device, { wants }: Alternative): Shares | undefined {
  const shares: Record<string, string> = {};
  for (const [name, there] of Object.entries(capacity)) {
    const share = shareOf(there, wants.capacity?.requests?.[name]);
    if (share === undefined) return undefined;
    shares[name] = share.toString();
  }
  return shares;
}

function shareOf({ value, requestPolicy: policy }: DeviceCapacity, asked: string | undefined): Quantity | undefined {
  // without a policy, whoever asks for nothing takes nothing away
  const wanted = asked ?? policy?.default;
  if (wanted === undefined) return policy ? parseQuantity(value) : zeroQuantity;
  return policy ? allowed(policy, parseQuantity(wanted)) : parseQuantity(wanted);
}

/** The least that the policy lets have of at least so much. */
function allowed({ validValues, validRange }: CapacityRequestPolicy, wanted: Quantity): Quantity | undefined {
  if (validValues) {
    return validValues.map(parseQuantity).find((value) => value.compare(wanted) >= 0);
  }
  if (!validRange) return wanted;
  const least = parseQuantity(validRange.min ?? "0");
  const share = wanted.compare(least) <= 0 ? least : stepped(wanted, least, validRange.step);
  return validRange.max !== undefined && share.compare(parseQuantity(validRange.max)) > 0 ? undefined : share;
}

function stepped(wanted: Quantity, least: Quantity, step: string | undefined): Quantity {
  const size = step === undefined ? 0n : parseQuantity(step).nanos;
  if (size === 0n) return wanted;
  const steps = (wanted.nanos - least.nanos + size - 1n) / size;
  return new Quantity(least.nanos + steps * size, least.format);
}

/** Amounts that are taken, by owner and name; the search takes and gives back. */
export class Tally {
  readonly #taken = new Map<string, Quantity>();

  /** Whether so much more can be taken of what there is. */
  has(owner: string, name: string, more: string, there: string): boolean {
    const taken = this.#taken.get(`${owner}|${name}`) ?? zeroQuantity;
    return taken.add(parseQuantity(more)).compare(parseQuantity(there)) <= 0;
  }
  take(owner: string, name: string, amount: string): void {
    const key = `${owner}|${name}`;
    this.#taken.set(key, (this.#taken.get(key) ?? zeroQuantity).add(parseQuantity(amount)));
  }
  giveBack(owner: string, name: string, amount: string): void {
    const key = `${owner}|${name}`;
    this.#taken.set(key, this.#taken.get(key)!.sub(parseQuantity(amount)));
  }
}
