/** OpenAPI v2 of this server's groups and of those that others answer, as one. */

export interface V2Document {
  paths: Record<string, unknown>;
  definitions?: Record<string, unknown>;
}

/** What another server tells of one group-version. */
export interface RemoteV2 {
  readonly group: string;
  readonly version: string;
  readonly document: V2Document;
}

/** Their paths are added, with the definitions that these need. Where both define a name, this server's stays. */
export function mergedV2(local: V2Document, others: readonly RemoteV2[]): V2Document {
  const paths = { ...local.paths };
  const definitions = { ...local.definitions };
  for (const { group, version, document } of others) {
    const prefix = `/apis/${group}/${version}/`;
    const theirs = Object.entries(document.paths).filter(([path]) => path.startsWith(prefix));
    Object.assign(paths, Object.fromEntries(theirs));
    for (const name of needed(theirs, document)) definitions[name] ??= document.definitions?.[name];
  }
  return { ...local, paths: sorted(paths), definitions: sorted(definitions) };
}

const sorted = (map: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

const REFERENCE = "#/definitions/";

function needed(from: unknown, { definitions = {} }: V2Document): Set<string> {
  const found = new Set<string>();
  const waiting = references(from);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name) || definitions[name] === undefined) continue;
    found.add(name);
    waiting.push(...references(definitions[name]));
  }
  return found;
}

function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const isReference = key === "$ref" && typeof inner === "string" && inner.startsWith(REFERENCE);
    return isReference ? [inner.slice(REFERENCE.length)] : references(inner);
  });
}
