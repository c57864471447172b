import type { LogRecord } from "./revisionLog.ts";

/** Records without their values, which stand one behind the other in bytes of their own. */
export interface PackedRecords {
  /** of the first; each further one is the next */
  readonly first: number;
  readonly keys: readonly string[];
  /** of each value in bytes; -1: a deletion */
  readonly lengths: readonly number[];
}

/**
 * Records as they go to another thread. Values are views of whatever memory their makers had at hand, and a message
 * copies all of that memory; packed, only what counts is copied, once, and the result changes hands.
 */
export function pack(records: readonly LogRecord[]): { packedRecords: PackedRecords; packed: Uint8Array<ArrayBuffer> } {
  const lengths = records.map(({ value }) => value?.length ?? -1);
  const packed = new Uint8Array(lengths.reduce((sum, length) => sum + Math.max(0, length), 0));
  let at = 0;
  for (const { value } of records) {
    if (!value) continue;
    packed.set(value, at);
    at += value.length;
  }
  return { packedRecords: { first: records[0]?.revision ?? 0, keys: records.map(({ key }) => key), lengths }, packed };
}

export function unpack({ first, keys, lengths }: PackedRecords, packed: Uint8Array): LogRecord[] {
  let at = 0;
  return keys.map((key, i) => {
    const length = lengths[i]!;
    const value = length < 0 ? undefined : packed.subarray(at, at + length);
    at += Math.max(0, length);
    return { revision: first + i, key, value };
  });
}
