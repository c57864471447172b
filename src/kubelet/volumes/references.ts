import { ConfigMap, type Pod, Secret } from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import type { Client } from "../../client/client.ts";
import type { Clock } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import { allContainers } from "../pod/spec.ts";

type Referable = ConfigMap | Secret;

interface Entry {
  object: Referable | undefined;
  /** why it could not be read, while that is so */
  failure: Error | undefined;
  /** resolves when the first answer (or failure) is there */
  ready: Promise<void>;
  /** pods by uid */
  users: Set<string>;
  stop: AbortController;
}

export interface ReferencesOptions {
  client: Client;
  clock: Clock;
  logger: Logger;
  /** a pod's object has changed, appeared or gone */
  changed(podUid: string): void;
}

/**
 * The ConfigMaps and Secrets that pods of this node refer to, and no others: one watch each, from the first pod that
 * needs it to the last. So a node sees no secret that is none of its business, and changes reach volumes at once.
 */
export class References {
  readonly #entries = new Map<string, Entry>();
  readonly #options: ReferencesOptions;

  constructor(options: ReferencesOptions) {
    this.#options = options;
  }

  /** Follows everything `pod` refers to; resolves when all of it is known (or known to be missing), rejects when it cannot be read. */
  async follow(pod: Pod, signal: AbortSignal): Promise<void> {
    const uid = pod.metadata.uid!;
    const wanted = new Set(referencesOf(pod));
    const ready: Promise<void>[] = [];
    for (const key of wanted) {
      const entry = this.#entries.get(key) ?? this.#open(key);
      entry.users.add(uid);
      ready.push(entry.ready);
    }
    for (const [key, entry] of this.#entries) if (!wanted.has(key)) this.#release(key, entry, uid);
    const aborted = new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
    );
    aborted.catch(() => {});
    await Promise.race([Promise.all(ready), aborted]);
    for (const key of wanted) {
      const failure = this.#entries.get(key)?.failure;
      if (failure) throw failure;
    }
  }

  unfollow(podUid: string): void {
    for (const [key, entry] of this.#entries) this.#release(key, entry, podUid);
  }

  configMap(namespace: string, name: string): ConfigMap | undefined {
    return this.#entries.get(`ConfigMap/${namespace}/${name}`)?.object as ConfigMap | undefined;
  }
  secret(namespace: string, name: string): Secret | undefined {
    return this.#entries.get(`Secret/${namespace}/${name}`)?.object as Secret | undefined;
  }
  close(): void {
    for (const entry of this.#entries.values()) entry.stop.abort();
    this.#entries.clear();
  }

  #release(key: string, entry: Entry, uid: string): void {
    if (!entry.users.delete(uid) || entry.users.size > 0) return;
    entry.stop.abort();
    this.#entries.delete(key);
  }

  #open(key: string): Entry {
    const [type, namespace, name] = key.split("/") as ["ConfigMap" | "Secret", string, string];
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    const entry: Entry = { object: undefined, failure: undefined, ready: promise, users: new Set(), stop };
    this.#entries.set(key, entry);
    const kind = (type === "ConfigMap" ? ConfigMap : Secret) as unknown as Kind<Referable & KubernetesObject>;
    void this.#run(kind, { namespace, name }, entry, resolve);
    return entry;
  }

  async #run(
    kind: Kind<Referable & KubernetesObject>,
    key: { namespace: string; name: string },
    entry: Entry,
    ready: () => void,
  ): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = entry.stop;
    while (!signal.aborted) {
      try {
        await this.#watch(kind, key, entry, ready);
      } catch (error) {
        if (signal.aborted) return;
        // A watch that breaks begins anew; an object that was never read keeps its pod waiting, which must show.
        if (entry.object) logger.debug("watch of a referenced object ended", { kind: kind.kind, ...key, error });
        else entry.failure = error instanceof Error ? error : new Error(String(error));
        ready();
        await clock.pause(1000, signal);
      }
    }
  }

  async #watch(
    kind: Kind<Referable & KubernetesObject>,
    key: { namespace: string; name: string },
    entry: Entry,
    ready: () => void,
  ): Promise<void> {
    const { client } = this.#options;
    const fieldSelector = `metadata.name=${key.name}`;
    const found = await client.get(kind, key).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    const failed = entry.failure !== undefined;
    entry.failure = undefined;
    if (!this.#take(entry, found) && failed) this.#tell(entry);
    ready();
    // What is immutable cannot change; what is not there may still come.
    const since = found ?? (await client.list(kind, { namespace: key.namespace, fieldSelector }));
    const options = { namespace: key.namespace, fieldSelector, resourceVersion: since.metadata.resourceVersion };
    for await (const event of client.watch(kind, options, entry.stop.signal)) {
      if (event.type === "BOOKMARK") continue;
      this.#take(entry, event.type === "DELETED" ? undefined : event.object);
    }
  }

  /** Answers whether it is news. */
  #take(entry: Entry, object: Referable | undefined): boolean {
    if (entry.object?.metadata.resourceVersion === object?.metadata.resourceVersion) return false;
    entry.object = object;
    this.#tell(entry);
    return true;
  }
  #tell(entry: Entry): void {
    for (const uid of entry.users) this.#options.changed(uid);
  }
}

/** Keys of all ConfigMaps and Secrets a pod names: "ConfigMap/ns/name". */
export function referencesOf(pod: Pod): string[] {
  const namespace = pod.metadata.namespace!;
  const keys: string[] = [];
  const configMap = (name?: string) => name && keys.push(`ConfigMap/${namespace}/${name}`);
  const secret = (name?: string) => name && keys.push(`Secret/${namespace}/${name}`);
  for (const volume of pod.spec.volumes ?? []) {
    configMap(volume.configMap?.name);
    secret(volume.secret?.secretName);
    for (const source of volume.projected?.sources ?? []) {
      configMap(source.configMap?.name);
      secret(source.secret?.name);
    }
  }
  for (const container of allContainers(pod)) {
    for (const { valueFrom } of container.env ?? []) {
      configMap(valueFrom?.configMapKeyRef?.name);
      secret(valueFrom?.secretKeyRef?.name);
    }
    for (const source of container.envFrom ?? []) {
      configMap(source.configMapRef?.name);
      secret(source.secretRef?.name);
    }
  }
  for (const { name } of pod.spec.imagePullSecrets ?? []) secret(name);
  return keys;
}
