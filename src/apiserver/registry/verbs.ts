import { badRequest, methodNotSupported } from "../../apimachinery/errors.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { refusal } from "../authorization/authorizer.ts";
import type { Entry } from "../cache/entry.ts";
import { type Answer, type Call, objectAnswer } from "../pipeline/call.ts";
import { decodeBody } from "./decodeBody.ts";
import { remove, removeCollection } from "./delete.ts";
import { applyPatch, applyTo, decodeApplied, patchKind, readPatch } from "./patch.ts";
import { get, list } from "./read.ts";
import type { Registry } from "./registry.ts";
import type { Resource } from "./resource.ts";
import { watch } from "./watch.ts";
import { createObject, type UpdateOptions, updateObject } from "./write.ts";
import { parseWriteOptions, type WriteOptions } from "./writeOptions.ts";

type VerbHandler = (registry: Registry, resource: Resource, call: Call) => Promise<Answer>;

/** Decoding ends with the kind's defaults, for whatever way an object comes in. */
export async function decodeNew(
  call: Call,
  { scheme }: Registry,
  resource: Resource,
  options: WriteOptions,
): Promise<KubernetesObject> {
  const object = await decodeBody(call, resource.kind, options.fieldValidation, scheme);
  resource.kind.defaults?.(object);
  return object;
}

const create: VerbHandler = async (registry, resource, call) => {
  const options = parseWriteOptions(call, "CreateOptions");
  const object = await decodeNew(call, registry, resource, options);
  if (resource.kind.scope === "Cluster") delete object.metadata.namespace;
  if (resource.strategy.answerCreate) return resource.strategy.answerCreate(object, call, registry);
  return objectAnswer(await createObject(registry, resource, call, object, options), resource.kind, 201);
};

/** Whoever creates by PUT or by applying needs to be allowed to create. */
function mayCreate({ authorizer }: Registry, call: Call): void {
  const access = { ...call.info, verb: "create", user: call.user };
  const decision = authorizer.authorize(access);
  if (!decision.allowed) throw refusal(access, decision);
}

function checkName({ info }: Call, { metadata }: KubernetesObject): void {
  if (metadata.name && metadata.name !== info.name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${info.name})`);
  }
}

/** What a subresource adds to a plain update. */
export type Limits = Pick<UpdateOptions, "limit" | "validate">;

export async function replace(
  registry: Registry,
  resource: Resource,
  call: Call,
  limits: Limits = {},
): Promise<Answer> {
  const options = parseWriteOptions(call, "UpdateOptions");
  const sent = await decodeNew(call, registry, resource, options);
  checkName(call, sent);
  let created = false;
  let used = false;
  /** The sent object belongs to the first attempt; a second one decodes it anew. */
  const fresh = () => {
    if (used) return decodeNew(call, registry, resource, options);
    used = true;
    return sent;
  };
  const absent = async (): Promise<Entry> => {
    mayCreate(registry, call);
    created = true;
    return createObject(registry, resource, call, await fresh(), options);
  };
  const makes = resource.strategy.createOnUpdate === true && call.info.subresource === "";
  if (!sent.metadata.name && makes) throw badRequest("name must be provided");
  const entry = await updateObject(registry, resource, call, fresh, {
    ...options,
    ...limits,
    subresource: call.info.subresource,
    absent: makes && !sent.metadata.resourceVersion ? absent : undefined,
  });
  return objectAnswer(entry, resource.kind, created ? 201 : 200);
}

export async function patch(registry: Registry, resource: Resource, call: Call, limits: Limits = {}): Promise<Answer> {
  const type = await patchKind(call);
  const options = parseWriteOptions(call, "PatchOptions", type === "apply");
  const value = await readPatch(call, type);
  const { subresource } = call.info;
  if (type === "apply") return apply(registry, resource, call, value, options, limits);
  const entry = await updateObject(
    registry,
    resource,
    call,
    (live) => {
      const object = applyPatch(call, resource.kind, type, value, live, options.fieldValidation);
      resource.kind.defaults?.(object);
      // A patch that does not speak of the version does not mean one.
      return object;
    },
    { ...options, ...limits, subresource },
  );
  return objectAnswer(entry, resource.kind);
}

async function apply(
  registry: Registry,
  resource: Resource,
  call: Call,
  value: unknown,
  options: WriteOptions,
  limits: Limits,
): Promise<Answer> {
  const { kind } = resource;
  const applied = decodeApplied(kind, value);
  let created = false;
  const merge = (live: KubernetesObject | undefined) => {
    const { fieldManager: manager, force = false } = options;
    const object = applyTo(call, kind, { applied, live, manager, force, now: registry.clock.now() });
    kind.defaults?.(object);
    return object;
  };
  const absent = async () => {
    mayCreate(registry, call);
    created = true;
    const object = merge(undefined);
    object.metadata.name ??= call.info.name;
    return createObject(registry, resource, call, object, { ...options, managed: true });
  };
  const { subresource } = call.info;
  const entry = await updateObject(registry, resource, call, merge, {
    ...options,
    ...limits,
    subresource,
    managed: true,
    absent: subresource === "" ? absent : undefined,
  });
  return objectAnswer(entry, kind, created ? 201 : 200);
}

/** PUT and PATCH of /status: everything but status and metadata stays as it is. */
export function statusOnly(updated: KubernetesObject, live: KubernetesObject): KubernetesObject {
  const { status } = updated as { status?: unknown };
  const kept = { ...live, metadata: updated.metadata } as KubernetesObject & { status?: unknown };
  if (status === undefined) delete kept.status;
  else kept.status = status;
  return kept;
}

/** GET of one object or a list of them. */
const read =
  (stored: VerbHandler): VerbHandler =>
  (registry, resource, call) =>
    resource.strategy.answerRead?.(call, registry) ?? stored(registry, resource, call);

const HANDLERS: Readonly<Record<string, VerbHandler>> = {
  get: read(get),
  list: read(list),
  watch,
  create,
  update: (registry, resource, call) => replace(registry, resource, call),
  patch: (registry, resource, call) => patch(registry, resource, call),
  delete: remove,
  deletecollection: removeCollection,
};

const STATUS_HANDLERS: Readonly<Record<string, VerbHandler>> = {
  get,
  update: (registry, resource, call) => replace(registry, resource, call, { limit: statusOnly }),
  patch: (registry, resource, call) => patch(registry, resource, call, { limit: statusOnly }),
};

/** The handler of a verb on a resource itself or its /status; undefined when it is not served. */
export function verbHandler(resource: Resource, verb: string, subresource: string): VerbHandler {
  const handler = subresource === "status" ? STATUS_HANDLERS[verb] : HANDLERS[verb];
  if (!handler || (subresource === "" && !(resource.kind.verbs as readonly string[]).includes(verb))) {
    throw methodNotSupported(resource.kind, verb);
  }
  return handler;
}
