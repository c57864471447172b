import type { Selector } from "../../apimachinery/selectors.ts";
import type { StatusError } from "../../apimachinery/status.ts";
import type { Entry } from "./entry.ts";

export type EventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";

/** What one watcher is told. The same object is shared by all watchers that are told the same, and so are its bytes. */
export class WatchNotice {
  readonly type: EventType;
  readonly entry: Entry;
  #json: Buffer | undefined;
  constructor(type: EventType, entry: Entry) {
    this.type = type;
    this.entry = entry;
  }
  /** The event as a line of a JSON watch. */
  get json(): Buffer {
    this.#json ??= Buffer.concat([Buffer.from(`{"type":"${this.type}","object":`), this.entry.json, NEWLINE]);
    return this.#json;
  }
}
const NEWLINE = Buffer.from("}\n");

/** Which objects a watcher sees. */
export interface WatchScope {
  /** all namespaces when left out */
  readonly namespace?: string;
  readonly name?: string;
  /** an indexed field, such as spec.nodeName, and the value it must have */
  readonly indexed?: { readonly field: string; readonly value: string };
  /** every condition, those of the index included; undefined: everything in the namespace */
  readonly matches?: (entry: Entry) => boolean;
  readonly labels?: Selector;
}

/** More events than this waiting for one watcher, and it is cut off. */
const QUEUE_LIMIT = 20_000;

/**
 * One watch: a queue between the cache, which must never wait, and a reader with its own pace. It ends when closed by
 * either side; a reader that falls too far behind is cut off and has to list again.
 */
export class Watcher {
  readonly scope: WatchScope;
  /** the revision up to which everything has been queued */
  revision = 0;
  readonly bookmarks: boolean;
  #queue: WatchNotice[] = [];
  /** how many of the queue are initial, and so do not count */
  #exempt = 0;
  #waiting: (() => void) | undefined;
  #closed = false;
  #error: StatusError | undefined;
  #onClose: (() => void)[] = [];

  constructor(scope: WatchScope, bookmarks: boolean) {
    this.scope = scope;
    this.bookmarks = bookmarks;
  }
  get closed(): boolean {
    return this.#closed;
  }
  push(notice: WatchNotice): void {
    if (this.#closed) return;
    this.#queue.push(notice);
    if (this.#queue.length - this.#exempt > QUEUE_LIMIT) this.close();
    else this.#wake();
  }
  /** What exists already; exempt from the limit. */
  pushInitial(notices: readonly WatchNotice[]): void {
    for (const notice of notices) this.#queue.push(notice);
    this.#exempt += notices.length;
    this.#wake();
  }
  onClose(run: () => void): void {
    if (this.#closed) run();
    else this.#onClose.push(run);
  }
  /** Ends the watch; with an error, the reader is told why after it has read what is queued. */
  close(error?: StatusError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#error = error;
    for (const run of this.#onClose) run();
    this.#wake();
  }
  /** Everything that waits; when nothing does: "ended" after the end, an error once if there was one, or undefined. */
  take(): readonly WatchNotice[] | StatusError | "ended" | undefined {
    if (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      this.#exempt = 0;
      return batch;
    }
    if (!this.#closed) return undefined;
    const error = this.#error;
    this.#error = undefined;
    return error ?? "ended";
  }
  /** Calls `ready` the next time that there is something to take. Must return at once. */
  whenReady(ready: () => void): void {
    if (this.#queue.length > 0 || this.#closed) ready();
    else this.#waiting = ready;
  }
  /** Everything that waits, once there is something; undefined when the watch has ended. */
  async next(): Promise<readonly WatchNotice[] | StatusError | undefined> {
    for (;;) {
      const batch = this.take();
      if (batch === "ended") return undefined;
      if (batch !== undefined) return batch;
      await new Promise<void>((resolve) => this.whenReady(resolve));
    }
  }
  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}
