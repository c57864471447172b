import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SETTLE = fileURLToPath(new URL("prepare.ts", import.meta.url));
const CLOCK = fileURLToPath(new URL("../util/clock.ts", import.meta.url));

test("clusters that begin at the same moment get indexes of their own", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "coxswain-index-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  // the lock knows its owner as a process that runs a file of this name
  const program = join(root, "cox.ts");
  const code = `const { settle } = await import(${JSON.stringify(SETTLE)});
    const { realClock } = await import(${JSON.stringify(CLOCK)});
    process.stdout.write(String((await settle(process.argv[2], realClock)).index));`;
  await writeFile(program, code);
  const env = { ...process.env, COXSWAIN_STATE_ROOT: join(root, "state"), COXSWAIN_RUN_ROOT: join(root, "run") };

  const indexes = await Promise.all(["a", "b", "c", "d"].map((name) => output([program, name], env)));

  assert.deepEqual(indexes.toSorted(), ["0", "1", "2", "3"]);
});

function output(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (data: Buffer) => {
    text += data;
  });
  return new Promise((resolve) => child.on("close", () => resolve(text)));
}
