import { toStoredForm } from "../../apimachinery/decode.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { alreadyExists, badRequest, conflict, invalid, notFound, STALE } from "../../apimachinery/errors.ts";
import { type FieldError, fieldInvalid, root } from "../../apimachinery/fieldErrors.ts";
import { trackUpdate } from "../../apimachinery/managedFields/index.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/validation/objectMeta.ts";
import { KeyExistsError, RevisionMismatchError } from "../../store/backend.ts";
import { OutcomeUnknownError } from "../../store/errors.ts";
import { randomSuffix } from "../../util/random.ts";
import { admit, isMutated, mutate } from "../admission/chain.ts";
import { Entry, encodeStored } from "../cache/entry.ts";
import { prefixOf } from "../cache/watchCache.ts";
import type { Call } from "../pipeline/call.ts";
import { finishDeletion, isDeletableNow } from "./finalizers.ts";
import { bumpGeneration, startGeneration } from "./generation.ts";
import type { Registry } from "./registry.ts";
import { cacheOf, keyIn, keyOf, type Reservation, type Resource, type Write } from "./resource.ts";
import { toStored, viewEntry } from "./views.ts";
import type { WriteOptions } from "./writeOptions.ts";

const NAME_ATTEMPTS = 8;
const LONGEST_BASE = 58;
const UPDATE_ATTEMPTS = 64;
/** What goes through these is no change of what the user wants, not even the node that a Pod gets. */
const GENERATION_STAYS = new Set(["status", "binding"]);

export function writeOf(
  registry: Registry,
  resource: Resource,
  call: Call,
  operation: Write["operation"],
  dryRun: boolean,
): Write {
  return {
    registry,
    resource,
    operation,
    subresource: call.info.subresource,
    namespace: call.info.namespace,
    name: call.info.name,
    user: call.user,
    dryRun,
    warnings: call.warnings,
    now: registry.clock.now(),
    guard: call.guard,
  };
}

