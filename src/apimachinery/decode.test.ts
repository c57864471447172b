import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { allKinds } from "../api/index.ts";
import {
  decodeJson,
  decodeObject,
  decodeValue,
  decodeYaml,
  type FieldValidation,
  normalize,
  toStoredForm,
} from "./decode.ts";
import { deepFreeze } from "./freeze.ts";
import { defineKind, type Kind } from "./kind.ts";
import { DeleteOptions, type KubernetesObject, ObjectMeta } from "./meta.ts";
import { bool, type Infer, int32, intOrString, list, map, message, quantity, string, struct, time } from "./schema.ts";
import { createScheme } from "./scheme.ts";
import type { StatusError } from "./status.ts";

const Part = message("io.k8s.api.toys.v1.Part", {
  name: string(1).always,
  size: quantity(2),
  count: int32(3).optional,
  port: intOrString(4),
});
const BoatSpec = message("io.k8s.api.toys.v1.BoatSpec", {
  afloat: bool(1),
  oars: int32(2),
  colour: string(3).named("Colour"),
  parts: list(4, Part),
  notes: map(5, "string"),
  main: struct(6, Part),
  spare: struct(7, Part).optional,
  launched: time(8).optional,
  crew: list(9, "string").always,
  cargo: map(10, "bytes"),
});
const BoatSchema = message("io.k8s.api.toys.v1.Boat", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, BoatSpec),
});
interface Boat extends Infer<typeof BoatSchema> {}
const boatKind = { group: "toys", version: "v1", kind: "Boat", plural: "boats", scope: "Namespaced" } as const;
const Boat = defineKind<Boat>({ ...boatKind, schema: BoatSchema, columns: [] });

const typed = { apiVersion: "toys/v1", kind: "Boat" };
const strict = { fieldValidation: "Strict" } as const;
const decode = (spec: unknown) => decodeObject(Boat, { ...typed, spec }, strict).object.spec;
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.equal((error as StatusError).code, 400);
    return (error as Error).message;
  }
  return assert.fail("was accepted");
}

test("brings an object to normal form", () => {
  const spec = { afloat: false, oars: 0, colour: "", parts: [], notes: {}, spare: { count: 0 }, main: { size: "0.5" } };
  assert.deepEqual(decodeObject(Boat, { spec }, strict).object, {
    ...typed,
    metadata: {},
    spec: { main: { name: "", size: "500m" }, spare: { name: "", count: 0 }, crew: null },
  });
});

test("takes null for not set, and for a zero item", () => {
  assert.deepEqual(decode({ main: null, spare: null, crew: [null, "a"], parts: [null], notes: { a: null } }), {
    main: { name: "" },
    crew: ["", "a"],
    parts: [{ name: "" }],
    notes: { a: "" },
  });
});

test("leaves a frozen body as it is and answers an object of its own", () => {
  const body = deepFreeze({ ...typed, metadata: { labels: { a: "b" } }, spec: { crew: ["x"] } });
  const { object } = decodeObject(Boat, body, strict);
  object.metadata.labels!.a = "c";
  assert.equal(body.metadata.labels.a, "b");
});

test("normalising what is normal changes nothing", () => {
  const normal = normalize(BoatSchema, {
    ...typed,
    spec: { parts: [{ size: "1Gi", port: "http" }], cargo: { a: "aGk=" } },
  });
  assert.deepEqual(normalize(BoatSchema, normal), normal);
});

test("keeps a key called __proto__ of a user's map", () => {
  const { object } = decodeJson(Boat, '{"spec":{"notes":{"__proto__":"x"}}}', strict);
  assert.equal(JSON.stringify(object.spec.notes), '{"__proto__":"x"}');
});

