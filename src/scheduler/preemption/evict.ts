import { Pod } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Client } from "../../client/client.ts";
import type { EventRecorder } from "../../client/events.ts";
import type { Clock } from "../../util/clock.ts";

export interface EvictOptions {
  client: Client;
  clock: Clock;
  events: EventRecorder;
}

/** Makes a victim leave: says why in its conditions, deletes it gracefully, and notes it. Gone already is as good. */
export async function evict(victim: Pod, preemptor: Pod, nodeName: string, options: EvictOptions): Promise<void> {
  const { client, clock, events } = options;
  const { namespace, name = "", uid } = victim.metadata;
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "PreemptionByScheduler",
    message: `${preemptor.spec.schedulerName}: preempting to accommodate a higher priority pod`,
    observedGeneration: victim.metadata.generation,
    lastProbeTime: null,
    lastTransitionTime: formatTime(clock.now()),
  };
  const key = { namespace, name };
  try {
    const patch = { metadata: { uid }, status: { conditions: [condition] } };
    await client.patch(Pod, key, "strategic", patch, { subresource: "status" });
    await client.delete(Pod, key, { preconditions: { uid } });
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  const message = `Preempted by pod ${preemptor.metadata.uid} on node ${nodeName}`;
  events.event(victim, "Normal", "Preempted", message, { action: "Preempting", related: preemptor });
}
