import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { allKinds } from "../../api/index.ts";
import { decodeJson, decodeYaml, normalize } from "../decode.ts";
import { defineKind, type Kind } from "../kind.ts";
import { DeleteOptions, type KubernetesObject, ObjectMeta } from "../meta.ts";
import {
  bool,
  double,
  type Infer,
  inline,
  int64,
  intOrString,
  list,
  map,
  message,
  microTime,
  quantity,
  string,
  struct,
  time,
} from "../schema.ts";
import type { StatusError } from "../status.ts";
import {
  decodeMessage,
  decodeProtobuf,
  encodeMessage,
  encodeProtobuf,
  encodeProtobufList,
  encodeWatchEventProtobuf,
  readEnvelope,
  readWatchEvent,
} from "./protobuf.ts";

const Inner = message("test.v1.Inner", { flag: bool(1), name: string(2).optional });
const Outer = message("test.v1.Outer", {
  name: string(1),
  count: int64(2),
  maybe: int64(3).optional,
  ratio: double(4),
  inner: struct(5, Inner),
  pointer: struct(6, Inner).optional,
  tags: map(7, "string"),
  amounts: map(8, "quantity"),
  items: list(20, Inner),
  when: time(9).optional,
  exactly: microTime(10).optional,
  port: intOrString(11).optional,
  within: inline(12, message("test.v1.Within", { deep: string(1) })),
  size: quantity(13).optional,
});
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytesOf = (value: Infer<typeof Outer>) => encodeMessage(Outer, value);

test("writes values even when zero, pointers only when set, in order of number", () => {
  // name "", count 0, ratio 0, inner {flag: false}, within {deep: ""}
  assert.equal(hex(bytesOf({ inner: {} })), "0a00100021000000000000000" + "02a02080062020a00");
});

test("reads back what it writes", () => {
  const values: Partial<Infer<typeof Outer>>[] = [
    { name: "ä".repeat(60), count: -7, maybe: 0, ratio: 0.1 },
    { count: 2 ** 53 - 1, maybe: -(2 ** 31), pointer: {} },
    { tags: { b: "2", a: "1" }, amounts: { cpu: "100m", memory: "1Gi" }, items: [{ name: "x" }, { flag: true }] },
    { when: "2030-01-02T03:04:05Z", exactly: "2030-01-02T03:04:05.000678Z", port: "http", size: "0" },
    { when: "1960-01-02T03:04:05Z", port: 0, deep: "x", tags: { ["__proto__"]: "own" } },
  ];
  for (const value of values) {
    const normal = normalize(Outer, { inner: {}, ...value });
    assert.deepEqual(decodeMessage(Outer, bytesOf(normal)), normal);
  }
});

test("writes maps sorted by key, whatever their order", () => {
  const one = bytesOf({ inner: {}, tags: { b: "2", a: "1" } });
  assert.equal(hex(one), hex(bytesOf({ inner: {}, tags: { a: "1", b: "2" } })));
});

test("passes over fields it does not know", () => {
  const more = Buffer.concat([bytesOf({ inner: {}, name: "x" }), Buffer.from("f8ff0f01" + "fdff0f01020304", "hex")]);
  assert.equal(decodeMessage(Outer, more).name, "x");
});

test("refuses what is cut off, and what is no envelope", () => {
  const bytes = bytesOf({ inner: {}, name: "some name" });
  assert.throws(
    () => decodeMessage(Outer, bytes.subarray(0, 5)),
    (error: StatusError) => error.code === 400 && error.message === "unexpected EOF",
  );
  assert.throws(() => readEnvelope(Buffer.from("{}")), /expected prefix \[107 56 115 0\]/);
});

const ToySchema = message("test.v1.Toy", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
});
interface Toy extends Infer<typeof ToySchema> {}
const Toy = defineKind<Toy>({
  group: "test",
  version: "v1",
  kind: "Toy",
  plural: "toys",
  scope: "Namespaced",
  schema: ToySchema,
  columns: [],
});
const toy = (name: string): Toy => ({ apiVersion: "test/v1", kind: "Toy", metadata: { name } });

