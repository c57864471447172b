import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { IndexedStore } from "../client/indexedStore.ts";
import type { Informer, InformerHandler, Informers } from "../client/informer.ts";

const keyOf = ({ namespace, name }: { namespace?: string; name?: string }) =>
  namespace ? `${namespace}/${name}` : name!;

/** Informers that a test fills by hand; handlers are told at once. */
export function fakeInformers() {
  const informers = new Map<Kind, ReturnType<typeof fakeInformer>>();
  const of = (kind: Kind) => {
    const informer = informers.get(kind) ?? fakeInformer(kind);
    informers.set(kind, informer);
    return informer;
  };
  return {
    informer: <T extends KubernetesObject>(kind: Kind<T>) => of(kind as unknown as Kind) as unknown as Informer<T>,
    run: async () => {},
    put: (kind: Kind, ...objects: KubernetesObject[]) => {
      for (const object of objects) of(kind).put(object);
    },
    remove: (kind: Kind, object: KubernetesObject) => of(kind).remove(object),
  } satisfies Informers & Record<string, unknown>;
}

function fakeInformer(kind: Kind) {
  const store = new IndexedStore<KubernetesObject>();
  const handlers = new Set<InformerHandler<KubernetesObject>>();
  return {
    kind,
    synced: true,
    revision: 0,
    get: (key: { namespace?: string; name: string }) => store.get(keyOf(key)),
    list: (namespace?: string) => (namespace === undefined ? store.all() : store.inNamespace(namespace)),
    byIndex: (name: string, value: string) => store.byIndex(name, value),
    addIndex: (name: string, values: (object: KubernetesObject) => readonly string[]) => store.addIndex(name, values),
    subscribe(handler: InformerHandler<KubernetesObject>) {
      handlers.add(handler);
      for (const object of store.all()) handler.added?.(object);
      return () => void handlers.delete(handler);
    },
    onProgress: () => () => {},
    whenSynced: async () => {},
    put(object: KubernetesObject) {
      const old = store.set(object);
      for (const handler of handlers) old ? handler.updated?.(object, old) : handler.added?.(object);
    },
    remove(object: KubernetesObject) {
      const old = store.remove(keyOf(object.metadata));
      if (old) for (const handler of handlers) handler.deleted?.(old);
    },
  };
}
