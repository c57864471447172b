import { deepFreeze } from "../../apimachinery/freeze.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { Entry } from "../cache/entry.ts";
import { WatchNotice } from "../cache/watcher.ts";
import type { Resource } from "./resource.ts";

const entries = new WeakMap<Kind, WeakMap<Entry, Entry>>();
const notices = new WeakMap<Kind, WeakMap<WatchNotice, WatchNotice>>();

function memo<K extends object, V>(all: WeakMap<Kind, WeakMap<K, V>>, kind: Kind, key: K, make: () => V): V {
  let of = all.get(kind);
  if (!of) {
    of = new WeakMap();
    all.set(kind, of);
  }
  let value = of.get(key);
  if (value === undefined) {
    value = make();
    of.set(key, value);
  }
  return value;
}

/** A stored entry as the served kind shows it; the same entry for the same entry. */
export function viewEntry({ kind }: Resource, stored: Entry): Entry {
  const { storedAs } = kind;
  if (!storedAs) return stored;
  return memo(entries, kind, stored, () => {
    const object = deepFreeze(storedAs.from(stored.object)) as KubernetesObject;
    return new Entry({ kind, key: stored.key, revision: stored.revision, object });
  });
}

export function viewNotice(resource: Resource, notice: WatchNotice): WatchNotice {
  if (!resource.kind.storedAs || notice.type === "BOOKMARK") return notice;
  return memo(notices, resource.kind, notice, () => new WatchNotice(notice.type, viewEntry(resource, notice.entry)));
}

/** The object as it is stored. */
export function toStored({ kind }: Resource, object: KubernetesObject): KubernetesObject {
  return kind.storedAs ? kind.storedAs.to(object) : object;
}
