import { deepEqual } from "../../apimachinery/equal.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject, OwnerReference } from "../../apimachinery/meta.ts";
import { isConflict, isNotFound } from "../../apimachinery/status.ts";
import { aborted, type Controller, type EventRecorder, type Runtime, WorkQueue } from "../../client/index.ts";
import {
  FOREGROUND,
  type Item,
  itemOf,
  ORPHAN,
  OwnershipGraph,
  orphansDependents,
  waitsForDependents,
} from "./graph.ts";
import { blockers, judge, type OwnerState } from "./plan.ts";

/** Deletes what nobody owns any more, and holds owners back or sets dependents free as deletions ask. */
export function garbageCollector(kinds: readonly Kind[]): Controller {
  const collected = kinds.filter(
    ({ kind, verbs }) =>
      kind !== "Event" && (["list", "watch", "delete", "patch"] as const).every((v) => verbs.includes(v)),
  );
  return {
    name: "garbage-collector",
    run: (runtime, signal) => new Collector(collected, runtime, signal).run(),
  };
}

class Collector {
  readonly #kinds: readonly Kind[];
  readonly #runtime: Runtime & { events: EventRecorder };
  readonly #signal: AbortSignal;
  readonly #graph = new OwnershipGraph();
  readonly #queue: WorkQueue;

  constructor(kinds: readonly Kind[], runtime: Runtime & { events: EventRecorder }, signal: AbortSignal) {
    this.#kinds = kinds;
    this.#runtime = runtime;
    this.#signal = signal;
    this.#queue = new WorkQueue({ clock: runtime.clock, workers: 20, process: (uid) => this.#process(uid) });
  }

  async run(): Promise<void> {
    const stops: (() => void)[] = [];
    try {
      const informers = this.#kinds.map((kind) => this.#runtime.informers.informer(kind));
      await Promise.all(informers.map((informer) => informer.whenSynced(this.#signal)));
      // All at once, before any work: an owner must not look absent because its kind comes later in the list.
      for (const informer of informers) stops.push(informer.subscribe(this.#handler(informer.kind)));
      await aborted(this.#signal);
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    } finally {
      for (const stop of stops) stop();
      await this.#queue.stop();
    }
  }

  #handler(kind: Kind) {
    return {
      added: (object: KubernetesObject) => this.#observe(itemOf(kind, object), undefined),
      updated: (object: KubernetesObject, old: KubernetesObject) => {
        // Most changes are of spec and status, which do not matter here.
        const before = itemOf(kind, old);
        const item = itemOf(kind, object);
        if (sameOwnership(before, item)) return;
        if (before.uid !== item.uid) this.#forget(before.uid);
        this.#observe(item, before);
      },
      deleted: (object: KubernetesObject) => this.#forget(object.metadata.uid ?? ""),
    };
  }

  #observe(item: Item, before: Item | undefined): void {
    this.#graph.put(item);
    if (before && !deepEqual(before.owners, item.owners)) this.#wakeWaitingOwners(before);
    const isNewlyLeaving = item.isLeaving && !deepEqual(before?.finalizers, item.finalizers);
    if ((isNewlyLeaving || !before) && (waitsForDependents(item) || orphansDependents(item))) this.#queue.add(item.uid);
    else if (item.owners.length > 0 && !item.owners.every((owner) => this.#isSolid(owner, item)))
      this.#queue.add(item.uid);
  }

  #forget(uid: string): void {
    const item = this.#graph.get(uid);
    if (!item) return;
    this.#graph.remove(uid);
    for (const dependent of this.#graph.dependents(uid)) this.#queue.add(dependent.uid);
    this.#wakeWaitingOwners(item);
  }

  /** Who waits for a dependent may go on when that is gone, or no longer holds it back. */
  #wakeWaitingOwners(item: Item): void {
    for (const { uid } of item.owners) {
      const owner = this.#graph.get(uid);
      if (owner && waitsForDependents(owner)) this.#queue.add(uid);
    }
  }

  async #process(uid: string): Promise<void> {
    const item = this.#graph.get(uid);
    if (!item) return;
    try {
      await this.#collect(item);
      this.#queue.forget(uid);
    } catch (error) {
      if (this.#signal.aborted) return;
      const { logger } = this.#runtime;
      const fields = { kind: item.kind.kind, namespace: item.namespace, name: item.name };
      // Someone else wrote first: it is looked at again, nothing is wrong.
      if (isConflict(error)) logger.debug("garbage collection met a newer version", fields);
      else logger.error("garbage collection failed", { ...fields, error });
      this.#queue.retry(uid);
    }
  }

  async #collect(item: Item): Promise<void> {
    if (orphansDependents(item)) return this.#orphan(item);
    if (waitsForDependents(item)) return this.#holdBack(item);
    if (item.isLeaving || item.owners.length === 0) return;
    // The copy may be old: only what the object says now counts.
    const live = await this.#live(item);
    if (!live) return;
    const states = new Map<OwnerReference, OwnerState>();
    const current = itemOf(item.kind, live);
    for (const owner of current.owners) states.set(owner, await this.#stateOf(owner, current));
    const verdict = judge(current, (owner) => states.get(owner) ?? "solid", this.#graph.dependents(item.uid));
    if (verdict.do === "nothing") return;
    if (verdict.do === "disown") return this.#patch(current, live, { ownerReferences: verdict.owners });
    if (verdict.unblock) await this.#unblock(current, live);
    await this.#delete(current, verdict.propagationPolicy);
  }

  /** Sets the dependents free, then the owner. */
  async #orphan(item: Item): Promise<void> {
    for (const dependent of this.#graph.dependents(item.uid)) {
      const live = await this.#live(dependent);
      const owners = live?.metadata.ownerReferences ?? [];
      const others = owners.filter((owner) => owner.uid !== item.uid);
      if (live && others.length < owners.length) await this.#patch(dependent, live, { ownerReferences: others });
    }
    await this.#dropFinalizer(item, ORPHAN);
  }

  /** Lets the owner go when nothing holds it any more; else sees to it that what holds it goes. */
  async #holdBack(item: Item): Promise<void> {
    const dependents = this.#graph.dependents(item.uid);
    if (blockers(item, dependents).length === 0) return this.#dropFinalizer(item, FOREGROUND);
    for (const dependent of dependents) {
      if (!dependent.isLeaving) this.#queue.add(dependent.uid);
    }
  }

  #isSolid(owner: OwnerReference, item: Item): boolean {
    const known = this.#graph.get(owner.uid);
    return known !== undefined && isNamedBy(known, owner, item) && !waitsForDependents(known);
  }

  async #stateOf(owner: OwnerReference, item: Item): Promise<OwnerState> {
    const known = this.#graph.get(owner.uid);
    if (known && isNamedBy(known, owner, item)) return waitsForDependents(known) ? "waiting" : "solid";
    const kind = this.#kinds.find((k) => k.kind === owner.kind && sameGroup(k, owner.apiVersion));
    // Nobody can say whether an owner of a kind that is not served still is: what it owns stays.
    if (!kind) return "solid";
    if (known) this.#reportWrongPlace(owner, item);
    if (kind.scope === "Namespaced" && !item.namespace) return "solid"; // a cluster-wide object cannot be owned from a namespace
    const namespace = kind.scope === "Namespaced" ? item.namespace : undefined;
    const live = await this.#read(kind, namespace, owner.name);
    return live?.metadata.uid === owner.uid ? "solid" : "absent";
  }

  #reportWrongPlace(owner: OwnerReference, item: Item): void {
    const object = {
      apiVersion: item.kind.apiVersion,
      kind: item.kind.kind,
      metadata: item,
    } as unknown as KubernetesObject;
    const reference = `${owner.apiVersion}/${owner.kind}, namespace: ${item.namespace ?? ""}, name: ${owner.name}, uid: ${owner.uid}`;
    const message = `ownerRef [${reference}] does not exist in namespace "${item.namespace ?? ""}"`;
    this.#runtime.events.event(object, "Warning", "OwnerRefInvalidNamespace", message);
  }

  async #live(item: Item): Promise<KubernetesObject | undefined> {
    const live = await this.#read(item.kind, item.namespace, item.name);
    return live?.metadata.uid === item.uid ? live : undefined;
  }

