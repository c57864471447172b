import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterError } from "../errors.ts";
import { run, tryRun } from "../run.ts";

/** Where packages that were fetched are kept, so that the next image with them needs no network. */
function cacheFolder(): string {
  const { COXSWAIN_CACHE: own, XDG_CACHE_HOME: shared } = process.env;
  return join(own ?? join(shared ?? join(homedir(), ".cache"), "coxswain"), "debian-packages");
}

/** What no program needs to run. */
const PAPER = ["doc", "man", "locale", "info", "lintian", "bug", "doc-base", "zoneinfo"];

/**
 * Puts the files of Debian packages, and of all that they depend on, into a folder, and calls `use` with it. Packages
 * are asked for as if nothing were installed, so that the folder is complete; nothing is installed on this machine, and
 * no script of a package runs.
 */
export async function withDebianPackages<T>(
  packages: readonly string[],
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const work = await mkdtemp(join(tmpdir(), "cox-packages-"));
  try {
    const root = join(work, "root");
    await mkdir(root);
    for (const file of await fetchPackages(packages, work)) await run("dpkg-deb", ["--extract", file, root]);
    for (const name of PAPER) await rm(join(root, "usr", "share", name), { recursive: true, force: true });
    return await use(root);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The package files, in the order in which they would be installed. */
async function fetchPackages(packages: readonly string[], work: string): Promise<string[]> {
  const [cache, nothing] = [cacheFolder(), join(work, "status")];
  await mkdir(join(cache, "partial"), { recursive: true });
  await writeFile(nothing, "");
  const settings = [`Dir::State::status=${nothing}`, `Dir::Cache::archives=${cache}`, "Debug::NoLocking=1"];
  const options = ["--quiet", "--yes", "--no-install-recommends", ...settings.flatMap((it) => ["-o", it])];
  const wish = ["install", ...packages];
  let { code, stderr } = await tryRun("apt-get", [...options, "--download-only", ...wish]);
  if (code !== 0) {
    // the lists may be older than what the mirror has
    await tryRun("apt-get", ["--quiet", "update"]);
    ({ code, stderr } = await tryRun("apt-get", [...options, "--download-only", ...wish]));
  }
  if (code !== 0) {
    throw new ClusterError(`packages ${packages.join(", ")} could not be fetched: ${stderr.trim().split("\n").at(-1)}`);
  }
  const simulated = await run("apt-get", [...options, "--simulate", ...wish]);
  const files = new Set(await readdir(cache));
  return [...simulated.matchAll(/^Inst (\S+) \((\S+) .*\[(\S+)\]\)/gm)].map(([, name, version, architecture]) => {
    const file = `${name}_${version!.replaceAll(":", "%3a")}_${architecture}.deb`;
    if (!files.has(file)) throw new ClusterError(`package file ${file} is missing in ${cache}`);
    return join(cache, file);
  });
}
