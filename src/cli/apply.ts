import { StatusError } from "../apimachinery/status.ts";
import type { Transport } from "../client/transport.ts";
import { UserError } from "./errors.ts";
import type { Manifest, ManifestObject } from "./manifests.ts";

const FIELD_MANAGER = "cox";

interface ApiResource {
  name: string;
  kind: string;
  namespaced: boolean;
}

/** Finds the paths of kinds by discovery, so that kinds we do not know can be applied too. */
export class Resources {
  readonly #transport: Transport;
  readonly #known = new Map<string, Promise<ApiResource[]>>();
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The path of an object; `namespace` is used where its own is left out. */
  async path({ source, object }: Manifest, namespace = "default"): Promise<string> {
    const { apiVersion, kind, metadata } = object;
    const resource = (await this.#list(apiVersion)).find((r) => r.kind === kind && !r.name.includes("/"));
    if (!resource) {
      throw new UserError(`${source}: no matches for kind "${kind}" in version "${apiVersion}"`, {
        hint: "cox kubectl api-resources shows the kinds this cluster has",
      });
    }
    const inNamespace = resource.namespaced ? `/namespaces/${encodeURIComponent(metadata.namespace ?? namespace)}` : "";
    return `${groupPath(apiVersion)}${inNamespace}/${resource.name}/${encodeURIComponent(metadata.name)}`;
  }

  #list(apiVersion: string): Promise<ApiResource[]> {
    let list = this.#known.get(apiVersion);
    if (!list) {
      list = this.#fetch(apiVersion);
      this.#known.set(apiVersion, list);
    }
    return list;
  }
  async #fetch(apiVersion: string): Promise<ApiResource[]> {
    try {
      const answer = await this.#transport.request({ method: "GET", path: groupPath(apiVersion) });
      return (answer as { resources: ApiResource[] }).resources;
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return [];
      throw error;
    }
  }
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

export interface Applied {
  path: string;
  object: ManifestObject;
}

/** Applies the objects on the server, Namespaces first, else in their order; the first refusal ends it. */
export async function applyManifests(
  transport: Transport,
  manifests: readonly Manifest[],
  options: { signal?: AbortSignal; note?: (text: string) => void } = {},
): Promise<Applied[]> {
  const resources = new Resources(transport);
  const isNamespace = (manifest: Manifest) => Number(manifest.object.kind === "Namespace");
  const applied: Applied[] = [];
  for (const manifest of manifests.toSorted((a, b) => isNamespace(b) - isNamespace(a))) {
    const path = await resources.path(manifest);
    options.note?.(`${manifest.object.kind}/${manifest.object.metadata.name}`);
    applied.push({ path, object: await applyOne(transport, path, manifest, options.signal) });
  }
  return applied;
}

async function applyOne(
  transport: Transport,
  path: string,
  manifest: Manifest,
  signal?: AbortSignal,
): Promise<ManifestObject> {
  try {
    const query = { fieldManager: FIELD_MANAGER, force: "true", fieldValidation: "Strict" };
    const contentType = "application/apply-patch+yaml";
    const answer = await transport.request({
      method: "PATCH",
      path,
      query,
      body: manifest.object,
      contentType,
      signal,
    });
    return answer as ManifestObject;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const { kind, metadata } = manifest.object;
    throw new UserError(`${manifest.source}: ${kind}/${metadata.name}: ${error.message}`, { cause: error });
  }
}