  async #read(kind: Kind, namespace: string | undefined, name: string): Promise<KubernetesObject | undefined> {
    try {
      return await this.#runtime.client.get(kind, { namespace, name });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #patch(item: Item, live: KubernetesObject, metadata: object): Promise<void> {
    const { uid, resourceVersion } = live.metadata;
    const patch = { metadata: { uid, resourceVersion, ...metadata } };
    try {
      await this.#runtime.client.patch(item.kind, item, "merge", patch);
    } catch (error) {
      if (!isNotFound(error)) throw error; // gone meanwhile
    }
  }

  async #dropFinalizer(item: Item, finalizer: string): Promise<void> {
    const live = await this.#live(item);
    const finalizers = live?.metadata.finalizers ?? [];
    if (!live || !finalizers.includes(finalizer)) return;
    await this.#patch(item, live, { finalizers: finalizers.filter((name) => name !== finalizer) });
  }

  async #unblock(item: Item, live: KubernetesObject): Promise<void> {
    const owners = item.owners.map((owner) =>
      owner.blockOwnerDeletion ? { ...owner, blockOwnerDeletion: false } : owner,
    );
    await this.#patch(item, live, { ownerReferences: owners });
  }

  async #delete(item: Item, propagationPolicy: "Foreground" | "Background" | "Orphan"): Promise<void> {
    try {
      await this.#runtime.client.delete(item.kind, item, { propagationPolicy, preconditions: { uid: item.uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error; // gone already, as wanted
    }
  }
}

function sameOwnership(a: Item, b: Item): boolean {
  const isSame = a.uid === b.uid && a.isLeaving === b.isLeaving;
  return isSame && deepEqual(a.owners, b.owners) && deepEqual(a.finalizers, b.finalizers);
}

function sameGroup(kind: Kind, apiVersion: string): boolean {
  const slash = apiVersion.indexOf("/");
  return kind.group === (slash < 0 ? "" : apiVersion.slice(0, slash));
}

/** Whether the object with the reference's UID is where the reference says it is. */
function isNamedBy(known: Item, owner: OwnerReference, item: Item): boolean {
  if (known.kind.kind !== owner.kind || known.name !== owner.name || !sameGroup(known.kind, owner.apiVersion))
    return false;
  return known.namespace === undefined || known.namespace === item.namespace;
}
