import type { Change } from "../backend.ts";

/** What our keys begin with, and what they begin with in etcd instead. */
export interface Renamed {
  readonly from: string;
  readonly to: string;
}

/** The name of every key that is not ours: others may keep things in the same etcd. */
const FOREIGN = "\0";

/** Our keys by their names in etcd, where several clusters may each have a part. */
export class Keys {
  readonly #renamed: Renamed | undefined;

  constructor(renamed?: Renamed) {
    if (renamed && renamed.from !== renamed.to) this.#renamed = renamed;
  }
  /** A key, or the beginning of keys. Less than what all of ours begin with is everything there is. */
  out(key: string): string {
    if (!this.#renamed) return key;
    const { from, to } = this.#renamed;
    return key.startsWith(from) ? to + key.slice(from.length) : "";
  }
  in(key: string): string {
    if (!this.#renamed) return key;
    const { from, to } = this.#renamed;
    return key.startsWith(to) ? from + key.slice(to.length) : FOREIGN;
  }
  /** Those of others, too: by them one learns which revision has been reached. */
  changes(changes: readonly Change[]): readonly Change[] {
    if (!this.#renamed) return changes;
    return changes.map((change) => ({ ...change, key: this.in(change.key) }));
  }
}
