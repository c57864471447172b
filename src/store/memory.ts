import type { Backend } from "./backend.ts";
import { EMPTY, type HistoryLimits, Ledger } from "./ledger.ts";
import type { RevisionLog } from "./revisionLog.ts";

/** Keeps values in a map. Everything happens in microtasks, so that a test with virtual time is deterministic. */
function memoryLog(): RevisionLog {
  const values = new Map<number, Uint8Array>();
  const read = (revisions: readonly number[]) => revisions.map((revision) => values.get(revision)!);
  return {
    async append({ records, forget, fetch }) {
      const fetched = read(fetch);
      for (const { revision, value } of records) if (value) values.set(revision, value);
      for (const revision of forget) values.delete(revision);
      return fetched;
    },
    async read(revisions) {
      return read(revisions);
    },
    async close() {
      values.clear();
    },
  };
}

/** A store that lives as long as its process, for tests and simulations. */
export function createMemoryBackend(options: { history?: Partial<HistoryLimits> } = {}): Backend {
  return new Ledger(memoryLog(), EMPTY, { changes: 10_000, bytes: 64 << 20, ...options.history });
}
