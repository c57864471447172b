import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesList, KubernetesObject } from "../apimachinery/meta.ts";
import type {
  Client,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ObjectKey,
  PatchType,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "./client.ts";
import { type KindIdentity, objectPath, requireNamespace, resourcePath } from "./path.ts";
import type { Transport } from "./transport.ts";

const PATCH_CONTENT_TYPE: Record<PatchType, string> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

type Query = Record<string, string>;

/** Query parameters; what is not set is not sent. */
function query(values: Record<string, string | number | boolean | undefined>): Query | undefined {
  const out: Query = {};
  let any = false;
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === "") continue;
    out[name] = String(value);
    any = true;
  }
  return any ? out : undefined;
}

function listQuery(options: ListOptions): Record<string, string | number | undefined> {
  const { labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch } = options;
  return { labelSelector, fieldSelector, limit, continue: options.continue, resourceVersion, resourceVersionMatch };
}

function writeQuery(options: (WriteOptions & { force?: boolean }) | undefined): Query | undefined {
  const { fieldManager, dryRun, force } = options ?? {};
  return query({ fieldManager, dryRun: dryRun ? "All" : undefined, force });
}

function deleteBody(options: DeleteOptions): Record<string, unknown> {
  const { dryRun, ...rest } = options;
  return { kind: "DeleteOptions", apiVersion: "v1", ...rest, ...(dryRun ? { dryRun: ["All"] } : {}) };
}

/** Over the wire, the items of a list come without apiVersion and kind; here every object has them. */
function completed<T extends KubernetesObject>(kind: KindIdentity, list: KubernetesList<T>): KubernetesList<T> {
  const items = list.items ?? [];
  if (items.every((item) => item.kind !== undefined)) return list.items ? list : { ...list, items };
  return Object.freeze({ ...list, items: items.map((item) => Object.freeze(named(kind, item))) });
}

/** The object with its kind's name, untouched when it has it. */
function named<T extends KubernetesObject>(kind: KindIdentity, object: T): T {
  return object.kind !== undefined && object.apiVersion !== undefined
    ? object
    : { apiVersion: kind.apiVersion, kind: kind.kind, ...object };
}

class TransportClient implements Client {
  readonly #transport: Transport;
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async get<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    { resourceVersion, subresource, query: more }: GetOptions = {},
  ): Promise<T> {
    const path = objectPath(kind, key, subresource);
    const request = { method: "GET" as const, path, query: query({ resourceVersion, ...more }) };
    return (await this.#transport.request(request)) as T;
  }

  async list<T extends KubernetesObject>(kind: Kind<T>, options: ListOptions = {}): Promise<KubernetesList<T>> {
    const path = resourcePath(kind, options.namespace);
    const answer = await this.#transport.request({ method: "GET", path, query: query(listQuery(options)) });
    return completed(kind, answer as KubernetesList<T>);
  }

  async create<T extends KubernetesObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T> {
    const path = resourcePath(kind, requireNamespace(kind, object.metadata?.namespace));
    const request = { method: "POST" as const, path, query: writeQuery(options), body: named(kind, object) };
    return (await this.#transport.request(request)) as T;
  }

  async createSubresource<T extends KubernetesObject, B, R = B>(
    kind: Kind<T>,
    key: ObjectKey,
    subresource: string,
    body: B,
    options?: WriteOptions,
  ): Promise<R> {
    const path = objectPath(kind, key, subresource);
    return (await this.#transport.request({ method: "POST", path, query: writeQuery(options), body })) as R;
  }

  async update<T extends KubernetesObject>(
    kind: Kind<T>,
    object: T,
    options?: WriteOptions & { subresource?: string },
  ): Promise<T> {
    const path = objectPath(kind, object.metadata, options?.subresource);
    const request = { method: "PUT" as const, path, query: writeQuery(options), body: named(kind, object) };
    return (await this.#transport.request(request)) as T;
  }

  updateStatus<T extends KubernetesObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T> {
    return this.update(kind, object, { ...options, subresource: "status" });
  }

  async patch<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { subresource?: string; force?: boolean },
  ): Promise<T> {
    const path = objectPath(kind, key, options?.subresource);
    const contentType = PATCH_CONTENT_TYPE[type];
    const request = { method: "PATCH" as const, path, query: writeQuery(options), body: patch, contentType };
    return (await this.#transport.request(request)) as T;
  }

  async delete<T extends KubernetesObject>(kind: Kind<T>, key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    await this.#transport.request({ method: "DELETE", path: objectPath(kind, key), body: deleteBody(options) });
  }

  async deleteCollection<T extends KubernetesObject>(
    kind: Kind<T>,
    options: ListOptions & { delete?: DeleteOptions },
  ): Promise<void> {
    const path = resourcePath(kind, requireNamespace(kind, options.namespace));
    const body = deleteBody(options.delete ?? {});
    await this.#transport.request({ method: "DELETE", path, query: query(listQuery(options)), body });
  }

  async *watch<T extends KubernetesObject>(
    kind: Kind<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const { allowWatchBookmarks, sendInitialEvents, timeoutSeconds } = options;
    const extra = { watch: true, allowWatchBookmarks, sendInitialEvents, timeoutSeconds };
    const path = resourcePath(kind, options.namespace);
    const request = { method: "GET" as const, path, query: query({ ...listQuery(options), ...extra }), signal };
    for await (const batch of this.#transport.watch(request)) yield* batch as readonly WatchEvent<T>[];
  }
}

/** The API over a transport. In the direct transport, objects pass through untouched. */
export function createClient(transport: Transport): Client {
  return new TransportClient(transport);
}
