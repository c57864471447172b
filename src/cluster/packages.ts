import { readdir } from "node:fs/promises";
import { ClusterError } from "./errors.ts";
import { findProgram, missingRequirements, type Requirement } from "./host.ts";
import { tryRun } from "./run.ts";

export interface InstallOptions {
  /** asked before anything is installed; false leaves the machine as it is */
  confirm(missing: readonly Requirement[]): Promise<boolean>;
  note(text: string): void;
  signal?: AbortSignal;
}

const APT = { DEBIAN_FRONTEND: "noninteractive" };

/** Installs what the host lacks with its package manager, after asking; fails with the command to run by hand. */
export async function installRequirements(wanted: readonly Requirement[], options: InstallOptions): Promise<void> {
  const missing = await missingRequirements(wanted);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((requirement) => requirement.package))];
  const hint = `install by hand: apt-get install ${packages.join(" ")}`;
  if (!(await findProgram("apt-get"))) {
    const names = missing.map((m) => `${m.program ?? m.package} (${m.why})`).join(", ");
    throw new ClusterError(`this machine lacks ${names}, and has no apt-get to bring them`, {
      hint: "install them with this machine's package manager and try again",
    });
  }
  if (!(await options.confirm(missing))) throw new ClusterError(`not installed: ${packages.join(", ")}`, { hint });
  options.note(`installing ${packages.join(", ")}`);
  await aptInstall(packages, options.signal, hint);
  const still = await missingRequirements(wanted);
  if (still.length > 0)
    throw new ClusterError(`still missing after installation: ${still.map((m) => m.package).join(", ")}`, { hint });
}

async function aptInstall(packages: readonly string[], signal: AbortSignal | undefined, hint: string): Promise<void> {
  const install = () =>
    tryRun("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...packages], { env: APT, signal });
  if (!(await hasPackageLists())) await tryRun("apt-get", ["update", "-q"], { env: APT, signal });
  let result = await install();
  if (result.code !== 0) {
    // lists may be older than the archive
    await tryRun("apt-get", ["update", "-q"], { env: APT, signal });
    result = await install();
  }
  if (result.code === 0) return;
  const cause = result.stderr.split("\n").filter((line) => line.startsWith("E:"))[0] ?? `exit code ${result.code}`;
  throw new ClusterError(`apt-get could not install ${packages.join(", ")}: ${cause}`, { hint });
}

async function hasPackageLists(): Promise<boolean> {
  const lists = await readdir("/var/lib/apt/lists").catch(() => []); // none yet
  return lists.some((file) => file.endsWith("_Packages") || file.endsWith("_Packages.lz4"));
}
