import assert from "node:assert/strict";
import { test } from "node:test";
import { lastOutput } from "./terminationMessage.ts";

const AT = "2026-01-02T03:04:05.678901234Z";

test("the last word from the output ends as the output did", () => {
  assert.equal(lastOutput(`${AT} stdout P DONE\n`), "DONE");
  assert.equal(lastOutput(`${AT} stdout F DONE\n`), "DONE\n");
  assert.equal(lastOutput(`${AT} stdout P long \n${AT} stdout F line\n${AT} stderr F end\n`), "long line\nend\n");
});

test("the last word from the output is short, and free of what is no log", () => {
  assert.equal(lastOutput("no log\n"), "");
  const lines = Array.from({ length: 100 }, (_, i) => `${AT} stdout F ${i}\n`).join("");
  const last = lastOutput(lines);
  assert.equal(last.split("\n")[0], "20");
  assert.ok(lastOutput(`${AT} stdout F ${"x".repeat(5000)}\n`).length === 2048);
});
