import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { StoredImage } from "./imageStore.ts";

/** A question of OCI's distribution protocol, as far as pulling needs it. */
export interface PullRequest {
  method: string;
  path: string;
  /** the registry that the name belongs to; a mirror is told it beside the path */
  namespace: string | null;
}

/** A blob to send, or what is wrong. */
export type PullAnswer =
  | { status: 200; headers: Readonly<Record<string, string | number>>; file?: string }
  | { status: 404 | 405; code: string; message: string };

/** Where images are: their names, and the folder of blobs by digest. */
export interface ImageSource {
  /** the images that may be had */
  images(): Promise<readonly StoredImage[]>;
  /** the folder "blobs" of containerd's content store */
  blobs: string;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const PATH = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/;

const missing = (code: string, what: string): PullAnswer => ({ status: 404, code, message: `${what} is not here` });

/** Answers who pulls: by name what stands in the list of images, by digest only what belongs to one of them. */
export async function answerPull({ method, path, namespace }: PullRequest, source: ImageSource): Promise<PullAnswer> {
  if (method !== "GET" && method !== "HEAD")
    return { status: 405, code: "UNSUPPORTED", message: "images can be pulled from here, and nothing else" };
  if (path === "/v2/" || path === "/v2") return { status: 200, headers: { "content-length": 0 } };
  const [, repository = "", kind, reference = ""] = PATH.exec(path) ?? [];
  const images = await source.images();
  if (kind === "manifests" && !DIGEST.test(reference)) {
    const name = `${namespace ?? ""}/${repository}:${reference}`;
    const image = images.find((it) => it.name === name);
    return image ? blob(source.blobs, image.digest, image.type) : missing("MANIFEST_UNKNOWN", name);
  }
  if (kind === undefined || !DIGEST.test(reference)) return missing("NAME_UNKNOWN", path);
  for (const { digest, type } of images) {
    const found = (await contents(source.blobs, digest, type)).get(reference);
    if (found !== undefined) return blob(source.blobs, reference, found);
  }
  return missing(kind === "blobs" ? "BLOB_UNKNOWN" : "MANIFEST_UNKNOWN", reference);
}

const fileOf = (blobs: string, digest: string) => join(blobs, ...digest.split(":"));

async function blob(blobs: string, digest: string, type: string): Promise<PullAnswer> {
  const file = fileOf(blobs, digest);
  const found = await stat(file).catch(() => undefined);
  if (!found) return missing("BLOB_UNKNOWN", digest);
  const headers = { "content-type": type, "content-length": found.size, "docker-content-digest": digest };
  return { status: 200, headers, file };
}

interface Descriptor {
  digest: string;
  mediaType?: string;
}
interface Manifest {
  config?: Descriptor;
  layers?: Descriptor[];
  /** of an index: one per platform */
  manifests?: Descriptor[];
}

/** What an image is made of, each by its digest with its media type; of an index only what is here. */
async function contents(blobs: string, digest: string, type: string): Promise<Map<string, string>> {
  const all = new Map([[digest, type]]);
  const text = await readFile(fileOf(blobs, digest), "utf8").catch(() => ""); // another platform's, never fetched
  if (text === "") return all;
  const { config, layers = [], manifests = [] } = JSON.parse(text) as Manifest;
  for (const part of [...(config ? [config] : []), ...layers])
    all.set(part.digest, part.mediaType ?? "application/octet-stream");
  for (const part of manifests)
    for (const [key, value] of await contents(blobs, part.digest, part.mediaType ?? type)) all.set(key, value);
  return all;
}
