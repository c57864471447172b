import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { failure } from "../apimachinery/status.ts";

/** What names a kind to the API, without the type of its objects: what lists of mixed kinds are made of. */
export type KindIdentity = Pick<
  Kind,
  "group" | "version" | "apiVersion" | "kind" | "plural" | "singular" | "resource" | "scope" | "verbs"
>;

/** The path of a collection, or of one object, or of one of its subresources. */
export function resourcePath(kind: KindIdentity, namespace?: string, name?: string, subresource?: string): string {
  let path = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  if (kind.scope === "Namespaced" && namespace) path += `/namespaces/${encodeURIComponent(namespace)}`;
  path += `/${kind.plural}`;
  if (name !== undefined) path += `/${encodeURIComponent(name)}`;
  if (subresource !== undefined) path += `/${subresource}`;
  return path;
}

/** The path of one object; a name is never empty and a namespaced kind never without namespace. */
export function objectPath(
  kind: KindIdentity,
  key: { namespace?: string; name?: string },
  subresource?: string,
): string {
  if (!key.name) throw failure(400, "BadRequest", `${kind.kind}: the name of an object must be given`);
  return resourcePath(kind, requireNamespace(kind, key.namespace), key.name, subresource);
}

export function requireNamespace(kind: KindIdentity, namespace: string | undefined): string | undefined {
  if (kind.scope === "Namespaced" && !namespace) {
    throw failure(400, "BadRequest", `${kind.kind}: a namespace must be given`);
  }
  return namespace;
}

/** "namespace/name", or "name" for cluster-wide objects: the key of queues and indexes. */
export function keyOf(object: KubernetesObject): string {
  const { namespace, name } = object.metadata;
  return namespace ? `${namespace}/${name}` : (name ?? "");
}

export function keyText(key: { namespace?: string; name: string }): string {
  return key.namespace ? `${key.namespace}/${key.name}` : key.name;
}

export function parseKey(key: string): { namespace?: string; name: string } {
  const slash = key.indexOf("/");
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
