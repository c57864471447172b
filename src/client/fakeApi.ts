import { alreadyExists, conflict, expired, notFound } from "../apimachinery/errors.ts";
import { deepFreeze } from "../apimachinery/freeze.ts";
import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject, ObjectMeta } from "../apimachinery/meta.ts";
import { applyMergePatch } from "../apimachinery/patch/merge.ts";
import { applyStrategicPatch } from "../apimachinery/patch/strategic.ts";
import { formatTime } from "../apimachinery/time.ts";
import type { Clock } from "../util/clock.ts";
import { type Random, randomSuffix } from "../util/random.ts";
import type { Transport, TransportEvent, TransportRequest } from "./transport.ts";

interface Change extends TransportEvent {
  kind: Kind;
  revision: number;
}

interface Target {
  kind: Kind;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
}

type Stored = KubernetesObject & { spec?: unknown; status?: unknown };

/**
 * The part of an API server that tests of the client need: objects with revisions, conflicts and watches. It checks
 * nothing and fills nothing in; what depends on that is tested against the real one.
 */
export class FakeApi implements Transport {
  readonly requests: TransportRequest[] = [];
  readonly #kinds: readonly Kind[];
  readonly #options: { clock: Clock; random: Random };
  readonly #objects = new Map<string, Stored>();
  readonly #wakes = new Set<() => void>();
  #log: Change[] = [];
  #revision = 100;
  #compacted = 0;
  /** held back from watchers until released: what a slow watch looks like */
  #isHeld = false;

  constructor(kinds: readonly Kind[], options: { clock: Clock; random: Random }) {
    this.#kinds = kinds;
    this.#options = options;
  }

  get revision(): number {
    return this.#revision;
  }
  hold(): void {
    this.#isHeld = true;
  }
  release(): void {
    this.#isHeld = false;
    this.#wake();
  }
  /** Forgets history and ends all watches, as a server does that was away for long. */
  compact(): void {
    this.#compacted = this.#revision;
    this.#log = [];
    this.#wake();
  }

  async request(request: TransportRequest): Promise<unknown> {
    this.requests.push(request);
    await Promise.resolve();
    const target = this.#target(request.path);
    if (request.method === "GET") return target.name === undefined ? this.#list(target) : this.#get(target);
    if (request.method === "POST") return this.#create(target, request.body as Stored);
    if (request.method === "DELETE") return this.#delete(target, request.body as { preconditions?: { uid?: string } });
    const old = this.#get(target);
    if (request.method === "PUT") return this.#write(target, old, request.body as Stored);
    const isStrategic = request.contentType?.includes("strategic") === true;
    const patched = isStrategic
      ? applyStrategicPatch(target.kind.schema, old, request.body)
      : applyMergePatch(old, request.body);
    const { resourceVersion } = (request.body as { metadata?: ObjectMeta }).metadata ?? {};
    const metadata = {
      ...(patched as Stored).metadata,
      resourceVersion: resourceVersion ?? old.metadata.resourceVersion,
    };
    return this.#write(target, old, { ...(patched as Stored), metadata });
  }

  async *watch(request: TransportRequest & { signal: AbortSignal }): AsyncGenerator<readonly TransportEvent[]> {
    this.requests.push(request);
    const { kind, namespace } = this.#target(request.path);
    let seen = Number(request.query?.resourceVersion ?? 0);
    while (!request.signal.aborted) {
      if (seen < this.#compacted) throw expired("too old resource version");
      const from = seen;
      const next = this.#isHeld ? [] : this.#log.filter((change) => change.revision > from);
      const batch = next.filter((c) => c.kind === kind && (!namespace || metadataOf(c).namespace === namespace));
      seen = next.at(-1)?.revision ?? seen;
      if (batch.length > 0) yield batch.map(({ type, object }) => ({ type, object }));
      else await this.#change(request.signal);
    }
  }

  async close(): Promise<void> {}

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wakes.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#wakes.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
  #wake(): void {
    for (const wake of [...this.#wakes]) wake();
  }

  #target(path: string): Target {
    const parts = path.split("/").slice(1).map(decodeURIComponent);
    const group = parts.shift() === "api" ? "" : parts.shift();
    parts.shift();
    const namespace =
      parts[0] === "namespaces" && parts.length > 2 && parts[2] !== "finalize" ? parts.splice(0, 2)[1] : undefined;
    const [plural, name, subresource] = parts;
    const kind = this.#kinds.find((k) => k.plural === plural && k.group === group);
    if (!kind) throw new Error(`the fake serves no ${path}`);
    return { kind, namespace, name, subresource };
  }

  #key({ kind, namespace, name }: Target): string {
    return `${kind.resource}/${namespace ?? ""}/${name}`;
  }

