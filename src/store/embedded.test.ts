import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Backend } from "./backend.ts";
import { openEmbeddedBackend } from "./embedded.ts";
import { StoreCorruptError, StoreInUseError } from "./errors.ts";
import { backendSuite } from "./suite.ts";

const root = mkdtempSync(join(tmpdir(), "store-test-"));
after(() => rmSync(root, { recursive: true, force: true }));
const directories = new WeakMap<Backend, string>();
const newDirectory = () => mkdtempSync(join(root, "d-"));

async function openIn(directory: string, options = {}): Promise<Backend> {
  const backend = await openEmbeddedBackend({ directory, ...options });
  directories.set(backend, directory);
  return backend;
}

backendSuite({
  name: "embedded",
  open: (options) => openIn(newDirectory(), options),
  async reopen(backend) {
    await backend.close();
    return openIn(directories.get(backend)!);
  },
});

/** A closed store with 200 keys of 1 kB. */
async function filled(): Promise<string> {
  const directory = newDirectory();
  const backend = await openIn(directory);
  const value = new TextEncoder().encode("x".repeat(1000));
  await Promise.all(Array.from({ length: 200 }, (_, i) => backend.create(`/a/${i}`, value)));
  await backend.close();
  return directory;
}

test("embedded: a directory can be opened once only, and the error names the owner", async () => {
  const directory = newDirectory();
  const backend = await openIn(directory);
  await assert.rejects(openIn(directory), (error: unknown) => {
    assert.ok(error instanceof StoreInUseError);
    assert.match(error.message, new RegExp(`in use by another process \\(pid ${process.pid}\\)`));
    return true;
  });
  await backend.create("/a/1", new Uint8Array(1));
  await backend.close();
  await (await openIn(directory)).close();
});

test("embedded: a file that is no store is refused, and left alone", async () => {
  const directory = newDirectory();
  writeFileSync(join(directory, "store.db"), "these are the wrong bytes ".repeat(1000));
  await assert.rejects(openIn(directory), StoreCorruptError);
  assert.match(readFileSync(join(directory, "store.db"), "utf8"), /^these are the wrong bytes/);
});

test("embedded: a file that was cut short is refused", async () => {
  const directory = await filled();
  const path = join(directory, "store.db");
  truncateSync(path, statSync(path).size >> 1);
  await assert.rejects(openIn(directory), StoreCorruptError);
});

test("embedded: a value whose bytes have changed on the disk is not handed out", async () => {
  const directory = await filled();
  const path = join(directory, "store.db");
  const damaged = readFileSync(path, "latin1").replaceAll(/x{500}/g, `y${"x".repeat(499)}`);
  writeFileSync(path, damaged, "latin1");
  const backend = await openIn(directory);
  await assert.rejects(backend.list("/a/"), (error: unknown) => {
    assert.ok(error instanceof StoreCorruptError);
    assert.match(error.message, /the value of \/a\/\d+ at revision \d+ is not what was written/);
    return true;
  });
  await backend.close();
});
