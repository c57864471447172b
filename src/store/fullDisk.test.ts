import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const store = new URL("./embedded.ts", import.meta.url).href;
const mayMount = spawnSync("unshare", ["-m", "true"]).status === 0;

/** Fills a small disk, frees some of it, goes on, and opens the store again: what it prints is what the test expects. */
const program = `
  import { rmSync, writeFileSync } from "node:fs";
  import { openEmbeddedBackend } from ${JSON.stringify(store)};
  const directory = process.argv[1];
  writeFileSync(directory + "/ballast", Buffer.alloc(1 << 20));
  let backend = await openEmbeddedBackend({ directory });
  let written = 0;
  try {
    for (;;) { await backend.create("/a/" + written, Buffer.alloc(10000)); written++; }
  } catch (error) {
    console.log(error.constructor.name, /no space left/.test(error.message), backend.revision() === written + 1);
  }
  rmSync(directory + "/ballast");
  console.log(await backend.create("/a/" + written, Buffer.alloc(10000)) === written + 2);
  await backend.close();
  backend = await openEmbeddedBackend({ directory });
  console.log((await backend.list("/a/")).entries.length === written + 1);
  await backend.close();
`;

test("embedded: a full disk refuses writes clearly, loses nothing, and takes writes again when there is room", {
  skip: mayMount ? false : "needs the right to mount",
}, () => {
  const directory = mkdtempSync(join(tmpdir(), "store-full-"));
  const script = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" --input-type=module -e "$3" "$1"';
  const child = spawnSync("unshare", ["-m", "sh", "-c", script, "sh", directory, process.execPath, program], {
    encoding: "utf8",
    timeout: 20_000,
  });
  rmSync(directory, { recursive: true });
  assert.deepEqual(child.stdout.split("\n"), ["StoreFullError true true", "true", "true", ""], child.stderr);
});
