import type { Change } from "../backend.ts";

/**
 * The bytes that this process has just written, so that a watch hands on those very bytes when they come back: the API
 * server then knows the object already and need not parse it.
 */
export class OwnWrites {
  #values = new Map<string, Uint8Array>();
  /** without anyone to tell, nothing is kept */
  watchers = 0;

  begin(key: string, value: Uint8Array): void {
    if (this.watchers > 0) this.#values.set(key, value);
  }
  forget(key: string, value: Uint8Array | undefined): void {
    if (this.#values.get(key) === value) this.#values.delete(key);
  }
  recognize(changes: readonly Change[]): readonly Change[] {
    return this.#values.size === 0 ? changes : changes.map((change) => this.#own(change));
  }
  #own(change: Change): Change {
    const mine = this.#values.get(change.key);
    if (change.type !== "put" || !mine || Buffer.compare(mine, change.value) !== 0) return change;
    this.#values.delete(change.key);
    return { ...change, value: mine };
  }
}
