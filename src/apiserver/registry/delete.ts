import { carrySentTexts, decodeObject, normalize } from "../../apimachinery/decode.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { conflict, invalid, notFound } from "../../apimachinery/errors.ts";
import { type FieldError, fieldNotSupported, root } from "../../apimachinery/fieldErrors.ts";
import { draft } from "../../apimachinery/freeze.ts";
import { defineKind } from "../../apimachinery/kind.ts";
import { DeleteOptions, type KubernetesObject } from "../../apimachinery/meta.ts";
import { isNotFound, type Status } from "../../apimachinery/status.ts";
import { formatTime, parseTime } from "../../apimachinery/time.ts";
import { RevisionMismatchError } from "../../store/backend.ts";
import { admit } from "../admission/chain.ts";
import { Entry, encodeStored } from "../cache/entry.ts";
import { prefixOf } from "../cache/watchCache.ts";
import { type Answer, type Call, objectAnswer } from "../pipeline/call.ts";
import { readValue } from "./decodeBody.ts";
import { finishDeletion } from "./finalizers.ts";
import { integer } from "./listOptions.ts";
import { listEntries } from "./read.ts";
import type { Registry } from "./registry.ts";
import { cacheOf, keyIn, type Resource, type Write } from "./resource.ts";
import { viewEntry } from "./views.ts";
import { writeOf } from "./write.ts";

const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";
const ATTEMPTS = 64;

/** DeleteOptions as the body of a request; they are no resource, but decode as one. */
const DeleteOptionsKind = defineKind<KubernetesObject>({
  group: "",
  version: "v1",
  kind: "DeleteOptions",
  plural: "deleteoptions",
  scope: "Cluster",
  schema: DeleteOptions as never,
  verbs: [],
  columns: [],
});

function fromQuery(query: URLSearchParams): DeleteOptions {
  const options: DeleteOptions = {};
  const grace = integer(query, "gracePeriodSeconds");
  if (grace !== undefined) options.gracePeriodSeconds = grace;
  const policy = query.get("propagationPolicy");
  if (policy) options.propagationPolicy = policy;
  const orphan = query.get("orphanDependents");
  if (orphan) options.orphanDependents = orphan === "true" || orphan === "1";
  const dryRun = query.getAll("dryRun").filter((v) => v !== "");
  if (dryRun.length > 0) options.dryRun = dryRun;
  return options;
}

function checkOptions(options: DeleteOptions): void {
  const errors: FieldError[] = [];
  const { propagationPolicy: policy, orphanDependents, dryRun } = options;
  if (policy !== undefined && orphanDependents !== undefined) {
    errors.push(fieldNotSupported(root.child("propagationPolicy"), policy, []));
  }
  if (policy !== undefined && !["Foreground", "Background", "Orphan"].includes(policy)) {
    errors.push(
      fieldNotSupported(root.child("propagationPolicy"), policy, ["Foreground", "Background", "Orphan", "nil"]),
    );
  }
  if (dryRun?.some((v) => v !== "All")) errors.push(fieldNotSupported(root.child("dryRun"), dryRun, ["All"]));
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions", plural: "" }, "", errors);
}

/** Options come in the body, or in the query when there is none; the query's dryRun always counts. */
export async function readDeleteOptions(call: Call): Promise<DeleteOptions> {
  const body = await call.incoming.body();
  const query = fromQuery(call.incoming.query);
  let options = query;
  if (body.type === "object") options = { ...query, ...(normalize(DeleteOptions, body.object) as DeleteOptions) };
  else {
    const value = await readValue(call, DeleteOptionsKind);
    if (value !== undefined) {
      const version = (value as { apiVersion?: string }).apiVersion ?? "v1";
      const kind = { ...DeleteOptionsKind, apiVersion: version };
      const decoded = decodeObject(kind, value, { fieldValidation: "Ignore" }).object as unknown as DeleteOptions;
      options = { ...decoded, dryRun: decoded.dryRun ?? query.dryRun };
    }
  }
  checkOptions(options);
  return options;
}

