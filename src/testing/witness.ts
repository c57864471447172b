import type { Scale } from "../api/autoscaling/v1/index.ts";
import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import type { ListOptions, WatchEvent } from "../client/index.ts";
import type { Cluster } from "./cluster.ts";

/** What a client was told by a watch, in order. */
export interface Witness<T> {
  readonly events: readonly WatchEvent<T>[];
  /** Whether an event of this type told of an object that is so. */
  saw(type: WatchEvent<T>["type"], holds: (object: T) => boolean): boolean;
}

/** Follows a kind as any client would, from now until the test ends. */
export async function witness<T extends KubernetesObject>(
  t: { after(end: () => void): void },
  cluster: Cluster,
  kind: Kind<T>,
  options: ListOptions = { namespace: "default" },
): Promise<Witness<T>> {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const events: WatchEvent<T>[] = [];
  const { metadata } = await cluster.client.list(kind, options);
  const { resourceVersion } = metadata;
  const follow = async () => {
    for await (const event of cluster.client.watch(kind, { ...options, resourceVersion }, stop.signal))
      events.push(event);
  };
  follow().catch(() => {}); // ends with the test, or with the cluster
  return { events, saw: (type, holds) => events.some((event) => event.type === type && holds(event.object)) };
}

/** The scale subresource of one object, as clients that know no more of its kind use it. */
export function scaleOf<T extends KubernetesObject>(cluster: Cluster, kind: Kind<T>, name: string) {
  const key = { namespace: "default", name };
  const subresource = "scale";
  const asScale = (answer: Promise<T>) => answer as unknown as Promise<Scale>;
  return {
    get: () => asScale(cluster.client.get(kind, key, { subresource })),
    update: (scale: Scale) => asScale(cluster.client.update(kind, scale as unknown as T, { subresource })),
    patch: (replicas: number) =>
      asScale(cluster.client.patch(kind, key, "strategic", { spec: { replicas } }, { subresource })),
  };
}
