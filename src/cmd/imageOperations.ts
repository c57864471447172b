import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { UserError } from "../cli/errors.ts";
import { table } from "../cli/print.ts";
import type { BuildOptions, CommonOptions, Operations } from "../cli/program.ts";
import { fullReference, type ImageDescription, imageSpec, parseImageFile } from "../cluster/images/imageFile.ts";
import { ImageStore } from "../cluster/images/imageStore.ts";
import { type BuiltImage, buildImage, imageArchive } from "../cluster/images/ociImage.ts";
import { clusterPaths, workerPaths } from "../cluster/layout.ts";
import { existingCluster } from "../cluster/lifecycle.ts";
import { print } from "./output.ts";

/** The image stores of all nodes that run, the first node's first. */
async function stores({ name }: CommonOptions): Promise<[ImageStore, ...ImageStore[]]> {
  const workers = ((await existingCluster(name)).nodes ?? []).filter((node) => !node.stopped);
  const sockets = workers.map((node) => workerPaths(name, node.name).socket);
  return [new ImageStore(clusterPaths(name).socket), ...sockets.map((socket) => new ImageStore(socket))];
}

async function build(options: BuildOptions): Promise<BuiltImage[]> {
  if (options.file !== undefined) {
    const file = options.file;
    const descriptions = parseImageFile(await readFile(file, "utf8"), file);
    return Promise.all(descriptions.map(async (description) => buildImage(await imageSpec(description, file))));
  }
  if (options.root === undefined || options.tag.length === 0) {
    throw new UserError("--root and --tag must be given, or --file", { hint: "cox image build --help" });
  }
  const description: ImageDescription = {
    name: options.tag[0]!,
    root: resolve(options.root),
    entrypoint: options.entrypoint.length > 0 ? options.entrypoint : undefined,
    cmd: options.cmd.length > 0 ? options.cmd : undefined,
    env: assignments(options.env, "--env"),
    labels: assignments(options.label, "--label"),
    workdir: options.workdir,
    user: options.user,
  };
  const spec = await imageSpec(description, ".");
  return [await buildImage({ ...spec, names: options.tag.map(fullReference) })];
}

function assignments(list: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(
    list.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new UserError(`${option} ${text}: must be NAME=value`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

export const imageOperations: Pick<Operations, "imageLoad" | "imageList" | "imageBuild"> = {
  async imageLoad(files, options) {
    const nodes = await stores(options);
    const loaded: string[] = [];
    for (const file of files) loaded.push(...(await Promise.all(nodes.map((store) => store.load(file))))[0]!);
    print({ loaded }, options, () => loaded.map((name) => `Loaded ${name}\n`).join(""));
    return 0;
  },
  async imageList(options) {
    const [first] = await stores(options);
    const images = await first.list();
    print({ images }, options, () =>
      table(
        ["IMAGE", "DIGEST", "SIZE"],
        images.map(({ name, digest, size }) => [name, digest.slice(0, 19), size]),
      ),
    );
    return 0;
  },
  async imageBuild(options) {
    const built = await build(options);
    if (options.out !== undefined) await writeFile(options.out, await imageArchive(built));
    else await Promise.all((await stores(options)).map((store) => store.add(built)));
    const images = built.flatMap(({ names, digest }) => names.map((name) => ({ name, digest })));
    print({ images, out: options.out }, options, () =>
      images.map(({ name, digest }) => `Built ${name} (${digest.slice(0, 19)})\n`).join(""),
    );
    return 0;
  },
};
