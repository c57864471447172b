import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { isConflict } from "../apimachinery/status.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import type { Client, ObjectKey } from "./client.ts";
import type { EventRecorder } from "./events.ts";
import type { Informer, Informers } from "./informer.ts";
import { type KindIdentity, keyOf, parseKey } from "./path.ts";
import { createView, type View } from "./view.ts";
import { WorkQueue } from "./workQueue.ts";
import { recordingClient, WrittenRevisions } from "./writes.ts";

/** What a reconcile answers: nothing more to do until something changes, or another look after a while. */
export type Outcome = { readonly after?: number };
export const done: Outcome = {};
/** Another look after `ms`, whatever happens until then. */
export const after = (ms: number): Outcome => ({ after: ms });

/** What all long-running parts are given. */
export interface Runtime {
  client: Client;
  informers: Informers;
  clock: Clock;
  random: Random;
  logger: Logger;
}

export interface ReconcileContext extends Omit<Runtime, "informers"> {
  /** What the informers know; never older than what this key's last reconcile wrote. */
  view: View;
  events: EventRecorder;
  signal: AbortSignal;
}

/** Which keys of a controller's own kind a change of another kind concerns. */
export interface Watch {
  kind: KindIdentity;
  start(informers: Informers, view: View, enqueue: (key: ObjectKey) => void): () => void;
}

/**
 * Wakes the objects that `keys` names when an object of `kind` changes; after a change, for the old and the new state.
 * `when` leaves out changes that make no difference.
 */
export function watch<T extends KubernetesObject>(
  kind: Kind<T>,
  keys: (object: T, view: View) => Iterable<ObjectKey>,
  when: (object: T, old: T) => boolean = () => true,
): Watch {
  return {
    kind,
    start(informers, view, enqueue) {
      const wake = (object: T) => {
        for (const key of keys(object, view)) enqueue(key);
      };
      const updated = (object: T, old: T) => {
        if (!when(object, old)) return;
        wake(old);
        wake(object);
      };
      return informers.informer(kind).subscribe({ added: wake, updated, deleted: wake });
    },
  };
}

export interface ControllerSpec<T extends KubernetesObject> {
  name: string;
  /** the kind whose objects are reconciled */
  for: Kind<T>;
  /** kinds whose objects have one of `for` as their controller; a change wakes the controller */
  owns?: readonly KindIdentity[];
  /** further kinds, and whom their changes wake */
  watches?: readonly Watch[];
  /** kinds that are only read through the view */
  reads?: readonly KindIdentity[];
  /** which changes of an object of `for` matter; default: all */
  when?(object: T, old: T): boolean;
  workers?: number;
  /** Adds indexes that reconcile needs. */
  prepare?(view: View): void;
  reconcile(object: T, context: ReconcileContext): Promise<Outcome>;
  /** The object of `for` with this key is gone. */
  gone?(key: ObjectKey, context: ReconcileContext): Promise<void>;
}

export interface Controller {
  readonly name: string;
  run(runtime: Runtime & { events: EventRecorder }, signal: AbortSignal): Promise<void>;
}

/** Obtain desired state, observe current state, determine the difference, reconcile it: this is the loop around that. */
export function controller<T extends KubernetesObject>(spec: ControllerSpec<T>): Controller {
  return { name: spec.name, run: (runtime, signal) => new Loop(spec, runtime, signal).run() };
}

class Loop<T extends KubernetesObject> {
  readonly #spec: ControllerSpec<T>;
  readonly #runtime: Runtime & { events: EventRecorder };
  readonly #signal: AbortSignal;
  readonly #logger: Logger;
  readonly #queue: WorkQueue;
  readonly #informers = new Map<string, Informer<KubernetesObject>>();
  readonly #main: Informer<T>;
  readonly #view: View;

