import { readdir, readFile } from "node:fs/promises";
import type { Clock } from "../util/clock.ts";

/** The words of a live process's command line, or undefined when there is none (a zombie is none). */
export async function commandLine(pid: number): Promise<string[] | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/cmdline`, "utf8");
    return text === "" ? undefined : text.split("\0").slice(0, -1);
  } catch {
    return undefined; // it ended
  }
}

export interface Process {
  pid: number;
  command: string[];
}

/** All live processes with a command line that satisfies `test`, this one excepted. */
export async function findProcesses(test: (command: string[]) => boolean): Promise<Process[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const found = await Promise.all(pids.map(async (pid) => ({ pid, command: await commandLine(pid) })));
  return found.filter((p): p is Process => p.command !== undefined && test(p.command));
}

/** Sends a signal; a process that is gone is as good. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Waits until none of the processes lives; answers those that still do after `ms`. */
export async function whenGone(pids: readonly number[], clock: Clock, ms: number): Promise<number[]> {
  const deadline = clock.now() + ms;
  let left = [...pids];
  for (;;) {
    const alive = await Promise.all(left.map(commandLine));
    left = left.filter((_, i) => alive[i]);
    if (left.length === 0 || clock.now() >= deadline) return left;
    await clock.sleep(10);
  }
}
