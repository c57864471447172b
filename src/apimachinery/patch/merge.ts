import { undecodable } from "./json.ts";
import { isObject, type Json, type JsonObject } from "./value.ts";

/**
 * RFC 7386: null removes, objects merge, everything else replaces. Answers a new document, which shares what was not
 * touched with the old one. A patch that is no object is a 400.
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (patch === null) return document;
  if (!isObject(patch)) throw undecodable(patch, "map[string]interface {}");
  return merge(document as Json, patch);
}

function merge(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: Record<string, Json> = isObject(target) ? { ...target } : {};
  for (const key of Object.keys(patch)) setMerged(merged, key, patch[key]!);
  return merged;
}

function setMerged(merged: Record<string, Json>, key: string, value: Json): void {
  if (value === null) delete merged[key];
  else merged[key] = merge((merged as JsonObject)[key], value);
}