  constructor(spec: ControllerSpec<T>, runtime: Runtime & { events: EventRecorder }, signal: AbortSignal) {
    this.#spec = spec;
    this.#runtime = runtime;
    this.#signal = signal;
    this.#logger = runtime.logger.with({ controller: spec.name });
    this.#main = runtime.informers.informer(spec.for);
    const kinds = [spec.for, ...(spec.owns ?? []), ...(spec.watches ?? []).map((w) => w.kind), ...(spec.reads ?? [])];
    for (const kind of kinds) this.#informers.set(kind.resource, runtime.informers.informer(kind as Kind));
    this.#view = createView(runtime.informers, spec.owns ?? []);
    const process = (key: string) => this.#process(key);
    this.#queue = new WorkQueue({ clock: runtime.clock, workers: spec.workers, process });
  }

  async run(): Promise<void> {
    const stops: (() => void)[] = [];
    try {
      this.#spec.prepare?.(this.#view);
      await Promise.all([...this.#informers.values()].map((informer) => informer.whenSynced(this.#signal)));
      stops.push(...this.#subscribe());
      await aborted(this.#signal);
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    } finally {
      for (const stop of stops) stop();
      await this.#queue.stop();
    }
  }

  #subscribe(): (() => void)[] {
    const { spec, enqueue } = { spec: this.#spec, enqueue: (key: string) => this.#queue.add(key) };
    const own = this.#main.subscribe({
      added: (object) => enqueue(keyOf(object)),
      updated: (object, old) => {
        if (old.metadata.uid !== object.metadata.uid || (spec.when?.(object, old) ?? true)) enqueue(keyOf(object));
      },
      deleted: (object) => spec.gone && enqueue(keyOf(object)),
    });
    const owned = (spec.owns ?? []).map((kind) => ownerWatch(kind, spec.for));
    const others = [...owned, ...(spec.watches ?? [])].map((w) =>
      w.start(this.#runtime.informers, this.#view, (key) => {
        if (spec.gone || this.#main.get(key)) enqueue(key.namespace ? `${key.namespace}/${key.name}` : key.name);
      }),
    );
    return [own, ...others];
  }

  async #process(key: string): Promise<void> {
    const writes = new WrittenRevisions((kind) => this.#informers.get(kind.resource));
    let wait: number | undefined;
    let failed = false;
    try {
      const outcome = await this.#reconcile(key, writes);
      wait = outcome.after;
    } catch (error) {
      failed = true;
      this.#report(key, error);
    }
    try {
      if (!writes.isSeen) await this.#queue.release(writes.seen(this.#signal));
    } catch (error) {
      if (!this.#signal.aborted) throw error;
      return;
    }
    if (failed) return this.#queue.retry(key);
    this.#queue.forget(key);
    if (wait !== undefined) this.#queue.addAfter(key, wait);
  }

  async #reconcile(key: string, writes: WrittenRevisions): Promise<Outcome> {
    const { client, clock, random, events } = this.#runtime;
    const context: ReconcileContext = {
      client: recordingClient(client, writes),
      clock,
      random,
      events,
      logger: this.#logger,
      view: this.#view,
      signal: this.#signal,
    };
    const object = this.#main.get(parseKey(key));
    if (object) return this.#spec.reconcile(object, context);
    await this.#spec.gone?.(parseKey(key), context);
    return done;
  }

  #report(key: string, error: unknown): void {
    if (this.#signal.aborted) return;
    // Someone else wrote first: a look at the newer state follows, nothing is wrong.
    if (isConflict(error))
      this.#logger.debug("reconcile met a newer version", { key, error: (error as Error).message });
    else this.#logger.error("reconcile failed", { key, error });
  }
}

/** Wakes an object when what it controls changes. */
function ownerWatch(kind: KindIdentity, owner: KindIdentity): Watch {
  return watch(kind as Kind, (object) => {
    const reference = object.metadata.ownerReferences?.find((r) => r.controller);
    if (reference?.kind !== owner.kind || !sameGroup(reference.apiVersion, owner.group)) return [];
    return [{ namespace: owner.scope === "Namespaced" ? object.metadata.namespace : undefined, name: reference.name }];
  });
}

function sameGroup(apiVersion: string, group: string): boolean {
  const slash = apiVersion.indexOf("/");
  return (slash < 0 ? "" : apiVersion.slice(0, slash)) === group;
}

/** Resolves when `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
