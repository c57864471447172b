import type { CriClient } from "../../cri/index.ts";
import type { RuntimePod } from "./runtimePod.ts";

/** Of what has ended, the newest of each name is kept (for its log and its status) and the rest removed. */
export async function collectDead(cri: CriClient, runtime: RuntimePod): Promise<void> {
  const seen = new Set<string>();
  for (const container of runtime.containers) {
    if (container.state !== "exited") continue;
    if (seen.has(container.name)) await cri.removeContainer(container.id).catch(() => {}); // the next sync tries again
    seen.add(container.name);
  }
  for (const sandbox of runtime.sandboxes.slice(1)) {
    const used = runtime.containers.some((it) => it.sandboxId === sandbox.id);
    if (!sandbox.ready && !used) await cri.removePodSandbox(sandbox.id).catch(() => {}); // the same
  }
}
