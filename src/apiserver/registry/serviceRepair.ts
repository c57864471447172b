import { Service } from "../../api/core/v1/index.ts";
import { IPAddress } from "../../api/networking/v1/index.ts";
import { parseTime } from "../../apimachinery/time.ts";
import type { Timer } from "../../util/clock.ts";
import { PORTS_PREFIX, portsOf, readTakenPort, type TakenPort } from "./nodePorts.ts";
import type { Registry } from "./registry.ts";
import { keyOf } from "./resource.ts";
import { addressesOf, type Holder, MANAGED_BY, MANAGED_BY_LABEL } from "./serviceAddresses.ts";

const EVERY = 180_000;
/** A Service may just be being written for which something was taken. */
const YOUNG = 60_000;

/** What is taken, by whom, and since when. */
interface Taken<T> {
  readonly what: T;
  readonly holder: Holder;
  readonly at: number;
}

/** What Services have without its being marked as taken, and what is marked for Services that have it no more. */
export interface Repair<T> {
  readonly missing: readonly { what: T; holder: Holder }[];
  readonly leftOver: readonly Taken<T>[];
}

const holderOf = ({ metadata }: Service): Holder => ({ namespace: metadata.namespace!, name: metadata.name! });

export function planRepair<T>(
  services: readonly Service[],
  needs: (service: Service) => Iterable<T>,
  taken: readonly Taken<T>[],
  now: number,
): Repair<T> {
  const byWhat = new Map(taken.map((one) => [one.what, one]));
  const missing: { what: T; holder: Holder }[] = [];
  const needed = new Set<T>();
  for (const service of services) {
    const holder = holderOf(service);
    for (const what of needs(service)) {
      const { holder: marked } = byWhat.get(what) ?? {};
      if (!marked) missing.push({ what, holder });
      if (!marked || (marked.name === holder.name && marked.namespace === holder.namespace)) needed.add(what);
    }
  }
  return { missing, leftOver: taken.filter(({ what, at }) => !needed.has(what) && now - at >= YOUNG) };
}

function takenAddresses(registry: Registry): Taken<string>[] {
  return [...registry.cache.of(IPAddress as never).current.values()]
    .map(({ object }) => object as IPAddress)
    .filter(({ metadata, spec }) => metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY && spec.parentRef !== undefined)
    .map(({ metadata, spec }) => ({
      what: metadata.name!,
      holder: { namespace: spec.parentRef!.namespace ?? "", name: spec.parentRef!.name },
      at: parseTime(metadata.creationTimestamp!),
    }));
}

async function takenPorts(registry: Registry): Promise<Taken<number>[]> {
  const { entries } = await registry.cache.backend.list(PORTS_PREFIX);
  return entries.map(readTakenPort).map((taken: TakenPort) => ({ what: taken.port, holder: taken, at: taken.at }));
}

/** Brings what is marked as taken and what Services have together again, after crashes and hands in the store. */
export async function repairServices(registry: Registry): Promise<void> {
  const { allocators, clock, logger, cache } = registry;
  const ports = await takenPorts(registry);
  await cache.consistent();
  const services = [...cache.of(Service as never).current.values()].map(({ object }) => object as Service);
  const addressPlan = planRepair(services, addressesOf, takenAddresses(registry), clock.now());
  const portPlan = planRepair(services, portsOf, ports, clock.now());
  const told = (text: string, { what, holder }: { what: unknown; holder: Holder }) =>
    logger.warn(text, { what, service: keyOf(holder.namespace, holder.name) });
  for (const one of addressPlan.missing) {
    if (await allocators.addresses.take(registry, one.what, one.holder)) told("cluster IP was not allocated", one);
  }
  for (const one of portPlan.missing) {
    if (await allocators.ports.take(registry, one.what, one.holder)) told("node port was not allocated", one);
  }
  for (const one of addressPlan.leftOver) {
    told("cluster IP has no Service", one);
    await allocators.addresses.free(registry, one.what, one.holder);
  }
  for (const one of portPlan.leftOver) {
    told("node port has no Service", one);
    await allocators.ports.free(registry, one.what, one.holder);
  }
}

/** Repairs now and every three minutes. Answers how to stop. */
export async function keepRepairing(registry: Registry): Promise<() => void> {
  await repairServices(registry);
  let timer: Timer | undefined;
  const plan = () => {
    timer = registry.clock.setTimer(EVERY, () => {
      repairServices(registry).catch((error: unknown) => {
        registry.logger.warn("could not repair what Services have taken", { error });
      });
      plan();
    });
  };
  plan();
  return () => timer?.cancel();
}
