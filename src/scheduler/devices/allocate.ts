import type { DeviceClass, ResourceClaim } from "../../api/resource/v1/index.ts";
import { ConstraintState } from "./constraints.ts";
import type { Pool, PoolDevice } from "./inventory.ts";
import { type Alternative, alternativesOf, fits } from "./requests.ts";
import { type Shares, sharesOf, Tally } from "./sharing.ts";

/** One device for one request. */
export interface Pick {
  readonly alternative: Alternative;
  readonly device: PoolDevice;
  /** what it takes of a device that several claims may have */
  readonly shares?: Shares | undefined;
}

/** Devices that claims have already, those among them whose claims are being written. */
export interface Taken {
  /** keys of devices that one claim has for itself */
  readonly whole: ReadonlySet<string>;
  /** what claims have of devices that several may have */
  readonly shared: readonly { readonly key: string; readonly shares: Shares }[];
}

export interface AllocationInput {
  /** in the order of the Pod's entries */
  readonly claims: readonly ResourceClaim[];
  /** those that can be used from the node */
  readonly devices: readonly PoolDevice[];
  readonly taken: Taken;
  readonly classOf: (name: string) => DeviceClass | undefined;
}

/** How many devices one claim may have. */
const MOST_DEVICES = 32;
/** After so many tries the search gives up: a claim can be made for which it would not end in a lifetime. */
const MOST_STEPS = 100_000;

/** Devices for all claims at once; undefined: there are not enough. Throws ClaimError and CelError. */
export function allocate(input: AllocationInput): Pick[] | undefined {
  const search = new Search(input);
  return search.run() ? search.picks : undefined;
}

class Search {
  readonly picks: Pick[] = [];
  readonly #input: AllocationInput;
  /** of the devices that can be used */
  readonly #pools: ReadonlySet<Pool>;
  readonly #requests: readonly (readonly Alternative[])[];
  readonly #constraints: ReadonlyMap<ResourceClaim, readonly ConstraintState[]>;
  readonly #whole: Set<string>;
  readonly #shared = new Tally();
  readonly #counters = new Tally();
  readonly #fitting = new Map<Alternative, readonly PoolDevice[]>();
  #steps = 0;

