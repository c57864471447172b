import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesList, KubernetesObject } from "../apimachinery/meta.ts";

/** Names one object; `namespace` is left out for cluster-wide kinds. */
export interface ObjectKey {
  namespace?: string;
  name: string;
}

export interface ListOptions {
  /** all namespaces when left out */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  resourceVersionMatch?: "Exact" | "NotOlderThan";
}

export interface WatchOptions extends ListOptions {
  /** events after this version; left out: what exists first, as ADDED */
  resourceVersion?: string;
  allowWatchBookmarks?: boolean;
  sendInitialEvents?: boolean;
  timeoutSeconds?: number;
}

export type WatchEvent<T> = { type: "ADDED" | "MODIFIED" | "DELETED"; object: T } | { type: "BOOKMARK"; object: T };

export interface GetOptions {
  resourceVersion?: string;
  /** such as "scale"; the answer is of that subresource's kind */
  subresource?: string;
  /** what a subresource is asked besides */
  query?: Readonly<Record<string, string>>;
}

export interface WriteOptions {
  fieldManager?: string;
  dryRun?: boolean;
}

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: "Background" | "Foreground" | "Orphan";
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
}

export type PatchType = "json" | "merge" | "strategic" | "apply";

/**
 * The API as a component sees it, whichever transport is below. Objects that are handed out are frozen: `structuredClone`
 * one to change it. Every method throws StatusError. `subresource` is for example "status" or "scale".
 */
export interface Client {
  get<T extends KubernetesObject>(kind: Kind<T>, key: ObjectKey, options?: GetOptions): Promise<T>;
  list<T extends KubernetesObject>(kind: Kind<T>, options?: ListOptions): Promise<KubernetesList<T>>;
  create<T extends KubernetesObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T>;
  /** Creates through a subresource, such as "binding", "eviction" or "token"; both bodies are of the subresource's kind. */
  createSubresource<T extends KubernetesObject, B, R = B>(
    kind: Kind<T>,
    key: ObjectKey,
    subresource: string,
    body: B,
    options?: WriteOptions,
  ): Promise<R>;
  update<T extends KubernetesObject>(
    kind: Kind<T>,
    object: T,
    options?: WriteOptions & { subresource?: string },
  ): Promise<T>;
  updateStatus<T extends KubernetesObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { subresource?: string; force?: boolean },
  ): Promise<T>;
  delete<T extends KubernetesObject>(kind: Kind<T>, key: ObjectKey, options?: DeleteOptions): Promise<void>;
  deleteCollection<T extends KubernetesObject>(
    kind: Kind<T>,
    options: ListOptions & { delete?: DeleteOptions },
  ): Promise<void>;
  /** Ends when the server ends the watch or `signal` aborts; throws StatusError 410 when the version is too old. */
  watch<T extends KubernetesObject>(
    kind: Kind<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>>;
}