test("puts objects into an envelope that says what they are", () => {
  const bytes = encodeProtobuf(Toy, toy("a"));
  const envelope = readEnvelope(bytes);
  assert.deepEqual([envelope.apiVersion, envelope.kind], ["test/v1", "Toy"]);
  assert.deepEqual(decodeProtobuf(Toy, bytes), toy("a"));
  const other = { ...Toy, kind: "Game" };
  assert.throws(() => decodeProtobuf(other, bytes), /^StatusError: Toy in version "v1" cannot be handled as a Game: /);
});

test("says of which kind a body should have been that cannot be read", () => {
  const refused = (bytes: Uint8Array, message: RegExp) => assert.throws(() => decodeProtobuf(Toy, bytes), message);
  refused(Buffer.from("{}"), /unrecognized \(must be of type Toy\): provided data does not appear .* \(\{\}\)$/);
  const bytes = encodeProtobuf(Toy, { ...toy("a"), metadata: { managedFields: [{ fieldsV1: { "f:a": {} } }] } });
  const broken = Buffer.from(bytes.toString("latin1").replace('{"f:a":{}}', '{"f:a":{}]'), "latin1");
  refused(broken, /^StatusError: Toy in version "v1" cannot be handled as a Toy: /);
});

test("joins encoded items to a list", () => {
  const ListSchema = message("test.v1.ToyList", {
    metadata: struct(1, message("m", { resourceVersion: string(2) })),
    items: list(2, ToySchema),
  });
  const raw = ["a", "b"].map((name) => readEnvelope(encodeProtobuf(Toy, toy(name))).raw);
  const envelope = readEnvelope(encodeProtobufList(Toy, { resourceVersion: "7" }, raw));
  assert.equal(envelope.kind, "ToyList");
  const read = decodeMessage(ListSchema, envelope.raw);
  assert.equal(read.metadata.resourceVersion, "7");
  assert.deepEqual(
    read.items?.map(({ metadata }) => metadata.name),
    ["a", "b"],
  );
});

test("frames watch events by their length", () => {
  const object = encodeProtobuf(Toy, toy("a"));
  const frame = encodeWatchEventProtobuf("ADDED", object);
  assert.equal(frame.readUInt32BE(), frame.length - 4);
  const event = readWatchEvent(frame.subarray(4));
  assert.equal(event.type, "ADDED");
  assert.ok(object.equals(event.object));
});

test("carries options of requests", () => {
  const options = { gracePeriodSeconds: 0, preconditions: { uid: "u" }, dryRun: ["All"] };
  assert.deepEqual(decodeMessage(DeleteOptions, encodeMessage(DeleteOptions, options)), options);
});

const fixtures = join(import.meta.dirname, "../../../../shared/upstream/api-testdata");
const skip = !existsSync(fixtures) && "Kubernetes' encoded objects are not here";

test("decodes any form of Kubernetes' own objects and encodes the others alike", { skip }, (t) => {
  let count = 0;
  for (const kind of allKinds as readonly Kind<KubernetesObject>[]) {
    const base = join(fixtures, `${kind.group || "core"}.${kind.version}.${kind.kind}`);
    if (!existsSync(`${base}.json`)) continue;
    count++;
    // the file is indented for its readers, also within what would be kept as it was sent
    const json = JSON.stringify(JSON.parse(readFileSync(`${base}.json`, "utf8")));
    const bytes = readFileSync(`${base}.pb`);
    const strict = { fieldValidation: "Strict" } as const;
    const objects = [
      decodeJson(kind, json, strict).object,
      decodeYaml(kind, readFileSync(`${base}.yaml`), strict).object,
      decodeProtobuf(kind, bytes),
    ];
    for (const object of objects) {
      assert.deepEqual(JSON.parse(JSON.stringify(object)), JSON.parse(json), base);
      assert.equal(hex(encodeProtobuf(kind, object)), hex(bytes), base);
    }
  }
  t.diagnostic(`${count} kinds alike in JSON, YAML and protobuf`);
  assert.ok(count > 0);
});