  constructor(input: AllocationInput) {
    this.#input = input;
    const { claims, taken, devices } = input;
    this.#pools = new Set(devices.map(({ pool }) => pool));
    this.#requests = claims.flatMap((claim) =>
      claim.spec.devices.requests.map((request) => alternativesOf(claim, request, input.classOf)),
    );
    this.#constraints = new Map(
      claims.map((claim) => [claim, (claim.spec.devices.constraints ?? []).map((it) => new ConstraintState(it))]),
    );
    this.#whole = new Set(taken.whole);
    for (const { key, shares } of taken.shared) this.#share(key, shares, "take");
    const inUse = new Set([...taken.whole, ...taken.shared.map(({ key }) => key)]);
    for (const pool of this.#pools) {
      // also those that only other nodes can use take of what the pool shares
      for (const device of pool.devices) if (inUse.has(device.key)) this.#count(device, "take");
    }
  }
  run(): boolean {
    return this.#serve(0);
  }
  /** Serves the requests from here on. */
  #serve(at: number): boolean {
    const alternatives = this.#requests[at];
    if (!alternatives) return true;
    return alternatives.some((alternative) => {
      const devices = this.#devicesFor(alternative);
      if (alternative.wants.allocationMode !== "All") {
        return this.#choose(at, alternative, devices, 0, alternative.wants.count ?? 1);
      }
      const isKnown = ![...this.#pools].some((pool) => pool.isIncomplete && this.#concerns(pool, alternative));
      return isKnown && devices.length > 0 && this.#chooseAll(at, alternative, devices);
    });
  }
  /** Nobody knows what all devices are while a pool is not complete of which some would fit. */
  #concerns(pool: Pool, alternative: Alternative): boolean {
    return this.#input.devices.some((device) => device.pool === pool && fits(device, alternative));
  }
  #devicesFor(alternative: Alternative): readonly PoolDevice[] {
    let fitting = this.#fitting.get(alternative);
    if (!fitting) {
      fitting = this.#input.devices.filter((device) => !device.pool.isIncomplete && fits(device, alternative));
      this.#fitting.set(alternative, fitting);
    }
    return fitting;
  }
  #choose(at: number, of: Alternative, devices: readonly PoolDevice[], from: number, count: number): boolean {
    if (count === 0) return this.#serve(at + 1);
    for (let i = from; i < devices.length; i++) {
      if (++this.#steps > MOST_STEPS) return false;
      if (!this.#take(of, devices[i]!)) continue;
      if (this.#choose(at, of, devices, i + 1, count - 1)) return true;
      this.#undo();
    }
    return false;
  }
  #chooseAll(at: number, of: Alternative, devices: readonly PoolDevice[]): boolean {
    const before = this.picks.length;
    const isServed = devices.every((device) => this.#take(of, device)) && this.#serve(at + 1);
    if (!isServed) while (this.picks.length > before) this.#undo();
    return isServed;
  }
  /** Takes a device if it can be had and the constraints allow it. */
  #take(alternative: Alternative, device: PoolDevice): boolean {
    const { claim } = alternative;
    if (this.picks.filter((pick) => pick.alternative.claim === claim).length >= MOST_DEVICES) return false;
    const shares = device.device.allowMultipleAllocations ? sharesOf(device.device, alternative) : undefined;
    if (!alternative.isAdmin && !this.#isFree(device, shares)) return false;
    if (!this.#constrain(alternative, device)) return false;
    this.picks.push({ alternative, device, shares });
    if (!alternative.isAdmin) this.#book(device, shares, "take");
    return true;
  }
  #undo(): void {
    const { alternative, device, shares } = this.picks.pop()!;
    for (const state of this.#constraintsOn(alternative)) state.undo();
    if (!alternative.isAdmin) this.#book(device, shares, "giveBack");
  }
  #isFree({ key, device, pool }: PoolDevice, shares: Shares | undefined): boolean {
    if (device.allowMultipleAllocations) {
      const { capacity = {} } = device;
      const fitsIn = ([name, amount]: [string, string]) => this.#shared.has(key, name, amount, capacity[name]!.value);
      if (!shares || !Object.entries(shares).every(fitsIn)) return false;
    } else if (this.#whole.has(key)) return false;
    return (device.consumesCounters ?? []).every(({ counterSet, counters }) => {
      const there = pool.counters.find(({ name }) => name === counterSet)?.counters ?? {};
      return Object.entries(counters).every(([name, { value }]) => {
        const most = there[name]?.value;
        return most !== undefined && this.#counters.has(ownerOf(pool, counterSet), name, value, most);
      });
    });
  }
  #constraintsOn(alternative: Alternative): ConstraintState[] {
    return this.#constraints.get(alternative.claim)!.filter((state) => state.concerns(alternative));
  }
  #constrain(alternative: Alternative, device: PoolDevice): boolean {
    const taken: ConstraintState[] = [];
    for (const state of this.#constraintsOn(alternative)) {
      if (state.take(device)) taken.push(state);
      else {
        for (const one of taken) one.undo();
        return false;
      }
    }
    return true;
  }
  #book(device: PoolDevice, shares: Shares | undefined, how: "take" | "giveBack"): void {
    if (shares) this.#share(device.key, shares, how);
    else if (how === "take") this.#whole.add(device.key);
    else this.#whole.delete(device.key);
    this.#count(device, how);
  }
  #share(key: string, shares: Shares, how: "take" | "giveBack"): void {
    for (const [name, amount] of Object.entries(shares)) this.#shared[how](key, name, amount);
  }
  #count({ device, pool }: PoolDevice, how: "take" | "giveBack"): void {
    for (const { counterSet, counters } of device.consumesCounters ?? []) {
      for (const [name, { value }] of Object.entries(counters))
        this.#counters[how](ownerOf(pool, counterSet), name, value);
    }
  }
}

const ownerOf = ({ driver, name }: Pool, counterSet: string) => `${driver}/${name}/${counterSet}`;
