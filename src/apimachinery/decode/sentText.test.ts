import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeProtobuf, encodeProtobuf, readEnvelope } from "../codec/protobuf.ts";
import { decodeJson, decodeObject, normalize } from "../decode.ts";
import { defineKind } from "../kind.ts";
import { ObjectMeta } from "../meta.ts";
import { type Infer, message, rawExtension, string, struct } from "../schema.ts";
import { carrySentTexts, sameRaw, sentJson, sentText } from "./sentText.ts";

const CrateSchema = message("io.k8s.api.toys.v1.Crate", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  data: rawExtension(2),
});
interface Crate extends Infer<typeof CrateSchema> {}
const Crate = defineKind<Crate>({
  group: "toys",
  version: "v1",
  kind: "Crate",
  plural: "crates",
  scope: "Namespaced",
  schema: CrateSchema,
  columns: [],
});

const read = (data: string): Crate =>
  decodeJson(Crate, `{"apiVersion": "toys/v1", "data": ${data}, "metadata": {"name": "c"}}`, {
    fieldValidation: "Strict",
  }).object;

test("a raw extension is compared as it was sent", () => {
  const spaced = read('{"a": 1, "b": "x : y"}');
  assert.equal(sentText(spaced.data), '{"a": 1, "b": "x : y"}');
  assert.ok(sameRaw(spaced.data, read('{"a": 1, "b": "x : y"}').data));
  assert.ok(!sameRaw(spaced.data, read('{"a":1,"b":"x : y"}').data));
  assert.ok(!sameRaw(read('{"a":1,"b":"x : y"}').data, spaced.data));
  assert.ok(sameRaw(read('{"a":1}').data, { a: 1 }));
});

test("a text that its value cannot show again is not kept", () => {
  assert.equal(sentText(read('{"a": 1.0, "a": 2.0}').data), '{"a":2}');
});

test("in this process the text goes along; what a patch made anew has none", () => {
  const spaced = read('{ "a": 1 }');
  assert.equal(sentText(normalize(CrateSchema, spaced).data), '{ "a": 1 }');
  const again = decodeObject(Crate, spaced, { fieldValidation: "Strict" }).object;
  assert.equal(sentText(again.data), '{"a":1}');
  carrySentTexts(CrateSchema, spaced, again);
  assert.equal(sentText(again.data), '{ "a": 1 }');
});

test("in protobuf, and where it is stored, it stands as it was sent", () => {
  const spaced = read('{"a": 1}');
  const bytes = encodeProtobuf(Crate, spaced);
  assert.ok(Buffer.from(readEnvelope(bytes).raw).includes('{"a": 1}'));
  assert.equal(sentText(decodeProtobuf(Crate, bytes).data), '{"a": 1}');
  const json = sentJson(CrateSchema, spaced);
  assert.ok(json.endsWith('"data":{"a": 1}}') || json.includes('"data":{"a": 1},'), json);
  assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(spaced)));
});