/** The namespace and name of a body must be those of the URL, where both say one. */
function placeObject(resource: Resource, call: Call, object: KubernetesObject): void {
  const { metadata } = object;
  if (resource.kind.scope === "Cluster") {
    delete metadata.namespace; // whatever it says, there is none
    return;
  }
  if (!metadata.namespace) metadata.namespace = call.info.namespace;
  else if (metadata.namespace !== call.info.namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
}

/** generateName plus a random suffix, shortened so that the whole stays a valid name. */
export function generateName(registry: Registry, base: string): string {
  return `${base.slice(0, LONGEST_BASE)}${randomSuffix(registry.random)}`;
}

/** Metadata that only the server gives. */
function stamp(registry: Registry, resource: Resource, object: KubernetesObject, now: number): void {
  const { metadata } = object;
  metadata.uid = registry.random.uuid();
  metadata.creationTimestamp = formatTime(now);
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  delete metadata.resourceVersion;
  startGeneration(resource.kind, object);
}

function refuse(resource: Resource, name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(resource.storage, name, errors);
}

function warn(write: Write, object: KubernetesObject, old: KubernetesObject | undefined): void {
  const { kind, strategy } = write.resource;
  write.warnings.push(...(kind.warnings?.(object, old) ?? []), ...(strategy.warnings?.(object, old, write) ?? []));
}

/** Stores bytes under a new key; the entry is in the cache when this resolves. */
async function storeNew({ registry, resource, guard }: Write, key: string, object: KubernetesObject): Promise<Entry> {
  const stored = toStored(resource, object);
  const bytes = encodeStored(resource.storage, stored);
  registry.cache.expect(bytes, stored);
  const revision = await registry.cache.backend.create(prefixOf(resource.storage) + key, bytes, guard);
  return settled(registry, resource, key, stored, revision);
}

async function storeAgain({ registry, resource, guard }: Write, live: Entry, object: KubernetesObject): Promise<Entry> {
  const stored = toStored(resource, object);
  const bytes = encodeStored(resource.storage, stored);
  registry.cache.expect(bytes, stored);
  const key = prefixOf(resource.storage) + live.key;
  const revision = await registry.cache.backend.update(key, bytes, live.revision, guard);
  return settled(registry, resource, live.key, stored, revision);
}

async function settled(
  registry: Registry,
  resource: Resource,
  key: string,
  stored: KubernetesObject,
  revision: number,
): Promise<Entry> {
  await registry.cache.reached(revision);
  const entry = cacheOf(resource).get(key);
  if (entry?.revision === revision) return entry;
  // Someone else has written since; the answer is still what this write made of the object.
  const metadata = { ...stored.metadata, resourceVersion: String(revision) };
  return new Entry({ kind: resource.storage, key, revision, object: { ...stored, metadata } });
}

/** An entry for an answer that is not stored. */
function unstored(resource: Resource, object: KubernetesObject, live?: Entry): Entry {
  if (live) object.metadata.resourceVersion = String(live.revision);
  return new Entry({ kind: resource.kind, key: "", revision: live?.revision ?? 0, object });
}

/**
 * Creates an object that has been decoded and defaulted. Answers the entry as the served kind.
 * `managed`: its managedFields are already right (server-side apply).
 */
export async function createObject(
  registry: Registry,
  resource: Resource,
  call: Call,
  object: KubernetesObject,
  options: WriteOptions & { managed?: boolean },
): Promise<Entry> {
  const write = writeOf(registry, resource, call, "CREATE", options.dryRun);
  const { metadata } = object;
  placeObject(resource, call, object);
  if (!options.managed) {
    track(write, object, undefined, options.fieldManager, "");
  }
  if (isMutated(write)) {
    await mutate(write, object, undefined);
    resource.kind.defaults?.(object);
  }
  const generated = !metadata.name && Boolean(metadata.generateName);
  for (let attempt = 1; ; attempt++) {
    if (generated) metadata.name = generateName(registry, metadata.generateName!);
    try {
      return await createNamed({ ...write, name: metadata.name ?? "" }, object);
    } catch (error) {
      if (!(error instanceof KeyExistsError)) throw error;
      if (!generated || attempt >= NAME_ATTEMPTS) throw existsError(resource, error, metadata.name!);
    }
  }
}

function existsError(resource: Resource, { current }: KeyExistsError, name: string): Error {
  const text = Buffer.from(current.value).toString();
  const deleted = (JSON.parse(text) as KubernetesObject).metadata.deletionTimestamp !== undefined;
  const error = alreadyExists(resource.kind, name);
  if (deleted) error.status.message = `object is being deleted: ${error.status.message}`;
  return error;
}

async function createNamed(write: Write, object: KubernetesObject): Promise<Entry> {
  const { registry, resource } = write;
  const { kind, strategy } = resource;
  stamp(registry, resource, object, write.now);
  const reservation = strategy.reserve && (await strategy.reserve(object, undefined, write));
  let stored: boolean | undefined = false;
  try {
    strategy.prepareCreate?.(object, write);
    refuse(resource, object.metadata.name ?? "", [
      ...validateObjectMeta(object.metadata, kind, root.child("metadata")),
      ...(kind.validate?.(object) ?? []),
      ...(kind.validateCreate?.(object) ?? []),
      ...(strategy.validate?.(object, undefined, write) ?? []),
    ]);
    warn(write, object, undefined);
    await strategy.check?.(object, undefined, write);
    await admit(write, object, undefined);
    const entry = await storeCreated(write, object);
    stored = !write.dryRun;
    return entry;
  } catch (error) {
    if (error instanceof OutcomeUnknownError) stored = undefined;
    throw error;
  } finally {
    if (reservation) await settle(reservation, stored);
  }
}

async function storeCreated(write: Write, object: KubernetesObject): Promise<Entry> {
  const { resource, dryRun } = write;
  const key = keyOf(object.metadata.namespace ?? "", object.metadata.name!);
  toStoredForm(resource.kind.schema, object);
  if (!dryRun) return viewEntry(resource, await storeNew(write, key, object));
  const there = cacheOf(resource).get(key);
  if (there) throw new KeyExistsError({ key, value: there.json, revision: there.revision });
  return unstored(resource, object);
}

/** Where nobody knows whether the object is stored, it keeps what was set aside for it: a sweep finds out later. */
function settle(reservation: Reservation, stored: boolean | undefined): void | Promise<void> {
  if (stored === undefined) return;
  return stored ? reservation.commit() : reservation.release();
}

function track(
  { resource, now }: Write,
  updated: KubernetesObject,
  live: KubernetesObject | undefined,
  manager: string,
  subresource: string,
): void {
  const entries = trackUpdate({ kind: resource.kind, live, updated, manager, subresource, now });
  if (entries.length > 0) updated.metadata.managedFields = entries;
  else delete updated.metadata.managedFields;
}

/** How an update comes to its new object from the live one; both in the served kind's shape. */
export type Produce = (live: KubernetesObject) => Promise<KubernetesObject> | KubernetesObject;

export interface UpdateOptions extends WriteOptions {
  /** "" or "status" or another subresource with rules of its own */
  readonly subresource: string;
  /** managedFields are already right (server-side apply) */
  readonly managed?: boolean;
  /** the server itself made the change from the live object, and it needs no validation */
  readonly trusted?: boolean;
  /** keeps of the live object what this subresource cannot change, and the reverse */
  readonly limit?: (updated: KubernetesObject, live: KubernetesObject) => KubernetesObject;
  /** replaces the kind's own validation */
  readonly validate?: (updated: KubernetesObject, live: KubernetesObject) => FieldError[];
  /** what becomes of it when there is no live object; default: 404 */
  readonly absent?: () => Promise<Entry>;
}

/** Reads, changes and writes an object until no one else has written in between. */
export async function updateObject(
  registry: Registry,
  resource: Resource,
  call: Call,
  produce: Produce,
  options: UpdateOptions,
): Promise<Entry> {
  const { name } = call.info;
  const key = keyIn(resource, call.info);
  for (let attempt = 1; ; attempt++) {
    await registry.cache.consistent();
    const live = cacheOf(resource).get(key);
    if (!live) {
      if (options.absent) return options.absent();
      throw notFound(resource.kind, name);
    }
    const updated = await produce(viewEntry(resource, live).object);
    const bound = updated.metadata.resourceVersion;
    try {
      return await updateLive(writeOf(registry, resource, call, "UPDATE", options.dryRun), live, updated, options);
    } catch (error) {
      if (!(error instanceof RevisionMismatchError)) throw error;
      const pinned = bound !== undefined && bound !== "" && bound !== String(live.revision);
      if (pinned || attempt >= UPDATE_ATTEMPTS) throw modified(resource, name);
    }
  }
}

export function modified(resource: Resource, name: string): Error {
  return conflict(resource.kind, name, STALE);
}

function checkPlace(write: Write, { metadata }: KubernetesObject): void {
  const { resource, name, namespace } = write;
  if (metadata.name && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (!metadata.name) {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (resource.kind.scope === "Cluster") {
    delete metadata.namespace;
  } else if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  } else metadata.namespace = namespace;
}

function checkVersion(write: Write, live: Entry, { metadata }: KubernetesObject): void {
  const { resource, name } = write;
  const asked = metadata.resourceVersion;
  if (!asked || asked === "0") {
    if (resource.strategy.unconditionalUpdate !== false) return;
    throw invalid({ ...resource.kind, kind: resource.kind.plural }, name, [
      fieldInvalid(root.child("metadata", "resourceVersion"), 0, "must be specified for an update"),
    ]);
  }
  if (asked !== String(live.revision)) throw modified(resource, name);
}

/** System metadata that no update changes. */
function keepSystemFields(updated: KubernetesObject, old: KubernetesObject): void {
  const to = updated.metadata;
  const from = old.metadata;
  if (!to.uid) to.uid = from.uid;
  to.generation = from.generation;
  if (to.generation === undefined) delete to.generation;
  if (from.creationTimestamp) to.creationTimestamp = from.creationTimestamp;
  if (from.deletionTimestamp) to.deletionTimestamp = from.deletionTimestamp;
  else delete to.deletionTimestamp;
  if (from.deletionGracePeriodSeconds !== undefined) to.deletionGracePeriodSeconds = from.deletionGracePeriodSeconds;
  else delete to.deletionGracePeriodSeconds;
  delete to.selfLink;
}

function withLimits(
  resource: Resource,
  options: UpdateOptions,
  updated: KubernetesObject,
  old: KubernetesObject,
): KubernetesObject {
  if (options.limit) return options.limit(updated, old);
  if (!resource.kind.status) return updated;
  const { status } = old as { status?: unknown };
  const out = updated as { status?: unknown };
  if (status === undefined) delete out.status;
  else out.status = status;
  return updated;
}

async function updateLive(write: Write, live: Entry, sent: KubernetesObject, options: UpdateOptions): Promise<Entry> {
  const { resource } = write;
  const { kind, strategy } = resource;
  const old = viewEntry(resource, live).object;
  checkPlace(write, sent);
  const main = options.subresource === "";
  if (main || sent.metadata.resourceVersion) checkVersion(write, live, sent);
  const updated = withLimits(resource, options, sent, old);
  keepSystemFields(updated, old);
  updated.metadata.resourceVersion = String(live.revision);
  if (!options.managed) {
    track(write, updated, old, options.fieldManager, options.subresource);
  }
  if (isMutated(write)) {
    // What was kept of the live object is frozen: neither plugins nor defaults write to what they do not change.
    await mutate(write, updated, old);
    kind.defaults?.(updated);
  }
  const reservation = main && strategy.reserve ? await strategy.reserve(updated, old, write) : undefined;
  let stored: boolean | undefined = false;
  try {
    if (main) strategy.prepareUpdate?.(updated, old, write);
    else if (options.subresource === "status") strategy.prepareStatusUpdate?.(updated, old, write);
    if (!GENERATION_STAYS.has(options.subresource ?? "")) bumpGeneration(kind, updated, old);
    if (!options.trusted) {
      refuse(resource, write.name, updateErrors(write, updated, old, options));
      warn(write, updated, old);
    }
    await strategy.check?.(updated, old, write);
    await admit(write, updated, old);
    const entry = await storeUpdated(write, live, updated, old);
    stored = !write.dryRun;
    return entry;
  } catch (error) {
    if (error instanceof OutcomeUnknownError) stored = undefined;
    throw error;
  } finally {
    if (reservation) await settle(reservation, stored);
  }
}

function updateErrors(
  write: Write,
  updated: KubernetesObject,
  old: KubernetesObject,
  options: UpdateOptions,
): FieldError[] {
  const { kind, strategy } = write.resource;
  const errors = validateObjectMetaUpdate(updated.metadata, old.metadata, root.child("metadata"), kind);
  if (options.validate) return [...errors, ...options.validate(updated, old)];
  if (options.subresource === "status" && kind.validateStatusUpdate) {
    const further = strategy.validateStatus?.(updated, old, write) ?? [];
    return [...errors, ...kind.validateStatusUpdate(updated, old), ...further];
  }
  if (options.subresource !== "" && options.subresource !== "scale") return errors;
  return [
    ...errors,
    ...(kind.validate?.(updated) ?? []),
    ...(kind.validateUpdate?.(updated, old) ?? []),
    ...(strategy.validate?.(updated, old, write) ?? []),
  ];
}

async function storeUpdated(
  write: Write,
  live: Entry,
  updated: KubernetesObject,
  old: KubernetesObject,
): Promise<Entry> {
  const { resource } = write;
  toStoredForm(resource.kind.schema, updated);
  if (isDeletableNow(resource, updated, old)) {
    if (!write.dryRun) await finishDeletion(write, live);
    return unstored(resource, updated, live);
  }
  // An update that changes nothing is not written, so that its watchers are not woken.
  if (deepEqual(updated, old)) return viewEntry(resource, live);
  if (write.dryRun) return unstored(resource, updated, live);
  return viewEntry(resource, await storeAgain(write, live, updated));
}
