import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalQuantity, parseQuantity } from "./quantity.ts";

test("prints amounts canonically: no fraction, the largest suffix that is exact", () => {
  const cases: Record<string, string> = {
    "0": "0",
    "0Mi": "0",
    "0.5": "500m",
    "1024Mi": "1Gi",
    "1.5Gi": "1536Mi",
    "1000m": "1",
    "100000": "100k",
    "1e3": "1e3",
    "12e6": "12e6",
    "1E": "1E",
    "1500": "1500",
    "1Ki": "1Ki",
    "1025Ki": "1025Ki",
    ".001Ki": "1024m",
    "-250m": "-250m",
    "+5": "5",
    "0.0000000001": "1n",
    "9999999999999999999999": "9223372036854775807",
  };
  for (const [text, canonical] of Object.entries(cases)) assert.equal(canonicalQuantity(text), canonical, text);
});

test("refuses what is no amount, in Kubernetes' words", () => {
  for (const text of ["", "x", "1..2", "1 Gi", "Gi", "."]) {
    assert.throws(() => parseQuantity(text), /quantities must match the regular expression/, text);
  }
  for (const text of ["1e", "1KI", "1mm"]) assert.throws(() => parseQuantity(text), Error, text);
});

test("counts in thousandths and whole units, rounded up", () => {
  assert.equal(parseQuantity("0.1m").milli(), 1n);
  assert.equal(parseQuantity("100m").value(), 1n);
  assert.equal(parseQuantity("-1.5").value(), -2n);
  assert.equal(parseQuantity("1Gi").value(), 1073741824n);
  assert.equal(parseQuantity("250m").toNumber(), 0.25);
});

test("adds, subtracts and compares exactly, keeping the first one's format", () => {
  const [a, b] = [parseQuantity("1Gi"), parseQuantity("1G")];
  assert.equal(a.compare(b), 1);
  assert.equal(a.compare(parseQuantity("1024Mi")), 0);
  assert.equal(a.add(a).toString(), "2Gi");
  assert.equal(parseQuantity("1").sub(parseQuantity("100m")).toString(), "900m");
  assert.equal(parseQuantity("0").add(a).toString(), "1Gi");
  assert.equal(parseQuantity("1.0001").roundUp(-3).toString(), "1001m");
});
