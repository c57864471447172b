import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { ClusterError } from "../errors.ts";
import { run } from "../run.ts";
import { hostArchitecture } from "./imageFile.ts";
import { type BuiltImage, imageArchive } from "./ociImage.ts";

export interface StoredImage {
  name: string;
  /** the media type of what the digest names */
  type: string;
  digest: string;
  size: string;
  platforms: string[];
  /** brought by cox, so that other machines of the cluster may have it from here */
  isShared: boolean;
}

/** Marks images that machines elsewhere may pull from this node; what a registry gave, they are to ask it for. */
const SHARED = "coxswain.io/shared";

/** The images of one cluster's containerd, reached with the `ctr` that comes with it. */
export class ImageStore {
  readonly #ctr: readonly string[];
  constructor(socket: string) {
    this.#ctr = [`--address=${socket}`, "--namespace=k8s.io"];
  }

  async list(): Promise<StoredImage[]> {
    const images = parseImageList(await run("ctr", [...this.#ctr, "images", "list"]));
    // the runtime also keeps each image under its digest
    return images.filter((image) => !image.name.startsWith("sha256:") && !image.name.includes("@sha256:"));
  }

  /** Brings in those of the images that are not there already under the same digest; answers their names. */
  async add(images: readonly BuiltImage[]): Promise<string[]> {
    const present = new Map((await this.list()).map((image) => [image.name, image.digest]));
    const missing = images.filter((image) => image.names.some((name) => present.get(name) !== image.digest));
    if (missing.length === 0) return [];
    await run("ctr", [...this.#ctr, "images", "import", "-"], { input: await imageArchive(missing) });
    const names = missing.flatMap((image) => image.names);
    await this.#share(names);
    return names;
  }

  async #share(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => run("ctr", [...this.#ctr, "images", "label", name, `${SHARED}=true`])));
  }

  /** Copies the images that another store has and this one lacks; answers their names. */
  async copyFrom(other: ImageStore): Promise<string[]> {
    const [here, there] = await Promise.all([this.list(), other.list()]);
    const known = new Map(here.map((image) => [image.name, image.digest]));
    const missing = there.filter((image) => known.get(image.name) !== image.digest).map((image) => image.name);
    // one by one: an image that was pulled for one platform of several may lack what an archive must have
    const copied: string[] = [];
    for (const name of missing) if (await this.#copy(other, name)) copied.push(name);
    return copied;
  }

  async #copy(other: ImageStore, name: string): Promise<boolean> {
    const platform = `linux/${hostArchitecture()}`;
    const from = spawn("ctr", [...other.#ctr, "images", "export", "--platform", platform, "-", name]);
    const to = spawn("ctr", [...this.#ctr, "images", "import", "-"], { stdio: ["pipe", "ignore", "ignore"] });
    from.stderr.resume();
    const ended = [from, to].map((child) => once(child, "close"));
    // the importer tells by its exit code
    await pipeline(from.stdout, to.stdin).catch(() => undefined);
    return (await Promise.all(ended)).every(([code]) => code === 0);
  }

  /** Loads an archive, OCI layout or `docker save`, gzip or not; answers the names of the images it had. */
  async load(file: string): Promise<string[]> {
    const unpacked = (await isGzip(file)) ? [createGunzip()] : [];
    const child = spawn("ctr", [...this.#ctr, "images", "import", "-"], { stdio: ["pipe", "pipe", "pipe"] });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => output.push(String(data)));
    const ended = new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve(code ?? 1));
    });
    const fed = pipeline([createReadStream(file), ...unpacked, child.stdin]);
    await fed.catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw new ClusterError(`cannot read ${file}: ${error.message}`);
    });
    const text = output.join("");
    if ((await ended) !== 0) throw new ClusterError(`${file} is no image archive: ${text.trim().split("\n").at(-1)}`);
    const names = [...text.matchAll(/^unpacking (\S+) /gm)].map((match) => match[1]!);
    await this.#share(names);
    return names;
  }
}

async function isGzip(path: string): Promise<boolean> {
  const refuse = (error: Error) => {
    throw new ClusterError(`cannot read ${path}: ${error.message}`);
  };
  const file = await open(path).catch(refuse);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0).catch(refuse);
    return bytesRead === 2 && buffer.readUInt16BE(0) === 0x1f8b;
  } finally {
    await file.close();
  }
}

/** Reads the table that `ctr images list` prints: REF TYPE DIGEST SIZE PLATFORMS LABELS. */
export function parseImageList(table: string): StoredImage[] {
  return table
    .split("\n")
    .slice(1)
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [name = "", type = "", digest = "", amount = "", unit = "", on = "", labels = ""] = line.split(/\s+/);
      const platforms = on.split(",").filter((p) => p !== "-");
      const isShared = labels.split(",").includes(`${SHARED}=true`);
      return { name, type, digest, size: `${amount} ${unit}`, platforms, isShared };
    });
}
