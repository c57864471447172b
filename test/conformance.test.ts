/** Holds the table of conformance against the suite's sentences and our tests. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { canGenerate, isCurrent, sentences } from "../scripts/conformanceTable.ts";

const skip = canGenerate() ? false : "needs ../shared";

/** The groups in which no sentence may be without a test of ours. */
const WHOLE = ["sig-apps", "sig-architecture", "sig-instrumentation", "sig-node", "sig-scheduling", "sig-storage"];

test("docs/reference/conformance.md is what scripts/conformanceTable.ts makes", { skip }, () => {
  assert.ok(isCurrent(), "out of date: node scripts/conformanceTable.ts");
});

test(`every sentence of ${WHOLE.join(" and ")} has a test`, { skip }, () => {
  const without = sentences().filter(({ group, tests }) => WHOLE.includes(group) && tests.length === 0);
  assert.deepEqual(
    without.map(({ title }) => title),
    [],
  );
});
