import { parentPort, workerData } from "node:worker_threads";
import { EmbeddedFile, type FileFailure, failureOf } from "./embeddedFile.ts";
import { type PackedRecords, unpack } from "./packing.ts";
import type { KeptRecord, LogBatch } from "./revisionLog.ts";

/** Requests from the main thread, answered in order. */
export type Request =
  | { type: "append"; batch: Omit<LogBatch, "records"> & { records: PackedRecords }; packed: Uint8Array }
  | { type: "read"; revisions: readonly number[] }
  | { type: "close" };

export type Reply = { values: readonly Uint8Array[] } | { failure: FileFailure };

/** What the thread says first: everything kept, in parts, the last of which carries `compacted`. */
export type Opening = { records: readonly KeptRecord[]; compacted?: number } | { failure: FileFailure };

const OPENING_PART = 4096;

function open(port: NonNullable<typeof parentPort>): EmbeddedFile | undefined {
  let file: EmbeddedFile | undefined;
  try {
    file = new EmbeddedFile((workerData as { path: string }).path);
    let part: KeptRecord[] = [];
    for (const record of file.records()) {
      part.push(record);
      if (part.length < OPENING_PART) continue;
      port.postMessage({ records: part } satisfies Opening);
      part = [];
    }
    port.postMessage({ records: part, compacted: file.compacted } satisfies Opening);
    return file;
  } catch (error) {
    port.postMessage({ failure: failureOf(error) } satisfies Opening);
    file?.close();
  }
}

function answer(file: EmbeddedFile, request: Request): Reply {
  try {
    if (request.type === "append") {
      const { batch, packed } = request;
      return { values: file.append({ ...batch, records: unpack(batch.records, packed) }) };
    }
    if (request.type === "read") return { values: file.read(request.revisions) };
    file.close();
    return { values: [] };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

const port = parentPort;
const file = port ? open(port) : undefined;
if (port && file) {
  port.on("message", (request: Request) => {
    port.postMessage(answer(file, request));
    if (request.type === "close") port.close();
  });
}
