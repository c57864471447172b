import { createHash } from "node:crypto";
import type { Kind, Subresource } from "../../apimachinery/kind.ts";

/** A subresource with its name, those among them that follow from `status` and `scale`. */
export interface NamedSubresource extends Subresource {
  name: string;
}

const READ_AND_WRITE = ["get", "patch", "update"] as const;

export function subresourcesOf(kind: Kind): NamedSubresource[] {
  const named: NamedSubresource[] = Object.entries(kind.subresources ?? {}).map(([name, sub]) => ({ name, ...sub }));
  if (kind.status) named.push({ name: "status", verbs: READ_AND_WRITE });
  if (kind.scale)
    named.push({ name: "scale", kind: "Scale", group: "autoscaling", version: "v1", verbs: READ_AND_WRITE });
  return named.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** An entry of APIResourceList. */
export interface APIResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  group?: string;
  version?: string;
  kind: string;
  verbs: readonly string[];
  shortNames?: readonly string[];
  categories?: readonly string[];
  storageVersionHash?: string;
}

/** A kind's entry and those of its subresources. */
export function apiResources(kind: Kind): APIResource[] {
  const namespaced = kind.scope === "Namespaced";
  const own: APIResource = {
    name: kind.plural,
    singularName: kind.singular,
    namespaced,
    kind: kind.kind,
    verbs: kind.verbs,
    ...named(kind),
    ...(kind.verbs.includes("list") && !kind.computed && { storageVersionHash: storageVersionHash(kind) }),
  };
  const subresources = subresourcesOf(kind).map((sub) => ({
    name: `${kind.plural}/${sub.name}`,
    singularName: "",
    namespaced,
    ...(sub.version && { group: sub.group ?? "", version: sub.version }),
    kind: sub.kind ?? kind.kind,
    verbs: sub.verbs,
  }));
  return [own, ...subresources];
}

const named = (kind: Kind) => ({
  ...(kind.shortNames && { shortNames: kind.shortNames }),
  ...(kind.categories && { categories: kind.categories }),
});

/** Changes when the kind is stored in another version; clients may compare it. */
function storageVersionHash(kind: Kind): string {
  const { group, version, kind: name } = kind.storedAs?.kind ?? kind;
  return createHash("sha256").update(`${group}/${version}/${name}`).digest().subarray(0, 8).toString("base64");
}

/** A kind's entry in aggregated discovery. A group and version left empty mean the parent's own. */
export function aggregatedResource(kind: Kind): object {
  const subresources = subresourcesOf(kind).map((sub) => ({
    subresource: sub.name,
    responseKind: responseKind(sub.kind ?? kind.kind, sub),
    verbs: sub.verbs,
  }));
  return {
    resource: kind.plural,
    responseKind: responseKind(kind.kind),
    scope: kind.scope,
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...named(kind),
    ...(subresources.length > 0 && { subresources }),
  };
}

const responseKind = (kind: string, { group = "", version = "" }: { group?: string; version?: string } = {}) => ({
  group,
  version,
  kind,
});
