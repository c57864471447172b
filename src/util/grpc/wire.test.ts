import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bool,
  bytes,
  decode,
  encode,
  id,
  instant,
  int64,
  list,
  message,
  nested,
  oneOf,
  string,
  stringMap,
  wrapped,
} from "./wire.ts";

const Inner = message({ name: string(1) });
const Everything = message({
  text: string(1),
  yes: bool(2),
  number: int64(3),
  kind: oneOf(4, "ZERO", "ONE", "TWO"),
  inner: nested(5, Inner),
  inners: list(6, Inner),
  numbers: list(7, "int64"),
  labels: stringMap(8),
  at: instant(9),
  maybe: wrapped(10),
  blob: bytes(11),
});
const hex = (value: Parameters<typeof encode<typeof Everything extends { valueType?: infer T } ? T : never>>[1]) =>
  encode(Everything, value as never).toString("hex");

test("encodes as the protocol buffers specification shows", () => {
  assert.equal(hex({ number: 150 } as never), "189601");
  assert.equal(hex({ text: "testing" } as never), "0a0774657374696e67");
  assert.equal(hex({ number: -1 } as never), "18ffffffffffffffffff01");
  assert.equal(hex({ inner: { name: "a" } } as never), "2a030a0161");
  assert.equal(hex({ kind: "TWO" } as never), "2002");
});

test("leaves zero values out, but not a wrapped zero or an empty message", () => {
  assert.equal(hex({ text: "", yes: false, number: 0, kind: "ZERO", labels: {}, inners: [] } as never), "");
  assert.equal(hex({ maybe: 0 } as never), "5200");
  assert.equal(hex({ inner: {} } as never), "2a00");
});

test("decodes what it encoded, and completes what was left out", () => {
  const value = {
    text: "ä",
    yes: true,
    number: -997,
    kind: "ONE" as const,
    inner: { name: "x" },
    inners: [{ name: "y" }, { name: "" }],
    numbers: [1, 300, 0],
    labels: { a: "1", "": "" },
    at: 1795466981971.5,
    maybe: 0,
    blob: Buffer.from([1, 2]),
  };
  assert.deepEqual(decode(Everything, encode(Everything, value)), value);
  assert.deepEqual(decode(Everything, Buffer.alloc(0)), {
    text: "",
    yes: false,
    number: 0,
    kind: "ZERO",
    inners: [],
    numbers: [],
    labels: {},
    at: 0,
    blob: Buffer.alloc(0),
  });
});

test("reads packed lists, and passes over unknown fields and fields of another type", () => {
  assert.deepEqual(decode(Everything, Buffer.from("3a03010203", "hex")).numbers, [1, 2, 3]);
  assert.equal(decode(Everything, Buffer.from("a2060161" + "0a0162", "hex")).text, "b");
  assert.equal(decode(Everything, Buffer.from("0805" + "1801", "hex")).number, 1);
});

test("refuses a message that ends too soon", () => {
  assert.throws(() => decode(Everything, Buffer.from("0a05616263", "hex")), /truncated/);
});

test("keeps an identity of 64 bits whole", () => {
  const Member = message({ id: id(1), ids: list(2, "id") });
  const member = { id: 0xfedc_ba98_7654_3210n, ids: [1n, 0xffff_ffff_ffff_ffffn] };
  assert.deepEqual(decode(Member, encode(Member, member)), member);
  assert.equal(decode(Member, Buffer.alloc(0)).id, 0n);
});
