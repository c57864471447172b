import type { Transport } from "../client/transport.ts";
import type { Clock } from "../util/clock.ts";

export interface PodObject {
  metadata: { name: string; namespace: string; deletionTimestamp?: string };
  spec: { nodeName?: string; restartPolicy?: string };
  status?: { phase?: string; containerStatuses?: { state?: { running?: { startedAt?: string } } }[] };
}

/**
 * Which Pods do not run again: those that are to run for ever on one of the nodes and have a container that has not been
 * started since then (ms since the epoch). Until a kubelet has looked, the API says of a Pod what was so before.
 */
export function notYetAgain(pods: readonly PodObject[], nodes: readonly string[], since: number): string[] {
  const from = Math.floor(since / 1000) * 1000; // times in the API are whole seconds
  return pods
    .filter(({ metadata, spec, status }) => {
      const isMeant = nodes.includes(spec.nodeName ?? "") && (spec.restartPolicy ?? "Always") === "Always";
      return isMeant && !metadata.deletionTimestamp && status?.phase !== "Failed" && status?.phase !== "Succeeded";
    })
    .filter(({ status }) => {
      const started = (status?.containerStatuses ?? []).map(({ state }) => Date.parse(state?.running?.startedAt ?? ""));
      return started.length === 0 || !started.every((at) => at >= from);
    })
    .map(({ metadata: { namespace, name } }) => `${namespace}/${name}`);
}

/** Waits until all Pods run again, at most `patience` ms; answers those that do not. */
export async function whenPodsRunAgain(
  api: Transport,
  nodes: readonly string[],
  options: { since: number; patience: number; clock: Clock; signal: AbortSignal; note(text: string): void },
): Promise<string[]> {
  const { since, patience, clock, signal, note } = options;
  for (const deadline = clock.now() + patience; ; await clock.sleep(200, signal)) {
    const { items } = (await api.request({ method: "GET", path: "/api/v1/pods" })) as { items: PodObject[] };
    const waiting = notYetAgain(items, nodes, since);
    if (waiting.length === 0 || clock.now() >= deadline) return waiting;
    note(`${waiting.length} not yet`);
  }
}
