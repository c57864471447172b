/**
 * A store keeps bytes under keys, each write with a revision from one increasing sequence for the whole store, as in
 * etcd. It knows no kinds. Keys look like "/registry/pods/default/web"; prefixes end with "/".
 */
export interface Backend {
  /** The newest revision that reads can see. */
  revision(): number;
  get(key: string, options?: { revision?: number }): Promise<Entry | undefined>;
  /** Entries in key order, at one revision (the newest if none is given). Throws CompactedError or FutureRevisionError. */
  list(prefix: string, options?: { revision?: number; limit?: number; after?: string }): Promise<Page>;
  /** Resolves when durable. Throws KeyExistsError. */
  create(key: string, value: Uint8Array): Promise<number>;
  /** Resolves with the new revision when durable. Throws RevisionMismatchError when the key's revision is another, or 0 when it is gone. */
  update(key: string, value: Uint8Array, expected: number): Promise<number>;
  /** Resolves with the revision of the deletion when durable. Throws RevisionMismatchError. */
  delete(key: string, expected: number): Promise<number>;
  /**
   * Every change under `prefix` after `fromRevision`, in order, in batches; nothing is seen before it is durable.
   * Throws CompactedError when that is no longer kept. Ends when `signal` aborts.
   */
  watch(prefix: string, fromRevision: number, signal: AbortSignal): AsyncIterable<readonly Change[]>;
  /** Forgets history older than `revision`; current values stay. */
  compact(revision: number): Promise<void>;
  close(): Promise<void>;
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
