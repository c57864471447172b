import { spawnSync } from "node:child_process";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

/** Whatever happens, its processes end with it: they are in a PID namespace of their own. */
const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const may = spawnSync("unshare", ["--net", "nft", "list", "ruleset"]).status === 0;

/** What a test says when it is skipped; false when it need not be. */
export const skip = may ? false : "needs root and nft";

/** Runs a file of tests (or those whose names match `only`), which plays a node, in namespaces that end with the processes in them. */
export function runInNamespaces(t: TestContext, file: URL, env: Record<string, string> = {}, only?: string): void {
  const args = ["--test-reporter=spec", ...(only ? [`--test-name-pattern=${only}`] : []), fileURLToPath(file)];
  const child = spawnSync("unshare", [...namespaces, process.execPath, ...args], {
    encoding: "utf8",
    timeout: 120_000,
    // unshare blocks SIGTERM while it waits
    killSignal: "SIGKILL",
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
  });
  for (const line of child.stdout.split("\n")) if (/[✔✖]/.test(line)) t.diagnostic(line.trim());
  if (child.status !== 0) throw new Error(`${child.stdout}\n${child.stderr}`);
}
