import { access, mkdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cacheFolder } from "../../src/cli/kubectl.ts";
import { ran } from "./realCluster.ts";

/**
 * A package that only a test uses, with all it depends on, brought into the cache once: as a dependency of the project
 * everyone who starts a cluster would have to wait for it. Answers its module.
 */
export async function npmPackage<T>(name: string, version: string): Promise<T> {
  const folder = join(cacheFolder(), "test-packages", `${name.replace("/", "-")}-${version}`);
  const there = await access(folder).then(
    () => true,
    () => false,
  );
  if (!there) await bring(`${name}@${version}`, folder);
  return createRequire(join(folder, "index.js"))(name) as T;
}

async function bring(what: string, folder: string): Promise<void> {
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  const args = ["install", "--prefix", draft, "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", what];
  const { code, stderr } = await ran("npm", args, process.env);
  if (code !== 0) throw new Error(`npm could not bring ${what}: ${stderr}`);
  await rename(draft, folder).catch(() => rm(draft, { recursive: true })); // another test was quicker
}
