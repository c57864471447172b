import { execFile } from "node:child_process";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");

/** The cluster that benchmarks bring up and take down; its name keeps it apart from any other. */
export const CLUSTER = "bench";

/** Runs `cox`, and answers what it printed and how long it took, in seconds. */
export async function cox(...args: string[]): Promise<{ output: string; seconds: number }> {
  const start = performance.now();
  const { stdout, stderr } = await run(join(root, "cox"), args, { cwd: root, maxBuffer: 64 << 20 });
  return { output: stdout + stderr, seconds: (performance.now() - start) / 1000 };
}

export async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await run("kubectl", ["--context", `coxswain-${CLUSTER}`, ...args], { maxBuffer: 64 << 20 });
  return stdout;
}
