/** A change without its value: values lie in the log, by revision. */
export interface PastChange {
  readonly revision: number;
  readonly key: string;
  /** the revision that this one replaced; 0 when the key was created */
  readonly previous: number;
  readonly deleted: boolean;
}

/**
 * The changes since the last compaction, one for each revision without a hole, so that a revision's place is a
 * subtraction. Parallel arrays, because there are many and each is small.
 */
export class History {
  #keys: string[] = [];
  #previous: number[] = [];
  /** negative for a deletion */
  #sizes: number[] = [];
  /** where the oldest kept change stands in the arrays */
  #head = 0;
  #bytes = 0;
  #compacted: number;

  /** `compacted` is the newest revision of which nothing is kept. */
  constructor(compacted: number) {
    this.#compacted = compacted;
  }
  get compacted(): number {
    return this.#compacted;
  }
  /** The newest revision. */
  get newest(): number {
    return this.#compacted + this.length;
  }
  get length(): number {
    return this.#keys.length - this.#head;
  }
  /** The bytes of all values kept, roughly. */
  get bytes(): number {
    return this.#bytes;
  }
  /** Adds the change of the next revision. */
  push(key: string, previous: number, deleted: boolean, size: number): void {
    this.#keys.push(key);
    this.#previous.push(previous);
    this.#sizes.push(deleted ? -size - 1 : size);
    this.#bytes += size;
  }
  at(revision: number): PastChange {
    const i = this.#place(revision);
    return { revision, key: this.#keys[i]!, previous: this.#previous[i]!, deleted: this.#sizes[i]! < 0 };
  }
  keyAt(revision: number): string {
    return this.#keys[this.#place(revision)]!;
  }
  /** What keys under `prefix` that changed after `revision` were at it: their revision then, or 0 for none. */
  before(revision: number, prefix: string): Map<string, number> {
    const then = new Map<string, number>();
    for (let i = this.#place(revision + 1); i < this.#keys.length; i++) {
      const key = this.#keys[i]!;
      if (key.startsWith(prefix) && !then.has(key)) then.set(key, this.#previous[i]!);
    }
    return then;
  }
  /** Forgets changes up to `revision`; answers the revisions whose values nobody can ask for any more. */
  dropThrough(revision: number): number[] {
    const forget: number[] = [];
    for (let r = this.#compacted + 1; r <= revision; r++) {
      const i = this.#place(r);
      const size = this.#sizes[i]!;
      if (this.#previous[i] !== 0) forget.push(this.#previous[i]!);
      if (size < 0) forget.push(r);
      this.#bytes -= size < 0 ? -size - 1 : size;
    }
    this.#head += Math.max(0, revision - this.#compacted);
    this.#compacted = Math.max(this.#compacted, revision);
    this.#shrink();
    return forget;
  }
  #place(revision: number): number {
    return this.#head + revision - this.#compacted - 1;
  }
  #shrink(): void {
    if (this.#head < 1024 || this.#head * 2 < this.#keys.length) return;
    this.#keys = this.#keys.slice(this.#head);
    this.#previous = this.#previous.slice(this.#head);
    this.#sizes = this.#sizes.slice(this.#head);
    this.#head = 0;
  }
}
