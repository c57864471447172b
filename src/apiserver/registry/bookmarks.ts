import { normalize } from "../../apimachinery/decode.ts";
import { deepFreeze } from "../../apimachinery/freeze.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Clock, Timer } from "../../util/clock.ts";
import { Entry } from "../cache/entry.ts";
import type { WatchCache } from "../cache/watchCache.ts";
import { WatchNotice } from "../cache/watcher.ts";

const EVERY = 60_000;

/** An event that says only how far a watch has come. `initialEnd` marks the end of the initial events. */
export function bookmark(kind: Kind, revision: number, initialEnd = false): WatchNotice {
  const metadata = {
    resourceVersion: String(revision),
    ...(initialEnd && { annotations: { "k8s.io/initial-events-end": "true" } }),
  };
  const object = normalize(kind.schema, { kind: kind.kind, apiVersion: kind.apiVersion, metadata }) as KubernetesObject;
  return new WatchNotice(
    "BOOKMARK",
    new Entry({ kind, key: "", revision, object: deepFreeze(object) as KubernetesObject }),
  );
}

/** Tells every watcher that asked for it, once a minute, how far it has come, so that it can resume from there. */
export function keepBookmarks(cache: WatchCache, clock: Clock): () => void {
  let timer: Timer;
  const plan = () => {
    timer = clock.setTimer(EVERY, () => {
      tellAll(cache);
      plan();
    });
  };
  plan();
  return () => timer.cancel();
}

function tellAll(cache: WatchCache): void {
  for (const resource of cache.all()) {
    let notice: WatchNotice | undefined;
    for (const watcher of resource.watchers) {
      if (!watcher.bookmarks) continue;
      notice ??= bookmark(resource.kind, cache.revision);
      watcher.push(notice);
    }
  }
}