  #get(target: Target): Stored {
    const found = this.#objects.get(this.#key(target));
    if (!found) throw notFound(target.kind, target.name ?? "");
    return found;
  }

  #list({ kind, namespace }: Target) {
    const prefix = `${kind.resource}/${namespace === undefined ? "" : `${namespace}/`}`;
    const items = [...this.#objects].filter(([key]) => key.startsWith(prefix)).map(([, object]) => object);
    return { metadata: { resourceVersion: String(this.#revision) }, items };
  }

  #create(target: Target, body: Stored): Stored {
    const { clock, random } = this.#options;
    const { name = `${body.metadata.generateName}${randomSuffix(random)}` } = body.metadata;
    const at = { ...target, name };
    if (this.#objects.has(this.#key(at))) throw alreadyExists(target.kind, name);
    const uid = random.uuid();
    const metadata = { ...body.metadata, name, uid, creationTimestamp: formatTime(clock.now()), generation: 1 };
    return this.#store(at, "ADDED", { status: {}, ...body, metadata } as Stored);
  }

  #write(target: Target, old: Stored, body: Stored): Stored {
    const { resourceVersion } = body.metadata;
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
      throw conflict(target.kind, old.metadata.name ?? "", "the object has been modified");
    }
    const isStatus = target.subresource === "status";
    const next = isStatus ? { ...old, status: body.status } : { ...body, status: old.status };
    const generation =
      (old.metadata.generation ?? 1) + (JSON.stringify(next.spec) === JSON.stringify(old.spec) ? 0 : 1);
    const metadata = { ...next.metadata, generation };
    if (metadata.deletionTimestamp && !metadata.finalizers?.length) return this.#remove(target, { ...next, metadata });
    return this.#store(target, "MODIFIED", { ...next, metadata });
  }

  #delete(target: Target, options: { preconditions?: { uid?: string } } | undefined): Stored {
    const old = this.#get(target);
    const { uid } = options?.preconditions ?? {};
    if (uid && uid !== old.metadata.uid) throw conflict(target.kind, old.metadata.name ?? "", "the UID differs");
    if (!old.metadata.finalizers?.length) return this.#remove(target, old);
    const deletionTimestamp = formatTime(this.#options.clock.now());
    return this.#store(target, "MODIFIED", { ...old, metadata: { ...old.metadata, deletionTimestamp } });
  }

  #remove(target: Target, object: Stored): Stored {
    const gone = this.#store(target, "DELETED", object);
    this.#objects.delete(this.#key(target));
    return gone;
  }

  #store(target: Target, type: "ADDED" | "MODIFIED" | "DELETED", object: Stored): Stored {
    const revision = ++this.#revision;
    const metadata = { ...object.metadata, resourceVersion: String(revision) };
    const { apiVersion, kind } = target.kind;
    const stored = deepFreeze({ ...structuredClone({ ...object, metadata }), apiVersion, kind }) as Stored;
    this.#objects.set(this.#key(target), stored);
    this.#log.push({ type, object: stored, kind: target.kind, revision });
    this.#wake();
    return stored;
  }
}

function metadataOf(change: Change): ObjectMeta {
  return (change.object as KubernetesObject).metadata;
}
