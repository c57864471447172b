import { type Binding, Pod, type PodCondition } from "../api/core/v1/index.ts";
import { isNotFound } from "../apimachinery/status.ts";
import { formatTime } from "../apimachinery/time.ts";
import type { Client } from "../client/client.ts";
import type { EventRecorder } from "../client/events.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import { keyOfPod } from "./podFacts.ts";

export interface PodWriterOptions {
  client: Client;
  clock: Clock;
  logger: Logger;
  events: EventRecorder;
  signal: AbortSignal;
}

/** Why a Pod is not scheduled. */
export interface Failure {
  readonly reason: "Unschedulable" | "SchedulerError";
  readonly message: string;
  /** the node where room is made for it; "": none any more; undefined: as it was */
  readonly nominatedNodeName?: string;
}

/** Longer notes are cut, as events have a limit. */
const LONGEST_NOTE = 1024;

/** Says in the API what was decided about Pods. */
export class PodWriter {
  readonly #options: PodWriterOptions;

  constructor(options: PodWriterOptions) {
    this.#options = options;
  }

  /** Binds the Pod; throws when that fails. */
  async bind(pod: Pod, nodeName: string): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    const binding: Binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name, namespace, uid },
      target: { apiVersion: "v1", kind: "Node", name: nodeName },
    };
    await this.#options.client.createSubresource(Pod, { namespace, name: name! }, "binding", binding);
    const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
    this.#options.events.event(pod, "Normal", "Scheduled", message, { action: "Binding" });
  }

  /** Notes that the Pod is not scheduled: an event each time, a condition when it says something new. */
  async report(pod: Pod, { reason, message, nominatedNodeName }: Failure): Promise<void> {
    const note = message.length > LONGEST_NOTE ? `${message.slice(0, LONGEST_NOTE - 4)} ...` : message;
    this.#options.events.event(pod, "Warning", "FailedScheduling", note, { action: "Scheduling" });
    const old = pod.status.conditions?.find((condition) => condition.type === "PodScheduled");
    const isSaid = old?.status === "False" && old.reason === reason && old.message === message;
    const nominated = nominatedNodeName !== undefined && nominatedNodeName !== (pod.status.nominatedNodeName ?? "");
    if (isSaid && !nominated) return;
    const condition = {
      type: "PodScheduled",
      status: "False",
      reason,
      message,
      observedGeneration: pod.metadata.generation,
      lastProbeTime: null,
      lastTransitionTime: old?.status === "False" ? old.lastTransitionTime : formatTime(this.#options.clock.now()),
    };
    await this.#patch(pod, {
      ...(isSaid ? {} : { conditions: [condition as unknown as PodCondition] }),
      ...(nominated ? { nominatedNodeName: nominatedNodeName || null } : {}),
    });
  }

  /** Where the Pod is expected to go; "": nowhere any more. */
  async nominate(pod: Pod, nodeName: string): Promise<void> {
    await this.#patch(pod, { nominatedNodeName: nodeName || null });
  }

  async #patch(pod: Pod, status: object): Promise<void> {
    const { client, signal, logger } = this.#options;
    const { namespace, name, uid } = pod.metadata;
    const patch = { metadata: { uid }, status };
    try {
      await client.patch(Pod, { namespace, name: name! }, "strategic", patch, { subresource: "status" });
    } catch (error) {
      if (signal.aborted || isNotFound(error)) return; // gone meanwhile
      logger.warn("could not report on a pod", { pod: keyOfPod(pod), error: (error as Error).message });
    }
  }
}
