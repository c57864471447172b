import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../util/clock.ts";
import { ClusterError, errorCode } from "./errors.ts";
import { runRoot } from "./layout.ts";
import { commandLine } from "./processes.ts";
import { removeIfEmpty } from "./teardown.ts";

/** Runs `work` while no other cox changes the cluster of this name; a lock whose owner has died does not count. */
export async function withLock<T>(
  name: string,
  options: { clock: Clock; wait: number },
  work: () => Promise<T>,
): Promise<T> {
  const path = join(runRoot(), `.${name}.lock`);
  await acquire(path, name, options.clock, options.clock.now() + options.wait);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
    await removeIfEmpty(runRoot());
  }
}

/** Names the lock of the whole machine; no cluster can be called so. */
const MACHINE = ".index";

/** Runs `work` while no cluster takes its place on this machine, or gives it up. */
export function withMachineLock<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  return withLock(MACHINE, { clock, wait: 10_000 }, work);
}

async function acquire(path: string, name: string, clock: Clock, deadline: number): Promise<void> {
  for (;;) {
    try {
      // the last to leave removes the folder
      await mkdir(runRoot(), { recursive: true });
      const file = await open(path, "wx");
      await file.writeFile(`${process.pid}`);
      await file.close();
      return;
    } catch (error) {
      if (errorCode(error) === "ENOENT") continue;
      if (errorCode(error) !== "EEXIST") throw error;
    }
    const owner = Number(await readFile(path, "utf8").catch(() => "")); // gone meanwhile: try again
    // its number may by now be another program's
    if (owner > 0 && !(await commandLine(owner))?.some((word) => word.endsWith("/cox.ts"))) {
      await rm(path, { force: true });
      continue;
    }
    if (clock.now() > deadline) {
      throw new ClusterError(`another cox (process ${owner}) is at work on cluster ${name}`, {
        hint: `wait for it, or end it with: kill ${owner}`,
      });
    }
    await clock.sleep(50);
  }
}
