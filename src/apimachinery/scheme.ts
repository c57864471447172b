import type { Kind } from "./kind.ts";

/** Finds declared kinds, by how objects name them and by how paths name them. */
export interface Scheme {
  readonly kinds: readonly Kind[];
  byKind(apiVersion: string, kind: string): Kind | undefined;
  byResource(group: string, version: string, plural: string): Kind | undefined;
}

export function createScheme(kinds: readonly Kind[]): Scheme {
  const byKind = new Map(kinds.map((kind) => [`${kind.apiVersion}|${kind.kind}`, kind]));
  const byResource = new Map(kinds.map((kind) => [`${kind.apiVersion}|${kind.plural}`, kind]));
  return {
    kinds,
    byKind: (apiVersion, kind) => byKind.get(`${apiVersion}|${kind}`),
    byResource: (group, version, plural) =>
      byResource.get(`${group === "" ? version : `${group}/${version}`}|${plural}`),
  };
}

/** "apps/v1" as group and version; "v1" is the core group, whose name is empty. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/");
  return slash < 0
    ? { group: "", version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}