function checkPreconditions(resource: Resource, live: Entry, { preconditions }: DeleteOptions): void {
  const { uid, name } = live.object.metadata;
  const names = { group: resource.kind.group, kind: resource.kind.kind, plural: resource.kind.kind };
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    throw conflict(
      names,
      name!,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  const version = preconditions?.resourceVersion;
  if (version !== undefined && version !== String(live.revision)) {
    throw conflict(
      names,
      name!,
      `the ResourceVersion in the precondition (${version}) does not match the ResourceVersion in record (${live.revision}). The object might have been modified`,
    );
  }
}

/** The finalizers that the propagation policy asks for. */
function finalizersFor(object: KubernetesObject, options: DeleteOptions, orphansByDefault: boolean): string[] {
  const kept = (object.metadata.finalizers ?? []).filter((f) => f !== ORPHAN && f !== FOREGROUND);
  const had = object.metadata.finalizers ?? [];
  const policy = options.propagationPolicy ?? (options.orphanDependents === true ? "Orphan" : undefined);
  if (policy === "Orphan") return [...kept, ORPHAN];
  if (policy === "Foreground") return [...kept, FOREGROUND];
  if (policy === "Background" || options.orphanDependents === false) return kept;
  return orphansByDefault && !had.includes(FOREGROUND) ? [...kept, ORPHAN] : had;
}

/** Whether the request leaves it to the kind what becomes of dependents. */
const saysNothing = ({ propagationPolicy, orphanDependents }: DeleteOptions): boolean =>
  propagationPolicy === undefined && orphanDependents === undefined;

export interface Deleted {
  readonly entry: Entry;
  /** whether it is gone from the store */
  readonly gone: boolean;
}

/** Deletes one object, or begins its deletion. */
export async function deleteObject(write: Write, options: DeleteOptions, key: string): Promise<Deleted> {
  const { registry, resource } = write;
  for (let attempt = 1; ; attempt++) {
    await registry.cache.consistent();
    const live = cacheOf(resource).get(key);
    if (!live) throw notFound(resource.kind, write.name);
    checkPreconditions(resource, live, options);
    await admit(write, undefined, live.object);
    try {
      return await deleteLive(write, live, options);
    } catch (error) {
      if (!(error instanceof RevisionMismatchError) || attempt >= ATTEMPTS) throw error;
    }
  }
}

/** What a deletion makes of an object, decided before anything is written. */
interface Plan {
  readonly object: KubernetesObject;
  /** nothing is left to wait for */
  readonly gone: boolean;
  /** it is under deletion already, and this request changes nothing */
  readonly pending: boolean;
}

/** Grace as the kind gives it, only ever shortened. Undefined: the kind knows no grace. */
function graceOf(
  resource: Resource,
  { metadata }: KubernetesObject,
  object: KubernetesObject,
  asked: number | undefined,
) {
  if (metadata.deletionTimestamp === undefined) return resource.strategy.gracePeriod?.(object, asked);
  const left = metadata.deletionGracePeriodSeconds;
  if (!resource.strategy.gracePeriod || left === undefined) return undefined;
  return asked !== undefined && asked < left ? Math.max(asked, 0) : "pending";
}

function planDeletion(write: Write, live: KubernetesObject, options: DeleteOptions): Plan {
  const { resource } = write;
  const object = draft(live) as KubernetesObject;
  carrySentTexts(resource.storage.schema, live, object);
  const { metadata } = object;
  const grace = graceOf(resource, live, object, options.gracePeriodSeconds);
  if (grace === "pending") return { object, gone: false, pending: true };
  const finalizers = finalizersFor(object, options, resource.strategy.orphansByDefault !== undefined);
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  const waits = finalizers.length > 0 || resource.strategy.pendingFinalizers?.(object) === true;
  if (resource.strategy.markDeleted) resource.strategy.markDeleted(object, write);
  else if (grace !== undefined || waits) mark(object, grace ?? 0, write.now);
  return { object, gone: !waits && (grace ?? 0) === 0, pending: false };
}

/** Sets the time of deletion; a deletion under way keeps its beginning. */
function mark({ metadata }: KubernetesObject, seconds: number, now: number): void {
  const under = metadata.deletionTimestamp !== undefined;
  const began = under
    ? parseTime(metadata.deletionTimestamp!) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000
    : now;
  if (!under && metadata.generation) metadata.generation++;
  metadata.deletionTimestamp = formatTime(began + seconds * 1000);
  metadata.deletionGracePeriodSeconds = seconds;
}

async function deleteLive(write: Write, live: Entry, options: DeleteOptions): Promise<Deleted> {
  const { registry, resource } = write;
  const { object, gone, pending } = planDeletion(write, live.object, options);
  if (pending) return { entry: live, gone };
  const shown = () => new Entry({ kind: live.kind, key: live.key, revision: live.revision, object });
  if (write.dryRun) return { entry: shown(), gone };
  if (gone) {
    await finishDeletion(write, live);
    return { entry: shown(), gone };
  }
  if (deepEqual(object, live.object)) return { entry: live, gone };
  const bytes = encodeStored(resource.storage, object);
  registry.cache.expect(bytes, object);
  const at = prefixOf(resource.storage) + live.key;
  const revision = await registry.cache.backend.update(at, bytes, live.revision, write.guard);
  await registry.cache.reached(revision);
  return { entry: cacheOf(resource).get(live.key) ?? shown(), gone };
}

function success(resource: Resource, { object }: Entry): Status {
  const { group, plural } = resource.kind;
  const { name, uid } = object.metadata;
  const details = { name, ...(group !== "" && { group }), kind: plural, uid };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details, code: 200 };
}

export async function remove(registry: Registry, resource: Resource, call: Call): Promise<Answer> {
  const options = await readDeleteOptions(call);
  warnOfOrphans(resource, call, options);
  const write = writeOf(registry, resource, call, "DELETE", (options.dryRun ?? []).length > 0);
  const { entry, gone } = await deleteObject(write, options, keyIn(resource, call.info));
  const pendingGrace = !gone && resource.strategy.gracePeriod !== undefined;
  if (resource.strategy.answersDeleted || !gone || pendingGrace) {
    const accepted = !gone && options.orphanDependents === false;
    return objectAnswer(viewEntry(resource, entry), resource.kind, accepted ? 202 : 200);
  }
  return { type: "status", status: success(resource, entry) };
}

function warnOfOrphans({ strategy }: Resource, call: Call, options: DeleteOptions): void {
  if (strategy.orphansByDefault && saysNothing(options)) call.warnings.push(strategy.orphansByDefault);
}

export async function removeCollection(registry: Registry, resource: Resource, call: Call): Promise<Answer> {
  const options = await readDeleteOptions(call);
  warnOfOrphans(resource, call, options);
  const { entries, metadata } = await listEntries(registry, resource, call);
  const dryRun = (options.dryRun ?? []).length > 0;
  const deleted: Entry[] = [];
  for (const entry of entries) {
    const { name, namespace = "" } = entry.object.metadata;
    const write = { ...writeOf(registry, resource, call, "DELETE", dryRun), name: name!, namespace };
    try {
      deleted.push(viewEntry(resource, (await deleteObject(write, { ...options }, entry.key)).entry));
    } catch (error) {
      if (!isNotFound(error)) throw error; // someone else was faster: it is gone, as asked
    }
  }
  return { type: "list", kind: resource.kind, entries: deleted, metadata };
}
