import assert from "node:assert/strict";
import { test } from "node:test";
import { labelSelector, parseFieldSelector, parseLabelSelector, selectorFromSet } from "./selectors.ts";

const web = { app: "web", tier: "front", n: "5" };

test("matches labels by every operator", () => {
  const cases: [string, boolean][] = [
    ["", true],
    ["app=web,tier==front", true],
    ["app!=web", false],
    ["missing!=x", true],
    ["app in (web, db)", true],
    ["app notin (web)", false],
    ["missing notin (web)", true],
    ["app", true],
    ["!app", false],
    ["!missing", true],
    ["n>4,n<6", true],
    ["app>4", false],
    ["app in ()", false],
    ["empty=", false],
  ];
  for (const [text, matches] of cases) assert.equal(parseLabelSelector(text).matches(web), matches, text);
});

test("prints what it reads, sorted by key", () => {
  const same = ["app=web", "a!=b", "a in (b,c)", "!a", "a,b>1", "a notin (,x)"];
  for (const text of same) assert.equal(parseLabelSelector(text).toString(), text);
  assert.equal(parseLabelSelector(" b = 1 , a in (z,y) ").toString(), "a in (y,z),b=1");
});

test("refuses what is no selector, in Kubernetes' words", () => {
  const cases: Record<string, RegExp> = {
    "a=b=c": /^StatusError: found '=', expected: ',' or 'end of string'$/,
    "Bad Key=x": /unable to parse requirement: found 'Key', expected: in, notin, =, ==, !=, gt, lt/,
    "a,": /found '', expected: identifier after ','/,
    "a in b": /unable to parse requirement: found 'b' expected: '\('/,
    "=a": /found '=', expected: !, identifier, or 'end of string'/,
    "a>b": /values\[0\]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer/,
    [`a=${"v".repeat(64)}`]: /values\[0\]\[a\]: Invalid value: "v+": must be no more than 63 bytes/,
  };
  for (const [text, message] of Object.entries(cases)) assert.throws(() => parseLabelSelector(text), message);
});

test("an empty LabelSelector selects everything, an absent one nothing", () => {
  assert.equal(labelSelector({}).matches(web), true);
  assert.equal(labelSelector(undefined).matches({}), false);
  const selector = labelSelector({
    matchLabels: { app: "web" },
    matchExpressions: [
      { key: "tier", operator: "NotIn", values: ["back"] },
      { key: "x", operator: "DoesNotExist" },
    ],
  });
  assert.equal(selector.matches(web), true);
  assert.equal(selector.toString(), "app=web,tier notin (back),!x");
  assert.throws(
    () => labelSelector({ matchExpressions: [{ key: "a", operator: "Like" }] }),
    /not a valid label selector operator/,
  );
  assert.equal(selectorFromSet({ b: "1", a: "2" }).toString(), "a=2,b=1");
});

test("matches fields", () => {
  const selector = parseFieldSelector("spec.nodeName=a,status.phase!=Failed,");
  const fields: Record<string, string> = { "spec.nodeName": "a", "status.phase": "Running" };
  assert.equal(
    selector.matches((field) => fields[field] ?? ""),
    true,
  );
  assert.equal(selector.exact("spec.nodeName"), "a");
  assert.equal(parseFieldSelector("a=b\\,c\\=d").requirements[0]!.value, "b,c=d");
  assert.equal(parseFieldSelector("a=b\\,c").toString(), "a=b\\,c");
  assert.throws(() => parseFieldSelector("odd"), /invalid selector: 'odd'; can't understand 'odd'/);
});
