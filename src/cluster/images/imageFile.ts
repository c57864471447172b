import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
import { arch } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { ClusterError, errorCode } from "../errors.ts";
import type { Requirement } from "../host.ts";
import { withDebianPackages } from "./debianPackages.ts";
import type { ImageEntry, ImageSpec } from "./ociImage.ts";

/**
 * How to build an image from files of this machine. A folder given to `cox up -f` may have a folder `images/` with
 * such descriptions (several to a file, as YAML documents); kubectl does not look in there. Paths are relative to the file.
 */
export interface ImageDescription {
  /** full reference, e.g. coxswain.local/hello:v1 */
  name: string;
  /** a folder whose files become the image's file system */
  root?: string;
  /** Debian packages whose files are in the image, with those of all that they depend on */
  packages?: string[];
  /** further files of this machine, and the Debian package that has them */
  copy?: { from: string; to: string; package?: string }[];
  /** symbolic links: path in the image → target */
  links?: Record<string, string>;
  entrypoint?: string[];
  cmd?: string[];
  env?: Record<string, string>;
  workdir?: string;
  user?: string;
  labels?: Record<string, string>;
}

const FIELDS = ["name", "root", "packages", "copy", "links", "entrypoint", "cmd", "env", "workdir", "user", "labels"];

/** Docker's name of this machine's architecture. */
export function hostArchitecture(): string {
  return arch() === "x64" ? "amd64" : arch();
}

/** The descriptions in a folder's `images/`, or none. */
export async function readImageFiles(folder: string): Promise<{ file: string; description: ImageDescription }[]> {
  const images = join(folder, "images");
  const files = await readdir(images).catch((error) => {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw error;
  });
  const found = [];
  for (const file of files.filter((name) => /\.ya?ml$/.test(name)).sort()) {
    const path = join(images, file);
    const text = await readFile(path, "utf8");
    for (const description of parseImageFile(text, path)) found.push({ file: path, description });
  }
  return found;
}

export function parseImageFile(text: string, file: string): ImageDescription[] {
  return [...parseAllDocuments(text)].flatMap((document) => {
    if ("errors" in document && document.errors[0]) {
      throw new ClusterError(`${file}: ${document.errors[0].message.split("\n")[0]}`);
    }
    const value = document.toJS() as Partial<ImageDescription> | null;
    if (value === null) return [];
    const unknown = Object.keys(value).find((key) => !FIELDS.includes(key));
    if (unknown) throw new ClusterError(`${file}: ${unknown}: unknown field; known are ${FIELDS.join(", ")}`);
    if (typeof value.name !== "string") throw new ClusterError(`${file}: name: required, e.g. coxswain.local/web:v1`);
    return [{ ...value, name: fullReference(value.name) }];
  });
}

/** What the host must have for the descriptions' files to be there. */
export function imageRequirements(descriptions: readonly ImageDescription[]): Requirement[] {
  return descriptions.flatMap(({ name, copy }) =>
    (copy ?? []).flatMap((c) =>
      c.package ? [{ files: [c.from], package: c.package, why: `is in the image ${name}` }] : [],
    ),
  );
}

export async function imageSpec(description: ImageDescription, file: string): Promise<ImageSpec> {
  const folder = dirname(resolve(file));
  const tree = new EntryTree();
  const { packages = [] } = description;
  if (packages.length > 0) await withDebianPackages(packages, (files) => tree.addFolder(files));
  if (description.root !== undefined) await tree.addFolder(resolve(folder, description.root));
  for (const { from, to } of description.copy ?? []) await tree.addFile(resolve(folder, from), to);
  for (const [path, target] of Object.entries(description.links ?? {}))
    tree.add({ type: "symlink", path, target, mode: 0o777 });
  return {
    names: [description.name],
    entries: tree.entries(),
    entrypoint: description.entrypoint,
    cmd: description.cmd,
    env: Object.entries(description.env ?? {}).map(([name, value]) => `${name}=${value}`),
    workdir: description.workdir,
    user: description.user,
    labels: description.labels,
    architecture: hostArchitecture(),
  };
}

/** Entries by path, with the folders that lead to them. */
class EntryTree {
  readonly #entries = new Map<string, ImageEntry>();

  entries(): ImageEntry[] {
    return [...this.#entries.values()];
  }
  add(entry: ImageEntry): void {
    const path = entry.path.replace(/^\/+|\/+$/g, "");
    if (path === "" || path.split("/").includes("..")) throw new ClusterError(`"${entry.path}" is no path in an image`);
    const parent = dirname(path);
    if (parent !== "." && !this.#entries.has(parent)) this.add({ type: "directory", path: parent, mode: 0o755 });
    this.#entries.set(path, { ...entry, path });
  }
  async addFile(from: string, to: string): Promise<void> {
    const info = await stat(from).catch((error: Error) => {
      throw new ClusterError(`cannot copy ${from} into the image: ${error.message}`);
    });
    if (info.isDirectory()) return this.addFolder(from, to);
    const path = to.endsWith("/") ? to + basename(from) : to;
    this.add({ type: "file", path, mode: info.mode & 0o7777, content: await readFile(from) });
  }
  async addFolder(folder: string, at = ""): Promise<void> {
    const names = await readdir(folder).catch((error: Error) => {
      throw new ClusterError(`cannot read the image's root: ${error.message}`);
    });
    for (const name of names) {
      const from = join(folder, name);
      const path = `${at}/${name}`;
      const info = await lstat(from);
      const mode = info.mode & 0o7777;
      if (info.isDirectory()) {
        this.add({ type: "directory", path, mode });
        await this.addFolder(from, path);
      } else if (info.isSymbolicLink()) this.add({ type: "symlink", path, mode: 0o777, target: await readlink(from) });
      else if (info.isFile()) this.add({ type: "file", path, mode, content: await readFile(from) });
    }
  }
}

/** "web" means what it means to a container runtime: docker.io/library/web:latest. */
export function fullReference(name: string): string {
  const [first = "", ...rest] = name.split("/");
  const hasRegistry = rest.length > 0 && (first.includes(".") || first.includes(":") || first === "localhost");
  const full = hasRegistry ? name : rest.length > 0 ? `docker.io/${name}` : `docker.io/library/${name}`;
  return /[:@][^/]*$/.test(full.slice(full.lastIndexOf("/"))) ? full : `${full}:latest`;
}
