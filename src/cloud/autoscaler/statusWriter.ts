import { ConfigMap } from "../../api/core/v1/index.ts";
import { isConflict, isNotFound } from "../../apimachinery/status.ts";
import type { Client, EventRecorder } from "../../client/index.ts";
import { type Status, statusText } from "./status.ts";

const NAMESPACE = "kube-system";
export const STATUS_NAME = "cluster-autoscaler-status";
const UPDATED = "cluster-autoscaler.kubernetes.io/last-updated";

/** Keeps the ConfigMap that tells how the autoscaler is, and hangs the cluster's events on it. */
export class StatusWriter {
  readonly #client: Client;
  readonly #events: EventRecorder;
  #last: { status: Status; object: ConfigMap } | undefined;

  constructor(client: Client, events: EventRecorder) {
    this.#client = client;
    this.#events = events;
  }

  get status(): Status | undefined {
    return this.#last?.status;
  }

  async write(status: Status): Promise<void> {
    const metadata = { name: STATUS_NAME, namespace: NAMESPACE, annotations: { [UPDATED]: status.time } };
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { status: statusText(status) } } as ConfigMap;
    this.#last = { status, object: await this.#put(object) };
  }

  /** What concerns no Pod and no node. Before the first status there is nothing to hang it on. */
  event(type: "Normal" | "Warning", reason: string, message: string): void {
    if (this.#last) this.#events.event(this.#last.object, type, reason, message);
  }

  /** Whatever was there before is overwritten: only the leader writes. */
  async #put(object: ConfigMap): Promise<ConfigMap> {
    try {
      return await this.#client.update(ConfigMap, object);
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
      return this.#client.create(ConfigMap, object);
    }
  }
}
