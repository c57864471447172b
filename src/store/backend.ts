/**
 * A store keeps bytes under keys, each write with a revision from one increasing sequence for the whole store, as in
 * etcd. It knows no kinds. Keys look like "/registry/pods/default/web"; prefixes end with "/".
 */
export interface Backend {
  /** The newest revision that reads in this process are known to see. */
  revision(): number;
  /**
   * A revision at or after everything that was acknowledged, to whomever, before the call. Engines that own their store
   * know it at once; others ask. Throws StoreUnavailableError.
   */
  latest(): number | Promise<number>;
  get(key: string, options?: { revision?: number }): Promise<Entry | undefined>;
  /** Entries in key order, at one revision (the newest if none is given). Throws CompactedError or FutureRevisionError. */
  list(prefix: string, options?: { revision?: number; limit?: number; after?: string }): Promise<Page>;
  /** Resolves when durable. Throws KeyExistsError; and, as all writes may, GuardError and OutcomeUnknownError. */
  create(key: string, value: Uint8Array, guard?: Guard): Promise<number>;
  /** Resolves with the new revision when durable. Throws RevisionMismatchError when the key's revision is another, or 0 when it is gone. */
  update(key: string, value: Uint8Array, expected: number, guard?: Guard): Promise<number>;
  /** Resolves with the revision of the deletion when durable. Throws RevisionMismatchError. */
  delete(key: string, expected: number, guard?: Guard): Promise<number>;
  /**
   * Every change under `prefix` after `fromRevision`, in order, in batches; nothing is seen before it is durable.
   * Throws CompactedError when that is no longer kept. Ends when `signal` aborts.
   */
  watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncIterable<readonly Change[]>;
  /** Forgets history older than `revision`; current values stay. */
  compact(revision: number): Promise<void>;
  /** It forgets old history by itself, in step with others that use the same store. */
  readonly compactsItself?: boolean;
  /** Other processes write to the same store. */
  readonly shared?: boolean;
  /** What is wrong with the store, in words for a health check; undefined: nothing is known to be. */
  trouble?(): string | undefined;
  close(): Promise<void>;
}

/** A write is only done while `key` is still at `revision`: how a leader's writes end with its leadership. */
export interface Guard {
  readonly key: string;
  readonly revision: number;
}

export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  /** the revision of the last write of this key */
  readonly revision: number;
}

export interface Page {
  readonly revision: number;
  readonly entries: readonly Entry[];
  /** how many entries follow the page */
  readonly remaining: number;
}

export type Change =
  | {
      readonly type: "put";
      readonly key: string;
      readonly revision: number;
      readonly value: Uint8Array;
      readonly created: boolean;
    }
  | { readonly type: "delete"; readonly key: string; readonly revision: number; readonly previous: Uint8Array };

export class KeyExistsError extends Error {
  readonly current: Entry;
  constructor(current: Entry) {
    super(`key exists: ${current.key}`);
    this.current = current;
  }
}
export class RevisionMismatchError extends Error {
  /** what is there now, or undefined when the key is gone */
  readonly current: Entry | undefined;
  constructor(key: string, current: Entry | undefined) {
    super(current ? `key ${key} is at revision ${current.revision}` : `key ${key} does not exist`);
    this.current = current;
  }
}
/** The guard's key is at another revision; nothing was written. */
export class GuardError extends Error {
  constructor(guard: Guard) {
    super(`${guard.key} is no longer at revision ${guard.revision}`);
  }
}
export class CompactedError extends Error {
  readonly compacted: number;
  constructor(compacted: number) {
    super(`revisions up to ${compacted} are no longer kept`);
    this.compacted = compacted;
  }
}
export class FutureRevisionError extends Error {
  readonly current: number;
  constructor(asked: number, current: number) {
    super(`revision ${asked} is not yet reached; the newest is ${current}`);
    this.current = current;
  }
}
