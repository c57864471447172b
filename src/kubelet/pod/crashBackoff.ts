const INITIAL = 10_000;
const MAXIMUM = 300_000;

/**
 * How long a container that ended waits for its next start: nothing the first time, then 10 s, 20 s … 5 min, counted
 * from its end; from the beginning again once it has run for 10 minutes.
 */
export class CrashBackoff {
  readonly #entries = new Map<string, { delay: number; at: number }>();

  /** The instant from which `key`, which ended at `finishedAt`, may be started again; 0 when at once. */
  retryAt(key: string, finishedAt: number): number {
    const entry = this.#entries.get(key);
    if (!entry || finishedAt - entry.at > 2 * MAXIMUM) return 0;
    return finishedAt + entry.delay;
  }
  delayOf(key: string): number {
    return this.#entries.get(key)?.delay ?? 0;
  }
  /** Counts one restart of `key`, which ended at `finishedAt`. */
  restarted(key: string, finishedAt: number): void {
    const entry = this.#entries.get(key);
    const fresh = !entry || finishedAt - entry.at > 2 * MAXIMUM;
    this.#entries.set(key, { delay: fresh ? INITIAL : Math.min(MAXIMUM, entry.delay * 2), at: finishedAt });
  }
  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }
}
