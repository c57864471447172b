import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Clock } from "../../util/clock.ts";
import { Entry } from "./entry.ts";
import { emptyTree, type Tree } from "./tree.ts";
import { type EventType, type Watcher, WatchNotice } from "./watcher.ts";
import { WatcherIndex } from "./watcherIndex.ts";

/** Events younger than this are kept, up to the limit, so that a list can be followed by a watch. */
const FRESH = 75_000;
const FEWEST = 128;
const MOST = 16_384;

/** One change of one object. */
export class CacheEvent {
  readonly key: string;
  readonly revision: number;
  /** the new state; undefined when deleted */
  readonly entry: Entry | undefined;
  readonly previous: Entry | undefined;
  readonly at: number;
  #notices: Partial<Record<EventType, WatchNotice>> = {};

  constructor(options: { key: string; revision: number; entry?: Entry; previous?: Entry; at: number }) {
    this.key = options.key;
    this.revision = options.revision;
    this.entry = options.entry;
    this.previous = options.previous;
    this.at = options.at;
  }
  /** What a watcher with this selection is told, if anything: leaving a selection is a deletion, entering it an addition. */
  noticeFor(matches: ((entry: Entry) => boolean) | undefined): WatchNotice | undefined {
    const now = this.entry !== undefined && (!matches || matches(this.entry));
    const before = this.previous !== undefined && (!matches || matches(this.previous));
    if (now) return this.notice(before ? "MODIFIED" : "ADDED");
    return before ? this.notice("DELETED") : undefined;
  }
  notice(type: "ADDED" | "MODIFIED" | "DELETED"): WatchNotice {
    let notice = this.#notices[type];
    if (!notice) {
      notice = new WatchNotice(type, type === "DELETED" ? lastState(this.previous!, this.revision) : this.entry!);
      this.#notices[type] = notice;
    }
    return notice;
  }
}

/** The state before a deletion, under the deletion's version, so that a watch can be resumed from it. */
function lastState(previous: Entry, revision: number): Entry {
  const metadata = Object.freeze({ ...previous.object.metadata, resourceVersion: String(revision) });
  const object: KubernetesObject = Object.freeze({ ...previous.object, metadata });
  return new Entry({ kind: previous.kind, key: previous.key, revision, object });
}

/** The current objects of one stored kind, its recent history and its watchers. Fed in order of revision. */
export class ResourceCache {
  readonly kind: Kind;
  readonly watchers: WatcherIndex;
  #tree: Tree = emptyTree();
  /** the same entries; a tree is slow to ask for one */
  #byKey = new Map<string, Entry>();
  #history: CacheEvent[] = [];
  /** events up to and with this revision are no longer known */
  #floor: number;
  #clock: Clock;
  #listeners: ((event: CacheEvent) => void)[] = [];
  /** revision of the newest change of this kind */
  changed: number;

  constructor(kind: Kind, clock: Clock, revision: number) {
    this.kind = kind;
    this.#clock = clock;
    this.#floor = revision;
    this.changed = revision;
    this.watchers = new WatcherIndex(kind);
  }
  get(key: string): Entry | undefined {
    return this.#byKey.get(key);
  }
  get size(): number {
    return this.#tree.size;
  }
  /** The current objects; a copy that later changes do not reach, and costs next to nothing. */
  snapshot(): Tree {
    return this.#tree.clone();
  }
  /** For reading at once, without keeping. */
  get current(): Tree {
    return this.#tree;
  }
  get floor(): number {
    return this.#floor;
  }
  /** The objects as they were at `revision`, or undefined when history does not reach back that far. */
  at(revision: number): Tree | undefined {
    if (revision < this.#floor) return undefined;
    const tree = this.#tree.clone();
    for (let i = this.#history.length - 1; i >= 0 && this.#history[i]!.revision > revision; i--) {
      const event = this.#history[i]!;
      if (event.previous) tree.set(event.key, event.previous);
      else tree.delete(event.key);
    }
    return tree;
  }
  /** Events after `revision`, or undefined when history does not reach back that far. */
  since(revision: number): readonly CacheEvent[] | undefined {
    if (revision < this.#floor) return undefined;
    let from = this.#history.length;
    while (from > 0 && this.#history[from - 1]!.revision > revision) from--;
    return this.#history.slice(from);
  }
  /** Takes in what the store held at the start; `began` follows. */
  load(entry: Entry): void {
    this.#tree.set(entry.key, entry);
    this.#byKey.set(entry.key, entry);
  }
  /** What was loaded is the state at `revision`; nothing is known of what came before. */
  began(revision: number): void {
    this.#history = [];
    this.#floor = revision;
    this.changed = revision;
  }
  /** Takes in the whole state again, after changes were missed: watches cannot go on, and end. */
  reload(entries: readonly Entry[], revision: number): void {
    for (const watcher of [...this.watchers]) watcher.close();
    const keys = new Set(entries.map(({ key }) => key));
    for (const key of [...this.#byKey.keys()]) if (!keys.has(key)) this.remove(key, revision);
    for (const entry of entries) if (this.#byKey.get(entry.key)?.revision !== entry.revision) this.put(entry);
    this.began(revision);
  }
  put(entry: Entry): void {
    const previous = this.#byKey.get(entry.key);
    this.#tree.set(entry.key, entry);
    this.#byKey.set(entry.key, entry);
    this.#record(new CacheEvent({ key: entry.key, revision: entry.revision, entry, previous, at: this.#clock.now() }));
  }
  remove(key: string, revision: number): void {
    const previous = this.#byKey.get(key);
    if (!previous) return;
    this.#tree.delete(key);
    this.#byKey.delete(key);
    this.#record(new CacheEvent({ key, revision, previous, at: this.#clock.now() }));
  }
  /** Tells `listener` of each change, before watchers and writers hear of it. For the server's own indexes. */
  onChange(listener: (event: CacheEvent) => void): void {
    this.#listeners.push(listener);
  }
  #record(event: CacheEvent): void {
    this.changed = event.revision;
    this.#history.push(event);
    if (this.#history.length > FEWEST) this.#forget(event.at);
    for (const listener of this.#listeners) listener(event);
    this.watchers.notify(event);
  }
  #forget(now: number): void {
    const history = this.#history;
    // Trimming in bulk keeps it cheap: shifting an array once per event is not.
    if (history.length < MOST + 1024 && now - history[history.length >> 1]!.at < FRESH) return;
    let drop = 0;
    while (history.length - drop > FEWEST && (history.length - drop > MOST || now - history[drop]!.at > FRESH)) drop++;
    if (drop === 0) return;
    this.#floor = history[drop - 1]!.revision;
    this.#history = history.slice(drop);
  }
  register(watcher: Watcher): void {
    this.watchers.add(watcher);
    watcher.onClose(() => this.watchers.remove(watcher));
  }
}
