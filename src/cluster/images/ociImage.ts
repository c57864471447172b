import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { pack } from "tar-stream";

/** One entry of an image's file system; `path` has no leading slash. */
export type ImageEntry = { path: string; mode: number } & (
  | { type: "directory" }
  | { type: "file"; content: Buffer }
  | { type: "symlink"; target: string }
);

export interface ImageSpec {
  /** full references, e.g. "coxswain.local/hello:v1" */
  names: readonly string[];
  entries: readonly ImageEntry[];
  entrypoint?: readonly string[];
  cmd?: readonly string[];
  /** NAME=value */
  env?: readonly string[];
  workdir?: string;
  user?: string;
  labels?: Readonly<Record<string, string>>;
  /** as Go names it: amd64, arm64 */
  architecture: string;
}

type EntryHeader = Parameters<ReturnType<typeof pack>["entry"]>[0];

interface Blob {
  digest: string;
  content: Buffer;
}

export interface BuiltImage {
  names: readonly string[];
  /** of the manifest: equal inputs give an equal digest on every machine */
  digest: string;
  manifest: Blob;
  blobs: readonly Blob[];
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
/** Nothing in an image tells when or by whom it was built. */
const EPOCH = new Date(0);

/** Builds an image of one layer. The layer is not compressed: it goes no further than this machine's container runtime. */
export async function buildImage(spec: ImageSpec): Promise<BuiltImage> {
  const layer = blob(await archive(spec.entries.toSorted(byPath).map(layerEntry)));
  const config = blob(json(imageConfig(spec, layer.digest)));
  const manifest = blob(
    json({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: descriptor("application/vnd.oci.image.config.v1+json", config),
      layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
    }),
  );
  return { names: spec.names, digest: manifest.digest, manifest, blobs: [layer, config, manifest] };
}

/** Puts images into one archive with OCI's layout, which `ctr images import` and `docker load` read. */
export function imageArchive(images: readonly BuiltImage[]): Promise<Buffer> {
  const manifests = images.flatMap((image) =>
    image.names.map((name) => ({
      ...descriptor(MANIFEST, image.manifest),
      annotations: { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": name },
    })),
  );
  const blobs = new Map(images.flatMap((image) => image.blobs.map((b) => [b.digest, b.content])));
  const file = (name: string, content: Buffer) => ({ header: { name, mode: 0o644, mtime: EPOCH }, content });
  return archive([
    file("oci-layout", json({ imageLayoutVersion: "1.0.0" })),
    file("index.json", json({ schemaVersion: 2, manifests })),
    ...[...blobs].sort().map(([digest, content]) => file(`blobs/${digest.replace(":", "/")}`, content)),
  ]);
}

function imageConfig(spec: ImageSpec, diffId: string): object {
  return {
    created: EPOCH.toISOString(),
    architecture: spec.architecture,
    os: "linux",
    config: {
      User: spec.user,
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...(spec.env ?? [])],
      Entrypoint: spec.entrypoint,
      Cmd: spec.cmd,
      WorkingDir: spec.workdir ?? "/",
      Labels: spec.labels,
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created: EPOCH.toISOString(), created_by: "cox image build" }],
  };
}

function byPath(a: ImageEntry, b: ImageEntry): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function layerEntry(entry: ImageEntry): { header: EntryHeader; content?: Buffer } {
  const header = { name: entry.path, mode: entry.mode, mtime: EPOCH, uid: 0, gid: 0 };
  if (entry.type === "directory") return { header: { ...header, name: `${entry.path}/`, type: "directory" } };
  if (entry.type === "symlink") return { header: { ...header, type: "symlink", linkname: entry.target } };
  return { header: { ...header, type: "file" }, content: entry.content };
}

async function archive(entries: readonly { header: EntryHeader; content?: Buffer }[]): Promise<Buffer> {
  const tar = pack();
  const whole = collect(tar as unknown as Readable);
  for (const { header, content } of entries) tar.entry(header, content ?? Buffer.alloc(0));
  tar.finalize();
  return whole;
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(stream, "end");
  return Buffer.concat(chunks);
}

function blob(content: Buffer): Blob {
  return { content, digest: `sha256:${createHash("sha256").update(content).digest("hex")}` };
}
function descriptor(mediaType: string, { digest, content }: Blob) {
  return { mediaType, digest, size: content.length };
}
function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
