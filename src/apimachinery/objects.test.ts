import assert from "node:assert/strict";
import { test } from "node:test";
import { parseYaml, parseYamlDocuments, printYaml } from "./codec/yaml.ts";
import { deepEqual } from "./equal.ts";
import { deepFreeze, draft } from "./freeze.ts";

test("compares by value, an absent property like an undefined one", () => {
  assert.ok(deepEqual({ a: [1, { b: null }], c: undefined }, { a: [1, { b: null }] }));
  for (const [a, b] of [
    [{ a: 1 }, { a: 2 }],
    [[1], [1, 2]],
    [{}, []],
    [{ a: 1 }, {}],
    [{}, { a: 1 }],
    [null, {}],
  ]) {
    assert.ok(!deepEqual(a, b));
  }
});

test("freezes throughout, and copies what is frozen", () => {
  const frozen = deepFreeze({ a: [{ b: 1 }] });
  assert.throws(() => frozen.a.push({ b: 2 }), TypeError);
  const copy = draft(frozen);
  copy.a[0]!.b = 2;
  assert.equal(frozen.a[0]!.b, 1);
});

test("reads YAML as Kubernetes' tools do", () => {
  const value = parseYaml(
    "a: yes\nb: 0777\nc: 2020-01-01\nd: '22:22'\ne: 22:22\n5: x\nf: &x {g: 1}\nh: {<<: *x}\ni:\n",
  );
  assert.deepEqual(value, {
    a: true,
    b: 511,
    c: "2020-01-01",
    d: "22:22",
    e: "22:22",
    "5": "x",
    f: { g: 1 },
    h: { g: 1 },
    i: null,
  });
  assert.deepEqual(parseYamlDocuments("---\na: 1\n---\n# empty\n---\nb: 2\n"), [{ a: 1 }, { b: 2 }]);
  assert.throws(() => parseYaml("a: [\nb: }"), /error converting YAML to JSON: yaml: line 2: /);
});

test("prints YAML as kubectl does: sorted, lists not indented, texts quoted where they must be", () => {
  const value = { b: [{ y: "true" }, "a"], a: "one\ntwo\n", c: "0x10", d: "", e: {}, f: [] };
  assert.equal(printYaml(value), 'a: |\n  one\n  two\nb:\n- "y": "true"\n- a\nc: "0x10"\nd: ""\ne: {}\nf: []\n');
  assert.deepEqual(parseYaml(printYaml(value)), value);
});
