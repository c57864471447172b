import { parseYaml } from "../../apimachinery/codec/yaml.ts";
import { jsonSyntaxError } from "../../apimachinery/decode/jsonText.ts";
import { carrySentTexts, decodeObject, hasRaw } from "../../apimachinery/decode.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { badRequest, invalid } from "../../apimachinery/errors.ts";
import { fieldInvalid, root } from "../../apimachinery/fieldErrors.ts";
import { draft, setOwn } from "../../apimachinery/freeze.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import { applyObject } from "../../apimachinery/managedFields/index.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { applyJsonPatch } from "../../apimachinery/patch/json.ts";
import { applyMergePatch } from "../../apimachinery/patch/merge.ts";
import { applyStrategicPatch, withoutDirectives } from "../../apimachinery/patch/strategic.ts";
import { goPrint, isObject, type Json } from "../../apimachinery/patch/value.ts";
import { failure, StatusError } from "../../apimachinery/status.ts";
import type { Call } from "../pipeline/call.ts";
import { mediaType } from "./decodeBody.ts";
import type { FieldValidation } from "./writeOptions.ts";

export type PatchKind = "json" | "merge" | "strategic" | "apply";

const TYPES: Readonly<Record<string, PatchKind>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
};

/** Which kind of patch a request carries; 415 when it is none. */
export async function patchKind(call: Call): Promise<PatchKind> {
  const body = await call.incoming.body();
  const kind = body.type === "none" ? undefined : TYPES[mediaType(body.contentType)];
  if (!kind) throw failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
  return kind;
}

/** The patch itself, parsed. */
export async function readPatch(call: Call, kind: PatchKind): Promise<unknown> {
  const body = await call.incoming.body();
  if (body.type === "object") return body.object;
  const text = body.type === "none" ? "" : body.bytes.toString();
  if (kind === "apply") {
    try {
      return parseYaml(text);
    } catch (error) {
      throw badRequest(`error decoding YAML: ${(error as Error).message}`);
    }
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`error decoding patch: ${jsonSyntaxError(text) ?? (error as Error).message}`);
  }
}

/** A patch that makes of the object what is none: Kubernetes blames the patch as a whole. */
function blame(shown: string, why: string): StatusError {
  return invalid({ group: "", kind: "", plural: "" }, "", [fieldInvalid(root.child("patch"), shown, why)]);
}

function decodePatched(
  kind: Kind,
  patched: unknown,
  shown: () => string,
  validation: FieldValidation,
): { object: KubernetesObject; warnings: string[] } {
  try {
    const decoded = decodeObject(kind, patched, { fieldValidation: validation });
    return { object: decoded.object as KubernetesObject, warnings: decoded.warnings };
  } catch (error) {
    if (error instanceof StatusError && error.code === 400) throw blame(shown(), decodingFault(error, kind));
    throw error;
  }
}

/** What went wrong, without the words that name the version of the whole object. */
function decodingFault(error: StatusError, { kind, version }: Kind): string {
  return error.message.replace(`${kind} in version "${version}" cannot be handled as a ${kind}: `, "");
}

/** Applies a json, merge or strategic patch to the live object and decodes what comes out. */
export function applyPatch(
  call: Call,
  kind: Kind,
  type: Exclude<PatchKind, "apply">,
  patch: unknown,
  live: KubernetesObject,
  validation: FieldValidation,
): KubernetesObject {
  let patched: unknown;
  if (type === "json") patched = applyJsonPatch(live, patch);
  else if (type === "merge") patched = applyMergePatch(live, patch);
  else patched = applyStrategicPatch(kind.schema, live, patch);
  const shown = () =>
    type === "strategic" ? goPrint(withoutDirectives(patch as Json) as Json) : JSON.stringify(patched);
  const { touched, kept } = partedBy(kind, live, patched);
  const { object, warnings } = decodePatched(kind, touched, shown, validation);
  call.warnings.push(...warnings);
  return Object.assign(object, kept);
}

const ALWAYS_READ = new Set(["apiVersion", "kind", "metadata"]);

/**
 * What a patch left as it was is shared with the live object, and was decoded when that came in: a copy will do. A patch
 * of the labels or of the status so need not read the whole spec again.
 */
function partedBy(kind: Kind, live: KubernetesObject, patched: unknown): { touched: unknown; kept: object } {
  if (!isObject(patched as Json) || hasRaw(kind.schema)) return { touched: patched, kept: {} };
  const parts = { touched: {} as Record<string, unknown>, kept: {} as Record<string, unknown> };
  for (const [key, value] of Object.entries(patched as object)) {
    const isShared = typeof value === "object" && value !== null && value === live[key as keyof KubernetesObject];
    if (isShared && !ALWAYS_READ.has(key)) parts.kept[key] = draft(value);
    else setOwn(parts.touched, key, value);
  }
  return parts;
}

/** Server-side apply: the applied object as the client sent it, checked. */
export function decodeApplied(kind: Kind, value: unknown): KubernetesObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest("error decoding YAML: the applied object must be a map");
  }
  const { apiVersion, kind: name } = value as KubernetesObject;
  if (apiVersion !== kind.apiVersion || name !== kind.kind) {
    throw badRequest(
      `incorrect apiVersion or kind in the applied object: want ${kind.apiVersion} ${kind.kind}, have ${apiVersion ?? ""} ${name ?? ""}`,
    );
  }
  return value as KubernetesObject;
}

export function applyTo(
  call: Call,
  kind: Kind,
  options: {
    applied: KubernetesObject;
    live: KubernetesObject | undefined;
    manager: string;
    force: boolean;
    now: number;
  },
): KubernetesObject {
  const { object } = applyObject({ kind, ...options, subresource: call.info.subresource });
  const decoded = decodeObject(kind, object, { fieldValidation: "Ignore" }).object as KubernetesObject;
  if (hasRaw(kind.schema) && options.live && differOnlyInEntries(options.live, decoded)) {
    carrySentTexts(kind.schema, options.live, decoded);
  }
  return decoded;
}

/** Where nothing is applied that is not there already, Kubernetes writes the object that it has, and who owns it. */
function differOnlyInEntries(live: KubernetesObject, applied: KubernetesObject): boolean {
  const { managedFields } = live.metadata;
  return deepEqual(live, { ...applied, metadata: { ...applied.metadata, managedFields } });
}