test("says which value is of a wrong type, and which type it should be", () => {
  const cases: [unknown, string][] = [
    ["x", "cannot unmarshal string into Go struct field Boat.spec of type v1.BoatSpec"],
    [{ oars: "7" }, "cannot unmarshal string into Go struct field BoatSpec.spec.oars of type int32"],
    [{ oars: 1.5 }, "cannot unmarshal number 1.5 into Go struct field BoatSpec.spec.oars of type int32"],
    [{ oars: 2 ** 31 }, "cannot unmarshal number 2147483648 into Go struct field BoatSpec.spec.oars of type int32"],
    [{ colour: 7 }, "cannot unmarshal number into Go struct field BoatSpec.spec.colour of type v1.Colour"],
    [{ parts: [{ name: {} }] }, "cannot unmarshal object into Go struct field Part.spec.parts.name of type string"],
    [{ parts: {} }, "cannot unmarshal object into Go struct field BoatSpec.spec.parts of type []v1.Part"],
    [{ notes: { a: 1 } }, "cannot unmarshal number into Go struct field BoatSpec.spec.notes of type string"],
    [{ main: { port: true } }, "cannot unmarshal bool into Go struct field Part.spec.main.port of type int32"],
    [{ launched: 7 }, "cannot unmarshal number into Go struct field BoatSpec.spec.launched of type string"],
  ];
  for (const [spec, text] of cases) {
    assert.equal(
      refusal(() => decode(spec)),
      `Boat in version "v1" cannot be handled as a Boat: json: ${text}`,
    );
  }
});

test("reports the first wrong type, but before it any value that cannot be read", () => {
  assert.match(
    refusal(() => decode({ oars: "x", colour: 1 })),
    /spec\.oars/,
  );
  assert.match(
    refusal(() => decode({ oars: "x", main: { size: "much" } })),
    /quantities must match/,
  );
  assert.match(
    refusal(() => decode({ launched: "noon" })),
    /parsing time "noon" as "2006-01-02T15:04:05Z07:00"/,
  );
  assert.match(
    refusal(() => decode({ cargo: { a: "a$==" } })),
    /illegal base64 data at input byte 1/,
  );
});

test("refuses, warns of or drops unknown and duplicate fields, in the order of the text", () => {
  const text =
    '{"spec":{"bogus":1,"parts":[{"name":"a","odd":{"b":2},"name":"c"}],"notes":{"k":"v","k":"w"}},"more":0}';
  const found = [
    'unknown field "spec.bogus"',
    'unknown field "spec.parts[0].odd"',
    'duplicate field "spec.parts[0].name"',
    'duplicate field "spec.notes.k"',
    'unknown field "more"',
  ];
  const warned = decodeJson(Boat, text, { fieldValidation: "Warn" });
  assert.deepEqual(warned.warnings, found);
  assert.equal(warned.object.spec.parts![0]!.name, "c");
  assert.deepEqual(decodeJson(Boat, text, { fieldValidation: "Ignore" }).warnings, []);
  assert.match(
    refusal(() => decodeJson(Boat, text, strict)),
    /: strict decoding error: unknown field "spec.bogus", /,
  );
});

test("is not misled by colons and quotes within texts", () => {
  const notes = { ":a": ":b", 'c\\"': '":"', d: '\\": "x":' };
  for (const text of [JSON.stringify({ spec: { notes } }), JSON.stringify({ spec: { notes } }, null, 1)]) {
    assert.deepEqual(decodeJson(Boat, text, strict).object.spec.notes, notes);
  }
});

test("says what a body of another kind is", () => {
  const Raft = defineKind({
    ...boatKind,
    kind: "Raft",
    plural: "rafts",
    schema: { ...BoatSchema, name: "a.v1.Raft" },
    columns: [],
  });
  const Older = defineKind({ ...boatKind, version: "v0", schema: BoatSchema, columns: [] });
  const scheme = createScheme([Boat, Raft, Older] as unknown as Kind[]);
  const asBoat = (body: object) => refusal(() => decodeObject(Boat, body, { ...strict, scheme }));
  assert.equal(
    asBoat({ kind: "Nonsense" }),
    'Nonsense in version "v1" cannot be handled as a Boat: no kind "Nonsense" is registered for version "toys/v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
  );
  assert.match(asBoat({ kind: "Raft" }), /: converting \(v1\.Raft\) to \(toys\.Boat\): unknown conversion$/);
  assert.equal(
    asBoat({ apiVersion: "toys/v0" }),
    "the API version in the data (toys/v0) does not match the expected API version (toys/v1)",
  );
});

