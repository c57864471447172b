import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import type { ObjectKey } from "./client.ts";

export interface InformerHandler<T> {
  added?(object: T): void;
  updated?(object: T, old: T): void;
  /** `object` is the last state that was seen. */
  deleted?(object: T): void;
}

/** A local, always-current copy of one kind (or a selected part of it), kept by list and watch. Objects are frozen. */
export interface Informer<T extends KubernetesObject> {
  readonly kind: Kind<T>;
  get(key: ObjectKey): T | undefined;
  /** All objects, or those of one namespace, in no particular order. */
  list(namespace?: string): readonly T[];
  /** Objects for which the index function answered `value`. */
  byIndex(index: string, value: string): readonly T[];
  /** Adds an index; harmless when one of this name exists. */
  addIndex(index: string, values: (object: T) => readonly string[]): void;
  /** Tells `handler` of all objects already known (as added), then of each change. Answers how to stop. */
  subscribe(handler: InformerHandler<T>): () => void;
  /** The newest revision of this kind that has been taken in; what was written up to it is seen. 0 before the first list. */
  readonly revision: number;
  /** Calls `seen` after each batch of changes, when all handlers have been told. Answers how to stop. */
  onProgress(seen: () => void): () => void;
  /** Whether the first list has been taken in. */
  readonly synced: boolean;
  whenSynced(signal: AbortSignal): Promise<void>;
}

export interface InformerScope {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

/** The informers of one process, shared: asking twice for the same kind and scope gives the same informer. */
export interface Informers {
  /** Starts on its own if the informers already run. */
  informer<T extends KubernetesObject>(kind: Kind<T>, scope?: InformerScope): Informer<T>;
  /** Runs all informers until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}
