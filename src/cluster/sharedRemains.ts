import type { Clock } from "../util/clock.ts";
import { clusterNames, readCluster } from "./config.ts";
import { withMachineLock } from "./lock.ts";
import { removeSharedFolders, removeSharedRules } from "./teardown.ts";

/**
 * Sweeps away what all clusters of this machine have in common, if no other than `name` is there to use it. A new one
 * cannot begin meanwhile, since it must take its place among them under the same lock.
 */
export async function sweepShared(name: string, clock: Clock): Promise<void> {
  await withMachineLock(clock, async () => {
    if (await othersThan(name)) return;
    await removeSharedRules();
    await removeSharedFolders();
  });
}

async function othersThan(name: string): Promise<boolean> {
  const names = (await clusterNames()).filter((other) => other !== name);
  return (await Promise.all(names.map(readCluster))).some((config) => config !== undefined);
}
