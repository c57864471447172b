import { expired } from "../../apimachinery/errors.ts";
import type { Entry } from "../cache/entry.ts";
import { Watcher, WatchNotice } from "../cache/watcher.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import { bookmark } from "./bookmarks.ts";
import { type ListOptions, parseListOptions } from "./listOptions.ts";
import { reach } from "./read.ts";
import type { Registry } from "./registry.ts";
import { cacheOf, keyOf, namespaceIn, type Resource } from "./resource.ts";
import { parseSelection, type Selection } from "./selection.ts";

function existing(resource: Resource, { namespace, name, matches }: Selection): WatchNotice[] {
  const notices: WatchNotice[] = [];
  const take = (entry: Entry) => {
    if (!matches || matches(entry)) notices.push(new WatchNotice("ADDED", entry));
  };
  const tree = cacheOf(resource).current;
  if (name !== undefined && (namespace !== undefined || resource.storage.scope === "Cluster")) {
    const entry = tree.get(keyOf(namespace ?? "", name));
    if (entry) take(entry);
  } else {
    const low = namespace === undefined ? "" : `${namespace}/`;
    tree.forRange(low, namespace === undefined ? "\uffff" : `${namespace}0`, false, (_key, entry) => take(entry));
  }
  return notices;
}

/** Queues what comes before the first live event. Must not wait, so that nothing falls between. */
function begin(
  registry: Registry,
  resource: Resource,
  options: ListOptions,
  selection: Selection,
  watcher: Watcher,
): void {
  const from = options.resourceVersion;
  const { revision } = registry.cache;
  if (options.sendInitialEvents || (options.sendInitialEvents === undefined && (from === undefined || from === 0))) {
    watcher.pushInitial(existing(resource, selection));
    if (options.sendInitialEvents && watcher.bookmarks) watcher.pushInitial([bookmark(resource.kind, revision, true)]);
  } else if (from !== undefined && from !== 0) {
    const missed = cacheOf(resource).since(from);
    if (!missed) {
      watcher.close(expired(`too old resource version: ${from} (${cacheOf(resource).floor + 1})`));
      return;
    }
    const notices = missed.map((event) => event.noticeFor(within(selection)));
    watcher.pushInitial(notices.filter((notice) => notice !== undefined));
  }
  watcher.revision = revision;
  cacheOf(resource).register(watcher);
}

/** As `matches`, but with the namespace, which for live events the index looks after. */
function within({ namespace, matches }: Selection): ((entry: Entry) => boolean) | undefined {
  if (matches || namespace === undefined) return matches;
  return (entry) => entry.object.metadata.namespace === namespace;
}

export async function watch(registry: Registry, resource: Resource, call: Call): Promise<Answer> {
  const options = parseListOptions(call.incoming.query, true);
  const { name } = call.info;
  const selection = parseSelection(resource, { ...options, namespace: namespaceIn(resource, call.info), name });
  if (options.resourceVersion) await reach(registry, options.resourceVersion);
  else await registry.cache.consistent();
  const watcher = new Watcher(selection, options.allowWatchBookmarks || options.sendInitialEvents === true);
  begin(registry, resource, options, selection, watcher);
  limitTime(registry, call, options, watcher);
  const stop = () => watcher.close();
  call.incoming.signal.addEventListener("abort", stop, { once: true });
  watcher.onClose(() => call.incoming.signal.removeEventListener("abort", stop));
  if (call.incoming.signal.aborted) watcher.close();
  return { type: "watch", kind: resource.kind, watcher };
}

/** Watches end by themselves after half an hour to an hour, so that clients spread over servers again. */
function limitTime(registry: Registry, call: Call, options: ListOptions, watcher: Watcher): void {
  const asked = options.timeoutSeconds;
  if (asked === undefined && call.incoming.direct) return;
  const seconds = asked || 1_800 * (1 + registry.random.next());
  const timer = registry.clock.setTimer(seconds * 1_000, () => watcher.close());
  watcher.onClose(() => timer.cancel());
}
