import { DatabaseSync, type StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { KeptRecord, LogBatch } from "./revisionLog.ts";
import { FIRST_REVISION } from "./revisionLog.ts";

/** What went wrong with the file, in a form that crosses threads. */
export interface FileFailure {
  readonly kind: "corrupt" | "full" | "in use" | "other";
  readonly message: string;
}

const APPLICATION = 0x636f7873;
const FORMAT = 1;
/** Primary result codes of SQLite. */
const CODES: Record<number, FileFailure["kind"]> = { 5: "in use", 11: "corrupt", 13: "full", 26: "corrupt" };

class CorruptError extends Error {}

/** Any thrown value as a failure of the file. */
export function failureOf(thrown: unknown): FileFailure {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof CorruptError) return { kind: "corrupt", message };
  const code = (thrown as { errcode?: unknown } | null)?.errcode;
  return { kind: (typeof code === "number" && CODES[code & 0xff]) || "other", message };
}

/**
 * The database file: one row for each revision that is still kept. Rows are only ever added at the end and removed by
 * compaction, which is what a B-tree by revision does cheapest. Each value carries a checksum.
 */
export class EmbeddedFile {
  readonly #db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #insert: StatementSync;
  readonly #remove: StatementSync;
  readonly #select: StatementSync;
  readonly #setCompacted: StatementSync;
  #compacted: number;

  constructor(path: string) {
    this.#db = new DatabaseSync(path, { timeout: 0 });
    try {
      this.#prepareFile();
      this.#begin = this.#db.prepare("BEGIN IMMEDIATE");
      this.#commit = this.#db.prepare("COMMIT");
      this.#insert = this.#db.prepare("INSERT INTO log (revision, key, checksum, value) VALUES (?, ?, ?, ?)");
      this.#remove = this.#db.prepare("DELETE FROM log WHERE revision = ?");
      this.#select = this.#db.prepare("SELECT key, checksum, value FROM log WHERE revision = ?");
      this.#setCompacted = this.#db.prepare("UPDATE compacted SET revision = ?");
      const row = this.#db.prepare("SELECT revision FROM compacted").get();
      if (!row) throw new CorruptError("it does not say what was compacted");
      this.#compacted = row.revision as number;
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  get compacted(): number {
    return this.#compacted;
  }

  /** All rows in order of revision, without values. Throws when one is missing that must be there. */
  *records(): Generator<KeptRecord> {
    let next = this.#compacted + 1;
    const rows = this.#db.prepare("SELECT revision, key, length(value) AS size FROM log ORDER BY revision").iterate();
    for (const row of rows) {
      const revision = row.revision as number;
      if (revision > this.#compacted && revision !== next++) throw new CorruptError(`revision ${next - 1} is missing`);
      yield { revision, key: row.key as string, deleted: row.size === null, size: (row.size as number | null) ?? 0 };
    }
  }

  append({ records, forget, compacted, fetch }: LogBatch): Uint8Array[] {
    this.#begin.run();
    try {
      const fetched = this.read(fetch);
      for (const { revision, key, value } of records)
        this.#insert.run(revision, key, checksum(key, value), value ?? null);
      for (const revision of forget) this.#remove.run(revision);
      if (compacted !== this.#compacted) this.#setCompacted.run(compacted);
      this.#commit.run();
      this.#compacted = compacted;
      return fetched;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  read(revisions: readonly number[]): Uint8Array[] {
    return revisions.map((revision) => {
      const row = this.#select.get(revision);
      if (!row || !(row.value instanceof Uint8Array)) throw new CorruptError(`revision ${revision} is missing`);
      if (row.checksum !== checksum(row.key as string, row.value)) {
        throw new CorruptError(`the value of ${row.key} at revision ${revision} is not what was written`);
      }
      return row.value;
    });
  }

  close(): void {
    this.#db.close();
  }

  #prepareFile(): void {
    // Exclusive: the first process to come keeps everyone else out, and there is no shared-memory file.
    this.#db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA page_size = 8192; PRAGMA journal_mode = WAL");
    // Full: a commit returns after the write-ahead log is on the disk.
    this.#db.exec("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 33554432");
    this.#db.exec("BEGIN IMMEDIATE");
    const format = this.#pragma("user_version");
    if (format === 0 && this.#pragma("application_id") === 0) this.#create();
    else if (this.#pragma("application_id") !== APPLICATION || format !== FORMAT) {
      throw new CorruptError(`it is not a store of format ${FORMAT}`);
    }
    this.#db.exec("COMMIT");
  }
  #create(): void {
    this.#db.exec(`
      CREATE TABLE log (revision INTEGER PRIMARY KEY, key TEXT NOT NULL, checksum INTEGER NOT NULL, value BLOB) STRICT;
      CREATE TABLE compacted (revision INTEGER NOT NULL) STRICT;
      INSERT INTO compacted VALUES (${FIRST_REVISION});
      PRAGMA application_id = ${APPLICATION};
      PRAGMA user_version = ${FORMAT};
    `);
  }
  #pragma(name: string): unknown {
    return this.#db.prepare(`PRAGMA ${name}`).get()?.[name];
  }
}

function checksum(key: string, value: Uint8Array | undefined): number {
  return value ? crc32(value, crc32(key)) : crc32(key);
}
