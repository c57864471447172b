import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Backend } from "./backend.ts";
import type { FileFailure } from "./embeddedFile.ts";
import type { Opening, Reply, Request } from "./embeddedThread.ts";
import { StoreClosedError, StoreCorruptError, StoreFullError, StoreInUseError } from "./errors.ts";
import { type HistoryLimits, Ledger } from "./ledger.ts";
import { pack } from "./packing.ts";
import type { Kept, KeptRecord, LogBatch, RevisionLog } from "./revisionLog.ts";

export interface EmbeddedOptions {
  /** made when it is not there; holds `store.db`, its write-ahead log, and `owner` */
  directory: string;
  history?: Partial<HistoryLimits>;
}

interface Pending {
  resolve(values: readonly Uint8Array[]): void;
  reject(error: Error): void;
}

/** The log in a SQLite file, kept by a thread of its own, so that a slow disk never stops this one. */
class EmbeddedLog implements RevisionLog {
  readonly #worker: Worker;
  readonly #path: string;
  readonly #pending: Pending[] = [];
  #failed: Error | undefined;
  /** told once when nothing can be written any more */
  onFailure: (error: Error) => void = () => {};

  constructor(worker: Worker, path: string) {
    this.#worker = worker;
    this.#path = path;
    worker.on("message", (reply: Reply) => this.#settle(reply));
    worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", () => this.#fail(new StoreClosedError("its thread has ended")));
  }
  append(batch: LogBatch): Promise<readonly Uint8Array[]> {
    const { records, ...rest } = batch;
    const { packed, packedRecords } = pack(records);
    return this.#ask({ type: "append", batch: { ...rest, records: packedRecords }, packed }, [packed.buffer]);
  }
  read(revisions: readonly number[]): Promise<readonly Uint8Array[]> {
    return this.#ask({ type: "read", revisions });
  }
  async close(): Promise<void> {
    if (this.#failed) return;
    const exited = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    await this.#ask({ type: "close" });
    await exited;
  }
  #ask(request: Request, transfer?: readonly ArrayBuffer[]): Promise<readonly Uint8Array[]> {
    if (this.#failed) return Promise.reject(this.#failed);
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      this.#worker.postMessage(request, transfer);
    });
  }
  #settle(reply: Reply): void {
    const pending = this.#pending.shift();
    if (!("failure" in reply)) {
      pending?.resolve(reply.values);
      return;
    }
    const error = errorOf(reply.failure, this.#path);
    pending?.reject(error);
    // After a failed write or fsync nobody knows what the disk holds: only opening the file again tells.
    if (reply.failure.kind === "other") this.#fail(error);
  }
  #fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = error;
    for (const pending of this.#pending.splice(0)) pending.reject(error);
    this.onFailure(error);
    void this.#worker.terminate();
  }
}

function errorOf({ kind, message }: FileFailure, path: string): Error {
  if (kind === "corrupt") return new StoreCorruptError(path, message);
  if (kind === "full") return new StoreFullError(`no space left on the disk for ${path}`);
  if (kind === "in use") return new StoreInUseError(path);
  return new Error(`${path}: ${message}`);
}

/** The thread's source: TypeScript here, JavaScript in the published package. */
function startThread(path: string): Worker {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new Worker(new URL(`./embeddedThread.${extension}`, import.meta.url), {
    workerData: { path },
    name: "store",
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
}

function readAll(worker: Worker, path: string): Promise<Kept> {
  const records: KeptRecord[] = [];
  return new Promise((resolve, reject) => {
    const take = (part: Opening) => {
      if ("failure" in part) return end(() => reject(errorOf(part.failure, path)));
      for (const record of part.records) records.push(record);
      const { compacted } = part;
      if (compacted !== undefined) end(() => resolve({ records, compacted }));
    };
    const fail = (error: unknown) => end(() => reject(error));
    const end = (settle: () => void) => {
      worker.off("message", take).off("error", fail);
      settle();
    };
    worker.on("message", take).on("error", fail);
  });
}

/**
 * Opens the durable store in `directory`. Throws StoreInUseError when another process has it, StoreCorruptError when its
 * file cannot be read. Writes throw StoreFullError when the disk has no room; they may be tried again.
 */
export async function openEmbeddedBackend(options: EmbeddedOptions): Promise<Backend> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const path = join(options.directory, "store.db");
  const owner = join(options.directory, "owner");
  const worker = startThread(path);
  try {
    const kept = await readAll(worker, path);
    leaveName(owner);
    const log = new EmbeddedLog(worker, path);
    const ledger = new Ledger(log, kept, { changes: 20_000, bytes: 256 << 20, ...options.history });
    log.onFailure = (error) => ledger.fail(error);
    return ledger;
  } catch (error) {
    await worker.terminate();
    if (error instanceof StoreInUseError) throw new StoreInUseError(options.directory, ownerOf(owner));
    throw error;
  }
}

/** Tells whoever finds the store in use by whom; a full disk is no reason not to open it. */
function leaveName(path: string): void {
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch {
    // the message does without
  }
}

/** The pid the present owner left, if it did. */
function ownerOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim() || undefined;
  } catch {
    // The owner has only just come and not written its pid yet; the message does without.
    return undefined;
  }
}
