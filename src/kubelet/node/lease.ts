import { Lease } from "../../api/coordination/v1/index.ts";
import type { Node } from "../../api/core/v1/index.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../../apimachinery/status.ts";
import { formatMicroTime } from "../../apimachinery/time.ts";
import type { Client } from "../../client/client.ts";
import type { Clock } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";

const NAMESPACE = "kube-node-lease";
const RENEW = 10_000;
const DURATION_SECONDS = 40;

/** Renews the node's Lease every 10 s: the cheap sign of life that the node lifecycle controller watches. */
export async function keepLease(
  { client, clock, logger, node }: { client: Client; clock: Clock; logger: Logger; node: () => Node | undefined },
  nodeName: string,
  signal: AbortSignal,
): Promise<void> {
  let lease: Lease | undefined;
  while (!signal.aborted) {
    try {
      lease = await renew(client, clock.now(), nodeName, node(), lease);
      await clock.pause(RENEW, signal);
    } catch (error) {
      if (isConflict(error) || isNotFound(error) || isAlreadyExists(error)) lease = undefined;
      else if (!signal.aborted) logger.warn("lease could not be renewed", { error });
      await clock.pause(lease ? 1000 : 200, signal);
    }
  }
}

async function renew(client: Client, now: number, nodeName: string, node: Node | undefined, known: Lease | undefined) {
  const renewTime = formatMicroTime(now);
  const key = { namespace: NAMESPACE, name: nodeName };
  const current =
    known ??
    (await client.get(Lease, key).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    }));
  const spec = { holderIdentity: nodeName, leaseDurationSeconds: DURATION_SECONDS, renewTime };
  if (current) return client.update(Lease, { ...current, spec: { ...current.spec, ...spec } } as Lease);
  const { uid } = node?.metadata ?? {};
  const ownerReferences = uid ? [{ apiVersion: "v1", kind: "Node", name: nodeName, uid }] : [];
  const metadata = { namespace: NAMESPACE, name: nodeName, ...(uid ? { ownerReferences } : {}) };
  return client.create(Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec } as Lease);
}
