import { expired, notFound, tooLargeRevision } from "../../apimachinery/errors.ts";
import type { ListMeta } from "../../apimachinery/meta.ts";
import { StatusError } from "../../apimachinery/status.ts";
import { CompactedError } from "../../store/backend.ts";
import { decodeStored, Entry } from "../cache/entry.ts";
import type { Tree } from "../cache/tree.ts";
import { prefixOf } from "../cache/watchCache.ts";
import { type Answer, type Call, objectAnswer } from "../pipeline/call.ts";
import { decodeContinue, encodeContinue } from "./continueToken.ts";
import { type ListOptions, parseListOptions, parseResourceVersion } from "./listOptions.ts";
import type { Registry } from "./registry.ts";
import { cacheOf, keyIn, keyOf, namespaceIn, type Resource } from "./resource.ts";
import { parseSelection, type Selection } from "./selection.ts";
import { viewEntry } from "./views.ts";

const STALE_CONTINUE =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the " +
  "continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with " +
  "the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the " +
  "first chunk was returned and now may show up in the list.";

/** How long the future is waited for, as Kubernetes does: it may be about to be written. */
const NEAR_FUTURE = 3_000;

/** Waits until reads see revision `asked`, which this server may not have heard of yet; refuses one far in the future. */
export async function reach(registry: Registry, asked: number): Promise<void> {
  const { cache, clock } = registry;
  if (cache.revision >= asked) return;
  if (asked > (await cache.backend.latest())) {
    await clock.sleep(NEAR_FUTURE);
    if (asked > (await cache.backend.latest())) throw tooLargeRevision(asked, cache.revision);
  }
  await cache.reached(asked);
  if (cache.revision < asked) throw tooLargeRevision(asked, cache.revision);
}

/** The stored entry, seen consistently unless an older version will do. */
export async function getStored(registry: Registry, resource: Resource, call: Call): Promise<Entry> {
  const { name } = call.info;
  const asked = parseResourceVersion(call.incoming.query.get("resourceVersion"));
  if (asked === undefined) await registry.cache.consistent();
  else if (asked > 0) await reach(registry, asked);
  const entry = cacheOf(resource).get(keyIn(resource, call.info));
  if (!entry) throw notFound(resource.kind, name);
  return entry;
}

export async function get(registry: Registry, resource: Resource, call: Call): Promise<Answer> {
  return objectAnswer(viewEntry(resource, await getStored(registry, resource, call)), resource.kind);
}

/** One moment's objects, and where in them to begin. */
interface Moment {
  readonly tree: Tree;
  readonly revision: number;
  readonly after?: string;
}

async function pastMoment(registry: Registry, resource: Resource, revision: number): Promise<Tree | undefined> {
  const tree = cacheOf(resource).at(revision) ?? registry.snapshots.get(resource.storage, revision);
  if (tree) return tree;
  const prefix = prefixOf(resource.storage);
  try {
    const page = await registry.cache.backend.list(prefix, { revision });
    return registry.snapshots.of(
      page.entries.map(({ key, value, revision: at }) => {
        const object = decodeStored(resource.storage, value, at);
        return new Entry({
          kind: resource.storage,
          key: key.slice(prefix.length),
          revision: at,
          object,
          stored: value,
        });
      }),
    );
  } catch (error) {
    if (error instanceof CompactedError) return undefined;
    throw error;
  }
}

function staleContinue(revision: number, after: string): StatusError {
  const error = expired(STALE_CONTINUE);
  return new StatusError({
    ...error.status,
    metadata: {
      ...error.status.metadata,
      continue: encodeContinue({ revision: -1, after }),
      resourceVersion: String(revision),
    },
  });
}

async function moment(registry: Registry, resource: Resource, options: ListOptions): Promise<Moment> {
  const { cache } = registry;
  const current = (after?: string): Moment => ({ tree: cacheOf(resource).current, revision: cache.revision, after });
  if (options.continue !== "") {
    const { revision, after } = decodeContinue(options.continue);
    if (revision < 0) return current(after);
    const tree = revision < cache.compacted ? undefined : await pastMoment(registry, resource, revision);
    if (!tree) throw staleContinue(cache.revision, after);
    return { tree, revision, after };
  }
  const asked = options.resourceVersion;
  if (asked === undefined) {
    await cache.consistent();
    return current();
  }
  if (asked === 0) return current();
  await reach(registry, asked);
  if (options.match !== "Exact" && !(options.match === undefined && options.limit > 0)) return current();
  const tree = await pastMoment(registry, resource, asked);
  if (!tree) throw expired(`The resourceVersion for the provided list is too old.`);
  return { tree, revision: asked };
}

/** The highest string that keys of a namespace stay below: "/" is followed by "0". */
function upperEnd(namespace: string | undefined): string {
  return namespace === undefined ? "\uffff" : `${namespace}0`;
}

interface Scan {
  readonly found: Entry[];
  /** the last key of a full page, when there is more behind it */
  readonly last?: string;
  readonly remaining?: number;
}

function scan(resource: Resource, { tree, after }: Moment, selection: Selection, limit: number): Scan {
  const { namespace, name, matches } = selection;
  if (name !== undefined && (namespace !== undefined || resource.storage.scope === "Cluster")) {
    const entry = tree.get(keyOf(namespace ?? "", name));
    return { found: entry && (!matches || matches(entry)) ? [entry] : [] };
  }
  const found: Entry[] = [];
  let full = false;
  let rest = 0;
  const low = after === undefined ? (namespace === undefined ? "" : `${namespace}/`) : `${after}\0`;
  tree.forRange(low, upperEnd(namespace), false, (_key, entry) => {
    if (full) {
      if (matches && !matches(entry)) return;
      rest++;
      return matches ? { break: true } : undefined;
    }
    if (matches && !matches(entry)) return;
    found.push(entry);
    full = limit > 0 && found.length >= limit;
  });
  if (rest === 0) return { found };
  return { found, last: found.at(-1)!.key, remaining: selection.selective ? undefined : rest };
}

/** The matching entries of a list request, and the list's metadata. */
export async function listEntries(
  registry: Registry,
  resource: Resource,
  call: Call,
): Promise<{ entries: Entry[]; metadata: ListMeta }> {
  const options = parseListOptions(call.incoming.query, false);
  const selection = parseSelection(resource, { namespace: namespaceIn(resource, call.info), ...options });
  const at = await moment(registry, resource, options);
  const { found, last, remaining } = scan(resource, at, selection, options.limit);
  const metadata: ListMeta = { resourceVersion: String(at.revision) };
  if (last !== undefined) {
    registry.snapshots.keep(resource.storage, at.revision, at.tree);
    metadata.continue = encodeContinue({ revision: at.revision, after: last });
    if (remaining !== undefined) metadata.remainingItemCount = remaining;
  }
  return { entries: found, metadata };
}

export async function list(registry: Registry, resource: Resource, call: Call): Promise<Answer> {
  const { entries, metadata } = await listEntries(registry, resource, call);
  const shown = resource.kind.storedAs ? entries.map((entry) => viewEntry(resource, entry)) : entries;
  return { type: "list", kind: resource.kind, entries: shown, metadata };
}