test("says where a text stops being JSON", () => {
  const why = (text: string) => /json parse error: (.*) \(/.exec(refusal(() => decodeJson(Boat, text, strict)))![1];
  assert.equal(why('{"a":1'), "unexpected end of JSON input");
  assert.equal(why('{"a":fals'), "invalid character ' ' in literal false (expecting 'e')");
  assert.equal(why('{"a" 1}'), "invalid character '1' after object key");
  assert.equal(why("{'a':1}"), "invalid character '\\'' looking for beginning of object key string");
  assert.equal(why('{"a":[1,]}'), "invalid character ']' looking for beginning of value");
  assert.equal(why('{"a":1}x'), "invalid character 'x' after top-level value");
  assert.match(
    refusal(() => decodeJson(Boat, "[]", strict)),
    /cannot unmarshal array into Go value of type struct/,
  );
  assert.match(
    refusal(() => decodeYaml(Boat, "a: [", strict)),
    /must be of type Boat\): error converting YAML to JSON: /,
  );
});

test("finds keys that stand twice in YAML", () => {
  const body = "spec:\n  oars: 1\n  oars: 2\n";
  const { object, warnings } = decodeYaml(Boat, body, { fieldValidation: "Warn" });
  assert.equal(object.spec.oars, 2);
  assert.deepEqual(warnings, ['yaml: unmarshal errors:\n  line 3: key "oars" already set in map']);
  assert.match(
    refusal(() => decodeYaml(Boat, body, strict)),
    /strict decoding error: yaml: unmarshal errors:/,
  );
});

test("stores empty lists that must be there as not set", () => {
  const { object } = decodeObject(Boat, { spec: { crew: [], parts: [{}] } }, strict);
  assert.deepEqual(object.spec.crew, []);
  assert.equal(toStoredForm(BoatSchema, object).spec.crew, null);
});

test("decodes options, which are no objects", () => {
  const { value, strictErrors } = decodeValue(DeleteOptions, { gracePeriodSeconds: 0, odd: 1 }, true);
  assert.deepEqual(value, { gracePeriodSeconds: 0 });
  assert.deepEqual(strictErrors, ['unknown field "odd"']);
});

const corpus = join(import.meta.dirname, "../../../shared/differential/kubernetes-1.36.jsonl.gz");
const skip = !existsSync(corpus) && "the answers of Kubernetes 1.36 are not here";

interface Question {
  id: string;
  method?: string;
  path: string;
  type?: string;
  setup?: boolean;
  body?: unknown;
  raw?: string;
  expect: { code: number; body: { message?: string }; warnings?: string[] };
}

/** As the corpus masks times. */
const masked = (text: string) => text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>");

function answer(kind: Kind, { raw, body, path }: Question): { message?: string; warnings: string[] } {
  const fieldValidation = (new URLSearchParams(path.split("?")[1]).get("fieldValidation") ?? "Warn") as FieldValidation;
  try {
    const text = raw ?? JSON.stringify(body);
    return { warnings: decodeJson(kind as Kind<KubernetesObject>, text, { fieldValidation }).warnings };
  } catch (error) {
    return { message: masked((error as Error).message), warnings: [] };
  }
}

test("refuses recorded bodies exactly as Kubernetes refused them, and no others", { skip }, (t) => {
  const lines = gunzipSync(readFileSync(corpus)).toString().trim().split("\n");
  let failures = 0;
  let equal = 0;
  for (const question of lines.map((line) => JSON.parse(line) as Question)) {
    const kind = allKinds.find((one) => question.id.startsWith(`${one.kind}.${one.apiVersion.replace("/", ".")}.`));
    if (!kind || question.method !== "POST" || question.setup || question.type) continue;
    const { code, body, warnings = [] } = question.expect;
    const have = answer(kind, question);
    const refused = code === 400 && /cannot be handled as|is unrecognized/.test(body.message ?? "");
    if (refused) failures++;
    if (refused && have.message === body.message) equal++;
    else assert.equal(have.message, undefined, `${question.id}: Kubernetes said ${body.message}`);
    const fields = warnings.filter((text) => text.includes("unknown field"));
    assert.equal(have.warnings.length, fields.length, question.id);
  }
  t.diagnostic(`${equal} of ${failures} refusals equal`);
  assert.equal(equal, failures);
});
