import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryBackend } from "./memory.ts";
import { backendSuite } from "./suite.ts";

backendSuite({ name: "memory", open: async (options) => createMemoryBackend(options) });

test("memory: a write needs microtasks only, so that virtual time need not pass", async () => {
  const backend = createMemoryBackend();
  let written = false;
  void backend.create("/a/1", new Uint8Array(1)).then(() => {
    written = true;
  });
  for (let i = 0; i < 20 && !written; i++) await Promise.resolve();
  assert.equal(written, true);
});
