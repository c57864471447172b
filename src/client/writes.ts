import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { isNotFound } from "../apimachinery/status.ts";
import type { Client, DeleteOptions, ObjectKey, PatchType, WriteOptions } from "./client.ts";
import type { Informer } from "./informer.ts";
import type { KindIdentity } from "./path.ts";

/** The informer that sees all objects of a kind, if the controller has one. */
export type InformerOf = (kind: KindIdentity) => Informer<KubernetesObject> | undefined;

/**
 * Remembers what was written for one key, until the informers have seen it. Without this a controller that has just
 * created a Pod could look at a cache that does not know the Pod yet, and create it again.
 */
export class WrittenRevisions {
  readonly #informerOf: InformerOf;
  readonly #revisions = new Map<Informer<KubernetesObject>, number>();
  readonly #deletions: Deletion[] = [];

  constructor(informerOf: InformerOf) {
    this.#informerOf = informerOf;
  }

  wrote(kind: KindIdentity, object: KubernetesObject): void {
    const informer = this.#informerOf(kind);
    const revision = Number(object.metadata?.resourceVersion);
    if (!informer || !(revision > (this.#revisions.get(informer) ?? 0))) return;
    this.#revisions.set(informer, revision);
  }

  deleted(kind: KindIdentity, key: ObjectKey): void {
    const informer = this.#informerOf(kind);
    const known = informer?.get(key);
    if (informer && known && !isLeaving(known)) this.#deletions.push({ informer, key, uid: known.metadata.uid });
  }

  /** Whether the informers have seen all of it. */
  get isSeen(): boolean {
    for (const [informer, revision] of this.#revisions) if (informer.revision < revision) return false;
    return this.#deletions.every(isGone);
  }

  /** Resolves when the informers have seen all of it. */
  async seen(signal: AbortSignal): Promise<void> {
    for (const [informer, revision] of this.#revisions) {
      await progressUntil(informer, () => informer.revision >= revision, signal);
    }
    for (const deletion of this.#deletions) await progressUntil(deletion.informer, () => isGone(deletion), signal);
  }
}

interface Deletion {
  informer: Informer<KubernetesObject>;
  key: ObjectKey;
  uid: string | undefined;
}

function isGone({ informer, key, uid }: Deletion): boolean {
  const object = informer.get(key);
  return !object || object.metadata.uid !== uid || isLeaving(object);
}

function isLeaving(object: KubernetesObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

function progressUntil(
  informer: Informer<KubernetesObject>,
  holds: () => boolean,
  signal: AbortSignal,
): Promise<void> | undefined {
  if (holds()) return undefined;
  return new Promise((resolve, reject) => {
    const abort = () => {
      stop();
      reject(signal.reason);
    };
    const stop = informer.onProgress(() => {
      if (!holds()) return;
      stop();
      signal.removeEventListener("abort", abort);
      resolve();
    });
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/** A client that notes in `writes` what is written through it. */
export function recordingClient(client: Client, writes: WrittenRevisions): Client {
  return new RecordingClient(client, writes);
}

class RecordingClient implements Client {
  readonly get: Client["get"];
  readonly list: Client["list"];
  readonly watch: Client["watch"];
  readonly createSubresource: Client["createSubresource"];
  readonly deleteCollection: Client["deleteCollection"];
  readonly #client: Client;
  readonly #writes: WrittenRevisions;

  constructor(client: Client, writes: WrittenRevisions) {
    this.#client = client;
    this.#writes = writes;
    this.get = client.get.bind(client);
    this.list = client.list.bind(client);
    this.watch = client.watch.bind(client);
    this.createSubresource = client.createSubresource.bind(client);
    this.deleteCollection = client.deleteCollection.bind(client);
  }
  async create<T extends KubernetesObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T> {
    return this.#note(kind, await this.#client.create(kind, object, options));
  }
  async update<T extends KubernetesObject>(
    kind: Kind<T>,
    object: T,
    options?: WriteOptions & { subresource?: string },
  ): Promise<T> {
    return this.#note(kind, await this.#client.update(kind, object, options));
  }
  async updateStatus<T extends KubernetesObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T> {
    return this.#note(kind, await this.#client.updateStatus(kind, object, options));
  }
  async patch<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { subresource?: string; force?: boolean },
  ): Promise<T> {
    return this.#note(kind, await this.#client.patch(kind, key, type, patch, options));
  }
  async delete<T extends KubernetesObject>(kind: Kind<T>, key: ObjectKey, options?: DeleteOptions): Promise<void> {
    try {
      await this.#client.delete(kind, key, options);
    } catch (error) {
      if (isNotFound(error)) this.#writes.deleted(kind, key);
      throw error;
    }
    this.#writes.deleted(kind, key);
  }
  #note<T extends KubernetesObject>(kind: KindIdentity, object: T): T {
    this.#writes.wrote(kind, object);
    return object;
  }
}
