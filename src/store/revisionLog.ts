/** One change as it is kept: no value is a deletion. */
export interface LogRecord {
  readonly revision: number;
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

export interface LogBatch {
  readonly records: readonly LogRecord[];
  /** revisions that nobody can ask for any more */
  readonly forget: readonly number[];
  /** the newest revision of which history is no longer kept */
  readonly compacted: number;
  /** revisions whose values the caller wants back, as they were before `forget` */
  readonly fetch: readonly number[];
}

/**
 * What an engine has to bring: values kept by revision. The ledger above decides everything else, so engines differ only
 * in where bytes lie. Calls take effect in the order in which they are made.
 */
export interface RevisionLog {
  /** Keeps all or nothing of the batch; resolves when durable, with the values of `fetch`. */
  append(batch: LogBatch): Promise<readonly Uint8Array[]>;
  /** The values of these revisions, each of which must be a put that is still kept. */
  read(revisions: readonly number[]): Promise<readonly Uint8Array[]>;
  close(): Promise<void>;
}

/** A record without its value, as an engine finds it when it opens. */
export interface KeptRecord {
  readonly revision: number;
  readonly key: string;
  readonly deleted: boolean;
  readonly size: number;
}

/** What an engine finds when it opens; an empty one has revision 1, so that no list is ever at revision 0. */
export interface Kept {
  /** in order of revision */
  readonly records: Iterable<KeptRecord>;
  readonly compacted: number;
}

/** The revision of a store in which nothing was ever written, as in etcd. */
export const FIRST_REVISION = 1;
