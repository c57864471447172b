import { request } from "node:https";
import type { Transport } from "../client/transport.ts";
import type { Clock } from "../util/clock.ts";

/** Asks GET /readyz until it answers 200. */
export async function whenApiReady(
  server: string,
  ca: string | Buffer,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while ((await readyz(server, ca)) !== 200) await clock.sleep(15, signal);
}

/** The status code of GET /readyz, or undefined when nothing answers. */
export function readyz(server: string, ca: string | Buffer): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asking = request(`${server}/readyz`, { ca, agent: false, timeout: 2000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asking.on("timeout", () => asking.destroy());
    asking.on("error", () => resolve(undefined)); // not there yet, or not any more
    asking.end();
  });
}

interface NodeCondition {
  type: string;
  status: string;
  message?: string;
  reason?: string;
  lastHeartbeatTime?: string;
}
interface NodeObject {
  metadata: { name: string };
  spec?: { taints?: { key: string }[] };
  status?: { conditions?: NodeCondition[] };
}

/**
 * Resolves when the node's condition Ready is true, as said since a time (ms; whole seconds count), and Pods are let in; tells `note` what it waits for.
 */
export async function whenNodeReady(
  transport: Transport,
  node: string,
  options: { clock: Clock; signal: AbortSignal; note(text: string): void; since?: number },
): Promise<void> {
  const { clock, signal, note, since = 0 } = options;
  const query = {
    watch: "true",
    fieldSelector: `metadata.name=${node}`,
    sendInitialEvents: "true",
    resourceVersionMatch: "NotOlderThan",
    allowWatchBookmarks: "true",
  };
  for (;;) {
    for await (const events of transport.watch({ method: "GET", path: "/api/v1/nodes", query, signal })) {
      for (const { type, object } of events) {
        if (type === "BOOKMARK" || type === "DELETED") continue;
        const { spec, status } = object as NodeObject;
        const ready = status?.conditions?.find((c) => c.type === "Ready");
        const isHeld = spec?.taints?.some(({ key }) => key === "node.kubernetes.io/not-ready");
        const isFresh = Date.parse(ready?.lastHeartbeatTime ?? "") >= Math.floor(since / 1000) * 1000;
        if (ready?.status === "True" && isFresh && !isHeld) return;
        note(`${node}: ${ready?.message ?? "waiting for its first status"}`);
      }
    }
    signal.throwIfAborted();
    await clock.sleep(100, signal); // the server ended the watch: ask again
  }
}
