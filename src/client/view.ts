import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import type { ObjectKey } from "./client.ts";
import type { Informers } from "./informer.ts";
import type { KindIdentity } from "./path.ts";

/** What a controller sees of the cluster: the informers' copies, read without asking the server. */
export interface View {
  get<T extends KubernetesObject>(kind: Kind<T>, key: ObjectKey): T | undefined;
  list<T extends KubernetesObject>(kind: Kind<T>, namespace?: string): readonly T[];
  byIndex<T extends KubernetesObject>(kind: Kind<T>, index: string, value: string): readonly T[];
  addIndex<T extends KubernetesObject>(kind: Kind<T>, index: string, values: (object: T) => readonly string[]): void;
  /** Objects of `kind` (one that the controller owns) whose controller is `owner`. */
  owned<T extends KubernetesObject>(kind: Kind<T>, owner: KubernetesObject): readonly T[];
}

const CONTROLLER = "controller";

/** The UID of the object that controls this one. */
export function controllerOf(object: KubernetesObject): string | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller)?.uid;
}

export function createView(informers: Informers, owns: readonly KindIdentity[]): View {
  for (const kind of owns) {
    informers.informer(kind as Kind).addIndex(CONTROLLER, (object) => {
      const uid = controllerOf(object);
      return uid ? [uid] : [];
    });
  }
  return {
    get: (kind, key) => informers.informer(kind).get(key),
    list: (kind, namespace) => informers.informer(kind).list(namespace),
    byIndex: (kind, index, value) => informers.informer(kind).byIndex(index, value),
    addIndex: (kind, index, values) => informers.informer(kind).addIndex(index, values),
    owned: (kind, owner) => informers.informer(kind).byIndex(CONTROLLER, owner.metadata.uid ?? ""),
  };
}
