import { type Amounts, parseAmounts, ResourceQuota } from "../../api/core/v1/index.ts";
import { internalError } from "../../apimachinery/errors.ts";
import { draft } from "../../apimachinery/freeze.ts";
import { trackUpdate } from "../../apimachinery/managedFields/index.ts";
import { RevisionMismatchError } from "../../store/backend.ts";
import { type Entry, encodeStored } from "../cache/entry.ts";
import { prefixOf } from "../cache/watchCache.ts";
import type { Registry } from "../registry/registry.ts";
import { namespaced } from "./namespaced.ts";
import { isForShow, type Purchase, usedAfter } from "./quotaBill.ts";

const MANAGER = "kube-apiserver";
/** Others (another API server, the controller) may write the same quota at the same time. */
const ATTEMPTS = 64;

export const quotasOf = (registry: Registry, namespace: string): Entry[] =>
  namespaced(registry, ResourceQuota, namespace).filter(
    ({ object }) => object.metadata.deletionTimestamp === undefined,
  );

interface Waiting {
  readonly purchase: Purchase;
  /** keys of the quotas that have been charged */
  readonly paid: Set<string>;
  resolve(): void;
  reject(error: unknown): void;
}

/** What one quota is charged in one go, and for whom. */
interface Bill {
  readonly entry: Entry;
  used: Amounts;
  readonly payers: Waiting[];
}

/**
 * Charges quotas. In each namespace, who comes while a charge is being written waits, and all who wait are charged
 * together: one write to the store for as many as ask at once.
 */
export class QuotaTill {
  readonly #registry: Registry;
  readonly #queues = new Map<string, Waiting[]>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Resolves when every quota has been charged; rejects when one of them does not allow it. */
  charge(purchase: Purchase): Promise<void> {
    const { namespace } = purchase.write;
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { purchase, paid: new Set(), resolve, reject };
      const queue = this.#queues.get(namespace);
      if (queue) queue.push(waiting);
      else {
        this.#queues.set(namespace, [waiting]);
        void this.#serve(namespace);
      }
    });
  }

  async #serve(namespace: string): Promise<void> {
    const queue = this.#queues.get(namespace)!;
    while (queue.length > 0) {
      const batch = queue.splice(0);
      try {
        await this.#settle(namespace, batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#queues.delete(namespace);
  }

  async #settle(namespace: string, batch: readonly Waiting[]): Promise<void> {
    let left = batch;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      await this.#registry.cache.consistent();
      const { bills, accepted } = accounts(quotasOf(this.#registry, namespace), left);
      left = accepted;
      if (await this.#pay(bills)) {
        for (const { resolve } of left) resolve();
        return;
      }
    }
    throw internalError(`Could not check and update the quotas of ${namespace}: others kept changing them`);
  }

  /** Writes what each quota is charged; false when one of them has changed meanwhile. */
  async #pay(bills: readonly Bill[]): Promise<boolean> {
    for (const { entry, used, payers } of bills) {
      try {
        await this.#store(entry, used);
      } catch (error) {
        if (!(error instanceof RevisionMismatchError)) throw error;
        return false;
      }
      for (const { paid } of payers) paid.add(entry.key);
    }
    return true;
  }

  async #store(live: Entry, used: Amounts): Promise<void> {
    const { cache, clock } = this.#registry;
    const old = live.object as ResourceQuota;
    const quota = draft(old) as ResourceQuota;
    const amounts = Object.entries(used).map(([name, amount]) => [name, amount.toString()] as const);
    quota.status = { ...quota.status, used: Object.fromEntries(amounts) };
    const now = clock.now();
    const tracked = { kind: ResourceQuota, live: old, updated: quota, manager: MANAGER, subresource: "status", now };
    quota.metadata.managedFields = trackUpdate(tracked);
    const bytes = encodeStored(ResourceQuota as never, quota);
    cache.expect(bytes, quota);
    const revision = await cache.backend.update(prefixOf(ResourceQuota as never) + live.key, bytes, live.revision);
    await cache.reached(revision);
  }
}

/** One after the other, each on top of those before; who asks for too much is told so, and counts for nothing. */
function accounts(quotas: readonly Entry[], asking: readonly Waiting[]): { bills: Bill[]; accepted: Waiting[] } {
  const bills = new Map(
    quotas.map((entry): [string, Bill] => {
      const used = parseAmounts((entry.object as ResourceQuota).status.used);
      return [entry.key, { entry, used, payers: [] }];
    }),
  );
  const accepted = asking.filter((waiting) => {
    const changes: [Bill, Amounts][] = [];
    try {
      for (const bill of bills.values()) {
        if (waiting.paid.has(bill.entry.key)) continue;
        const used = usedAfter(waiting.purchase, bill.entry.object as ResourceQuota, bill.used);
        if (used) changes.push([bill, used]);
      }
    } catch (error) {
      waiting.reject(error);
      return false;
    }
    if (isForShow(waiting.purchase)) return true;
    for (const [bill, used] of changes) {
      bill.used = used;
      bill.payers.push(waiting);
    }
    return true;
  });
  return { bills: [...bills.values()].filter(({ payers }) => payers.length > 0), accepted };
}
