import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { seededRandom } from "../util/random.ts";
import { openEmbeddedBackend } from "./embedded.ts";

const ROUNDS = 50;
const text = (value: Uint8Array) => new TextDecoder().decode(value);
const writer = fileURLToPath(new URL("./crashWriter.ts", import.meta.url));

interface Acknowledged {
  revision: number;
  value: string;
}

/** Notes whole lines of the child's output, and kills it with SIGKILL once it has said `lines` of them. */
async function killAfter(child: ChildProcess, lines: number, note: (line: string) => void): Promise<number> {
  let rest = "";
  let count = 0;
  child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop()!;
    for (const line of parts) note(line);
    count += parts.length;
    if (count >= lines) child.kill("SIGKILL");
  });
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  assert.equal(signal, "SIGKILL", "the writer ends only because it was killed");
  return count;
}

test(`embedded: ${ROUNDS} times killed while writing, nothing acknowledged is lost and no revision comes twice`, async () => {
  const directory = mkdtempSync(join(tmpdir(), "store-crash-"));
  const random = seededRandom(1);
  const acknowledged = new Map<string, Acknowledged>();
  let newest = 1;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const given = new Set<string>();
      const child = spawn(process.execPath, [writer, directory], { stdio: ["ignore", "pipe", "inherit"] });
      await killAfter(child, 1 + Math.floor(random.next() ** 2 * 1500), (line) => {
        const [revision = "", key = "", value = ""] = line.split(" ");
        assert.ok(Number(revision) > newest, `revision ${revision} is newer than all before the crash (${newest})`);
        assert.ok(!given.has(revision), `revision ${revision} is given once`);
        given.add(revision);
        acknowledged.set(key, { revision: Number(revision), value });
      });
      newest = await verify(directory, acknowledged, Math.max(newest, ...[...given].map(Number)));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

/** Opens the store and holds it against what was acknowledged; answers its newest revision. */
async function verify(directory: string, acknowledged: Map<string, Acknowledged>, last: number): Promise<number> {
  const backend = await openEmbeddedBackend({ directory });
  try {
    assert.ok(backend.revision() >= last, `revision ${backend.revision()} is not below the acknowledged ${last}`);
    const { entries } = await backend.list("/w/");
    const stored = new Map(entries.map(({ key, revision, value }) => [key, { revision, value: text(value) }]));
    for (const [key, expected] of acknowledged) {
      const entry = stored.get(key);
      // The next write of a key, under way when the process died, may have happened: a deletion only after the update.
      if (!entry)
        assert.ok(key.endsWith("-doomed") && /[y-]/.test(expected.value), `${key} of ${expected.revision} is lost`);
      else if (entry.revision <= expected.revision) assert.deepEqual(entry, expected, key);
    }
    acknowledged.clear();
    for (const [key, entry] of stored) acknowledged.set(key, entry);
    return backend.revision();
  } finally {
    await backend.close();
  }
}
