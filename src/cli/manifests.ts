import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { parseAllDocuments } from "yaml";
import { UserError } from "./errors.ts";

export interface ManifestObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [key: string]: unknown };
  [key: string]: unknown;
}

export interface Manifest {
  /** the file, for messages; "-" for standard input */
  source: string;
  object: ManifestObject;
}

/** Reads what `-f` names: files, folders (their own files, not those of folders in them) and "-". */
export async function readManifests(paths: readonly string[], stdin: NodeJS.ReadableStream): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const path of paths) {
    for (const { source, content } of await readSources(path, stdin))
      manifests.push(...parseManifests(content, source));
  }
  return manifests;
}

async function readSources(path: string, stdin: NodeJS.ReadableStream) {
  if (path === "-") return [{ source: "-", content: await readAll(stdin as NodeJS.ReadStream) }];
  const info = await stat(path).catch((error: Error) => {
    throw new UserError(`-f ${path}: ${error.message}`);
  });
  if (!info.isDirectory()) return [{ source: path, content: await readFile(path, "utf8") }];
  const files = (await readdir(path)).filter((name) => /\.(ya?ml|json)$/.test(name)).sort();
  if (files.length === 0) throw new UserError(`-f ${path}: the folder has no .yaml, .yml or .json file`);
  return Promise.all(
    files.map(async (name) => ({ source: join(path, name), content: await readFile(join(path, name), "utf8") })),
  );
}

/** Every object of a file; a List counts as its items. */
export function parseManifests(content: string, source: string): Manifest[] {
  return [...parseAllDocuments(content)].flatMap((document, i) => {
    if ("errors" in document && document.errors[0]) {
      throw new UserError(`${source}: ${document.errors[0].message.split("\n")[0]}`);
    }
    const value: unknown = document.toJS();
    return value === null || value === undefined ? [] : objectsOf(value, source, i + 1);
  });
}

function objectsOf(value: unknown, source: string, position: number): Manifest[] {
  const problem = (what: string) => new UserError(`${source}: document ${position}: ${what}`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw problem("is no object");
  const object = value as Partial<ManifestObject> & { items?: unknown };
  if (typeof object.apiVersion !== "string") throw problem("apiVersion is missing");
  if (typeof object.kind !== "string") throw problem("kind is missing");
  if (object.kind.endsWith("List") && Array.isArray(object.items)) {
    return object.items.flatMap((item) => objectsOf(item, source, position));
  }
  if (typeof object.metadata?.name !== "string") throw problem(`metadata.name of the ${object.kind} is missing`);
  return [{ source, object: object as ManifestObject }];
}
