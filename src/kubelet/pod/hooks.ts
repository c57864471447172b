import type { Container, LifecycleHandler, Pod } from "../../api/core/v1/index.ts";
import type { CriClient } from "../../cri/index.ts";
import type { Clock } from "../../util/clock.ts";
import { httpGet } from "../probes/probe.ts";

export interface HookTarget {
  pod: Pod;
  container: Container;
  containerId: string;
  podIP: string;
}

/** A hook may take as long as it likes; what waits for it sets the limit. */
const FOREVER = 24 * 3600_000;

/** Carries out a lifecycle hook; throws when it fails. */
export async function runHook(
  hook: LifecycleHandler,
  target: HookTarget,
  { cri, clock, signal }: { cri: CriClient; clock: Clock; signal: AbortSignal },
): Promise<void> {
  if (hook.exec) {
    const command = hook.exec.command ?? [];
    const result = await cri.execSync(target.containerId, command, 0);
    if (result.exitCode === 0) return;
    const output = Buffer.concat([result.stdout, result.stderr]).toString();
    throw new Error(`command '${command.join(" ")}' exited with ${result.exitCode}: ${output}`);
  }
  if (hook.httpGet) {
    const { status, body } = await httpGet(hook.httpGet, { ...target, timeoutMs: FOREVER }, clock, {
      abroad: true,
    });
    if (status >= 400) throw new Error(`HTTP hook answered ${status}: ${body}`);
    return;
  }
  if (hook.sleep) return clock.sleep(hook.sleep.seconds * 1000, signal);
  throw new Error("invalid handler: no action is given");
}
