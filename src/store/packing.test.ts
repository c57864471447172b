import assert from "node:assert/strict";
import { test } from "node:test";
import { pack, unpack } from "./packing.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

test("records come out as they went in: values, empty values and deletions", () => {
  const records = [
    { revision: 7, key: "/a", value: bytes("one") },
    { revision: 8, key: "/b", value: undefined },
    { revision: 9, key: "/c", value: bytes("") },
    { revision: 10, key: "/d", value: bytes("four") },
  ];
  const { packedRecords, packed } = pack(records);
  assert.equal(packed.length, 7);
  assert.deepEqual(unpack(packedRecords, packed), records);
});

test("only the values themselves are packed, not the memory that they are views of", () => {
  const large = new Uint8Array(65_536);
  const { packed } = pack([{ revision: 2, key: "/a", value: large.subarray(10, 20) }]);
  assert.equal(packed.buffer.byteLength, 10);
});

test("nothing but a compaction has no records", () => {
  const { packedRecords, packed } = pack([]);
  assert.deepEqual(unpack(packedRecords, packed), []);
});
