import { UserError } from "../cli/errors.ts";
import type { CommonOptions } from "../cli/program.ts";
import { Progress } from "../cli/progress.ts";
import { clusterNameProblem } from "../cluster/layout.ts";
import { withLock } from "../cluster/lock.ts";
import { realClock as clock } from "../util/clock.ts";

const LOCK_WAIT = 10_000;

/** Runs `work` alone on the cluster, showing its steps on stderr. */
export function alone<T>(options: CommonOptions, work: (progress: Progress) => Promise<T>): Promise<T> {
  const progress = progressOf(options);
  return locked(options.name, () => work(progress));
}

export function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  return withLock(name, { clock, wait: LOCK_WAIT }, work);
}

export function progressOf(options: CommonOptions): Progress {
  const problem = clusterNameProblem(options.name);
  if (problem) throw new UserError(problem);
  const quiet = options.output === "json" && !process.stderr.isTTY;
  const screen = {
    write: (text: string) => void process.stderr.write(text),
    isTTY: process.stderr.isTTY === true,
    columns: process.stderr.columns,
  };
  return new Progress(screen, clock, { quiet });
}
