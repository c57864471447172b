import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../api/core/v1/index.ts";
import { behaviourByRules, parseRules } from "./rules.ts";

const pod = (namespace: string, labels: object) => ({ metadata: { namespace, labels } }) as unknown as Pod;

test("the first rule about a Pod decides, field by field", () => {
  const rules = parseRules(`
selector: {matchLabels: {app: worker}}
startDelay: 2s
exitAfter: 1m
---
namespaces: [default]
startDelay: 5s
readyDelay: never
`);
  assert.deepEqual(behaviourByRules(rules, pod("default", { app: "worker" })), {
    startDelay: 2000,
    exitAfter: 60_000,
    readyDelay: Number.POSITIVE_INFINITY,
  });
  assert.deepEqual(behaviourByRules(rules, pod("other", { app: "worker" })), { startDelay: 2000, exitAfter: 60_000 });
  assert.deepEqual(behaviourByRules(rules, pod("other", {})), {});
});

test("a rule that cannot be understood is refused, and where is said", () => {
  assert.throws(() => parseRules("startDelay: soon"), /rule 1\.startDelay: not a duration: "soon"/);
  assert.throws(() => parseRules("{}\n---\nspeed: 1"), /rule 2: unknown field "speed"/);
  assert.throws(() => parseRules("[1]"), /rule 1: must be a map/);
  assert.throws(() => parseRules("exitCode: no"), /rule 1\.exitCode: must be a whole number/);
});
