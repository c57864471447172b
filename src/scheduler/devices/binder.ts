import type { Pod } from "../../api/core/v1/index.ts";
import {
  type AllocationResult,
  CLAIM_FINALIZER,
  consumerOf,
  type DeviceRequestAllocationResult,
  isReservedFor,
  ResourceClaim,
} from "../../api/resource/v1/index.ts";
import { isConflict } from "../../apimachinery/status.ts";
import type { Client } from "../../client/client.ts";
import type { Informers } from "../../client/informer.ts";
import type { Clock } from "../../util/clock.ts";
import type { DeviceView } from "./view.ts";

export interface DeviceBinderOptions {
  client: Client;
  informers: Informers;
  clock: Clock;
  view: DeviceView;
}

/** What a decision gives a claim; no allocation: it has one already, and the Pod is only to be let in. */
export interface Grant {
  readonly claim: ResourceClaim;
  readonly allocation?: AllocationResult | undefined;
}

const ATTEMPTS = 5;
/** How long drivers may take to make devices ready. */
const READY_WITHIN = 600_000;

/** Writes what was decided about devices. */
export class DeviceBinder {
  readonly #options: DeviceBinderOptions;

  constructor(options: DeviceBinderOptions) {
    this.#options = options;
  }

  async bind(pod: Pod, grants: readonly Grant[], signal: AbortSignal): Promise<void> {
    for (const grant of grants) await this.#grant(pod, grant);
    for (const { claim } of grants) await this.#untilReady(claim, signal);
  }

  /** The Pod is not bound after all: others may have what it was let in to, and devices that nobody else uses. */
  async giveBack(pod: Pod, grants: readonly Grant[]): Promise<void> {
    for (const { claim } of grants) {
      await this.#change(claim, (found) => {
        if (!isReservedFor(found, pod)) return undefined;
        const reservedFor = found.status.reservedFor?.filter(({ uid }) => uid !== pod.metadata.uid) ?? [];
        return reservedFor.length > 0 ? { ...found.status, reservedFor } : {};
      });
    }
  }

  async #grant(pod: Pod, { claim, allocation }: Grant): Promise<void> {
    if (allocation) await this.#protect(claim);
    await this.#change(claim, (found) => {
      if (!found.status.allocation && !allocation) throw new Error(`claim ${claim.metadata.name} lost its devices`);
      if (found.status.allocation && isReservedFor(found, pod)) return undefined;
      const reservedFor = [
        ...(found.status.reservedFor ?? []),
        ...(isReservedFor(found, pod) ? [] : [consumerOf(pod)]),
      ];
      return { ...found.status, allocation: found.status.allocation ?? allocation, reservedFor };
    });
  }

  async #protect({ metadata }: ResourceClaim): Promise<void> {
    if (metadata.finalizers?.includes(CLAIM_FINALIZER)) return;
    const { namespace, name, uid } = metadata;
    const patch = { metadata: { uid, finalizers: [...(metadata.finalizers ?? []), CLAIM_FINALIZER] } };
    await this.#options.client.patch(ResourceClaim, { namespace, name: name! }, "merge", patch);
  }

  /** Writes a status that follows from the newest one; undefined: it is right already. */
  async #change(
    { metadata }: ResourceClaim,
    change: (found: ResourceClaim) => ResourceClaim["status"] | undefined,
  ): Promise<void> {
    const { client } = this.#options;
    const { namespace, name, uid } = metadata;
    for (let attempt = 1; ; attempt++) {
      const found = await client.get(ResourceClaim, { namespace, name: name! });
      if (found.metadata.uid !== uid) throw new Error(`claim ${name} was replaced by another`);
      const status = change(found);
      if (!status) return;
      try {
        await client.update(ResourceClaim, { ...found, status } as ResourceClaim, { subresource: "status" });
        return;
      } catch (error) {
        if (!isConflict(error) || attempt >= ATTEMPTS) throw error;
      }
    }
  }

  /** Waits for what some devices need before a Pod may be bound. */
  async #untilReady({ metadata }: ResourceClaim, signal: AbortSignal): Promise<void> {
    const { client, informers, clock } = this.#options;
    const { namespace, name } = metadata;
    const first = await client.get(ResourceClaim, { namespace, name: name! });
    if (readiness(first) === true) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (claim: ResourceClaim) => {
      if (claim.metadata.uid !== metadata.uid || !claim.status.allocation) return;
      const ready = readiness(claim);
      if (ready === true) resolve();
      else if (ready !== false) reject(new Error(ready));
    };
    const timer = clock.setTimer(READY_WITHIN, () =>
      reject(new Error(`claim ${name}: its devices are not ready in time`)),
    );
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    const unsubscribe = informers.informer(ResourceClaim).subscribe({ added: look, updated: (now) => look(now) });
    look(first);
    await promise.finally(() => {
      timer.cancel();
      unsubscribe();
      signal.removeEventListener("abort", stop);
    });
  }
}

/** Whether all devices may be used; a text says that one never will. */
function readiness({ status }: ResourceClaim): boolean | string {
  const states = (status.allocation?.devices.results ?? []).map((result) => deviceReadiness(result, status));
  return states.find((state) => typeof state === "string") ?? states.every((state) => state === true);
}

function deviceReadiness(
  { driver, pool, device, bindingConditions = [], bindingFailureConditions = [] }: DeviceRequestAllocationResult,
  { devices = [] }: ResourceClaim["status"],
): boolean | string {
  const told = devices.find((one) => one.driver === driver && one.pool === pool && one.device === device);
  const holds = (type: string) => told?.conditions?.some((one) => one.type === type && one.status === "True") ?? false;
  const failed = bindingFailureConditions.find(holds);
  return failed ? `device ${driver}/${pool}/${device} cannot be used: ${failed}` : bindingConditions.every(holds);
}
