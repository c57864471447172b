import { type Scale, ScaleSchema } from "../../api/autoscaling/v1/index.ts";
import { ageColumn, nameColumn } from "../../api/columns.ts";
import { conflict, invalid, methodNotAllowed } from "../../apimachinery/errors.ts";
import { fieldInvalid, root } from "../../apimachinery/fieldErrors.ts";
import { draft } from "../../apimachinery/freeze.ts";
import { defineKind, type ScalePaths } from "../../apimachinery/kind.ts";
import type { KubernetesObject, LabelSelector } from "../../apimachinery/meta.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { Entry } from "../cache/entry.ts";
import { type Answer, type Call, objectAnswer } from "../pipeline/call.ts";
import { decodeBody } from "./decodeBody.ts";
import { applyPatch, applyTo, decodeApplied, patchKind, readPatch } from "./patch.ts";
import { getStored } from "./read.ts";
import type { Registry } from "./registry.ts";
import type { Resource } from "./resource.ts";
import { viewEntry } from "./views.ts";
import { updateObject } from "./write.ts";
import { parseWriteOptions, type WriteOptions } from "./writeOptions.ts";

export const ScaleKind = defineKind<Scale & KubernetesObject>({
  group: "autoscaling",
  version: "v1",
  kind: "Scale",
  plural: "scales",
  scope: "Namespaced",
  schema: ScaleSchema as never,
  verbs: [],
  columns: [
    nameColumn(),
    {
      name: "Desired",
      type: "integer",
      description: "How many replicas are wanted.",
      value: ({ spec }) => spec.replicas ?? 0,
    },
    {
      name: "Available",
      type: "integer",
      description: "How many replicas there are.",
      value: ({ status }) => status.replicas,
    },
    ageColumn(),
  ],
});

type Json = Record<string, unknown>;

function read(object: unknown, path: string): unknown {
  let at = object;
  for (const step of path.split(".").slice(1)) at = (at as Json | undefined)?.[step];
  return at;
}

function write(object: Json, path: string, value: unknown): void {
  const steps = path.split(".").slice(1);
  let at = object;
  for (const step of steps.slice(0, -1)) {
    at[step] ??= {};
    at = at[step] as Json;
  }
  at[steps.at(-1)!] = value;
}

function selectorText(value: unknown): string {
  if (typeof value !== "object" || value === null) return "";
  const selector = "matchLabels" in value || "matchExpressions" in value ? value : { matchLabels: value };
  return labelSelector(selector as LabelSelector).toString();
}

/** How many there shall be and are, of whatever kind. */
function scaleOf(paths: ScalePaths, object: KubernetesObject): Scale & KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = selectorText(read(object, paths.selector));
  const replicas = read(object, paths.specReplicas) as number | undefined;
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === undefined || replicas === 0 ? {} : { replicas },
    status: {
      replicas: (read(object, paths.statusReplicas) as number | undefined) ?? 0,
      ...(selector && { selector }),
    },
  };
}

function scaleAnswer(resource: Resource, entry: Entry): Answer {
  const object = scaleOf(resource.kind.scale!, viewEntry(resource, entry).object);
  return objectAnswer(new Entry({ kind: ScaleKind, key: entry.key, revision: entry.revision, object }), ScaleKind);
}

/** The scaled object for the Scale that was asked for. */
function scaled(resource: Resource, live: KubernetesObject, scale: Scale & KubernetesObject): KubernetesObject {
  const { name, uid, resourceVersion } = live.metadata;
  const asked = scale.metadata;
  if (asked.uid && asked.uid !== uid) {
    throw conflict(
      resource.kind,
      name!,
      `Precondition failed: UID in precondition: ${asked.uid}, UID in object meta: ${uid}`,
    );
  }
  const replicas = scale.spec.replicas ?? 0;
  if (replicas < 0) {
    throw invalid(ScaleKind, name!, [
      fieldInvalid(root.child("spec", "replicas"), replicas, "must be greater than or equal to 0"),
    ]);
  }
  const object = draft(live) as KubernetesObject;
  object.metadata.resourceVersion = asked.resourceVersion || resourceVersion;
  write(object as unknown as Json, resource.kind.scale!.specReplicas, replicas);
  return object;
}

async function requested(call: Call, resource: Resource, registry: Registry, options: WriteOptions, isPatch: boolean) {
  if (!isPatch) {
    const sent = (await decodeBody(call, ScaleKind, options.fieldValidation, registry.scheme)) as Scale &
      KubernetesObject;
    return () => sent;
  }
  const type = await patchKind(call);
  const value = await readPatch(call, type);
  const paths = resource.kind.scale!;
  return (live: KubernetesObject) => {
    const current = scaleOf(paths, live);
    const validation = options.fieldValidation;
    if (type !== "apply")
      return applyPatch(call, ScaleKind, type, value, current, validation) as Scale & KubernetesObject;
    const applied = decodeApplied(ScaleKind, value);
    const { fieldManager: manager, force = false } = options;
    return applyTo(call, ScaleKind, { applied, live: current, manager, force, now: 0 }) as Scale & KubernetesObject;
  };
}

/** /scale: one small object to read and set the number of replicas of any kind that has one. */
export async function scaleHandler(call: Call, resource: Resource, registry: Registry): Promise<Answer> {
  const { verb } = call.info;
  if (verb === "get") return scaleAnswer(resource, await getStored(registry, resource, call));
  if (verb !== "update" && verb !== "patch") throw methodNotAllowed();
  const isPatch = verb === "patch";
  const apply = isPatch && (await patchKind(call)) === "apply";
  const options = parseWriteOptions(call, isPatch ? "PatchOptions" : "UpdateOptions", apply);
  const scale = await requested(call, resource, registry, options, isPatch);
  const entry = await updateObject(registry, resource, call, (live) => scaled(resource, live, scale(live)), {
    ...options,
    subresource: "scale",
    limit: (updated) => updated,
  });
  return scaleAnswer(resource, entry);
}
