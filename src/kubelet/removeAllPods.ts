import type { CriClient } from "../cri/index.ts";
import { silentLogger } from "../util/logger.ts";
import { realCgroups } from "./cgroups.ts";
import { realMounter } from "./volumes/mounter.ts";

export interface RemoveAllOptions {
  cri: CriClient;
  /** the kubelet's, whose mounts are undone */
  rootDirectory: string;
  cgroupRoot: string;
  /** how long containers have to end, in seconds */
  grace?: number;
}

/** Ends and removes every sandbox and container, the pods' mounts and cgroups. Safe to repeat. For `cox down`. */
export async function removeAllPods({ cri, rootDirectory, cgroupRoot, grace = 2 }: RemoveAllOptions): Promise<void> {
  const running = await cri.listContainers({ state: { state: "CONTAINER_RUNNING" } });
  await Promise.all(running.map((it) => cri.stopContainer(it.id, grace).catch(() => {})));
  await Promise.all(
    (await cri.listPodSandbox()).map(async ({ id }) => {
      await cri.stopPodSandbox(id);
      await cri.removePodSandbox(id);
    }),
  );
  for (const { id } of await cri.listContainers()) await cri.removeContainer(id);
  await realMounter.unmountAll(rootDirectory);
  await realCgroups(cgroupRoot, silentLogger).removeAll();
}
