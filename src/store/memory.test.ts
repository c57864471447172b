import assert from "node:assert/strict";
import { test } from "node:test";
import { GuardError } from "./backend.ts";
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

test("memory: a guard is looked at in the order of the writes, within one batch, too", async () => {
  const backend = createMemoryBackend();
  const guard = { key: "/leader", revision: await backend.create("/leader", new Uint8Array(1)) };
  const before = backend.create("/a/1", new Uint8Array(1), guard);
  const change = backend.update("/leader", new Uint8Array(2), guard.revision);
  const after = backend.create("/a/2", new Uint8Array(1), guard);
  await assert.rejects(after, GuardError);
  assert.deepEqual([await before, await change], [3, 4]);
});
