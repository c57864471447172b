import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findKubectl } from "../../src/cli/kubectl.ts";
import { findProgram } from "../../src/cluster/host.ts";
import { TEST_ETCD } from "../../src/store/etcd/privateEtcd.ts";
import { realClock } from "../../src/util/clock.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAX_OUTPUT = 64 * 1024 * 1024;

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Why there can be no real cluster here, or false. */
export async function cannotRun(): Promise<string | false> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux";
  for (const program of ["containerd", "runc", "nft", "busybox"])
    if (!(await findProgram(program))) return `needs ${program}`;
  return false;
}

/** A cluster of a test file's own, made with `cox`, used with kubectl. */
export class RealCluster {
  readonly name: string;
  readonly #scratch: string;
  readonly #kubectl: string;
  constructor(name: string, scratch: string, kubectl: string) {
    this.name = name;
    this.#scratch = scratch;
    this.#kubectl = kubectl;
  }

  /** `COXSWAIN_TEST_PREFIX` keeps runs of several checkouts on one machine apart. */
  static async prepare(suffix: string): Promise<RealCluster> {
    const name = `${process.env.COXSWAIN_TEST_PREFIX ?? ""}${suffix}`;
    const scratch = await mkdtemp(join(tmpdir(), `cox-${name}-`));
    const cluster = new RealCluster(name, scratch, await findKubectl(() => {}));
    await cluster.cox("down"); // of a run that was interrupted
    return cluster;
  }
  async remove(): Promise<void> {
    const { code, stderr } = await this.cox("down");
    await rm(this.#scratch, { recursive: true, force: true });
    assert.equal(code, 0, stderr);
  }

  /** a folder for the test's own files */
  get scratch(): string {
    return this.#scratch;
  }
  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ...(TEST_ETCD && { PATH: `${TEST_ETCD}:${process.env.PATH}` }),
      COXSWAIN_NAME: this.name,
      KUBECONFIG: join(this.#scratch, "kubeconfig"),
      NODE_OPTIONS: "",
      NODE_TEST_CONTEXT: "",
    };
  }

  get coxPath(): string {
    return join(ROOT, "cox");
  }
  cox(...args: string[]): Promise<Ran> {
    return ran(this.coxPath, args, this.env);
  }
  async coxOk(...args: string[]): Promise<string> {
    return succeeded(`cox ${args.join(" ")}`, await this.cox(...args));
  }
  /** the kubectl that the tests use, for those that start it in another way */
  get kubectlPath(): string {
    return this.#kubectl;
  }
  tryKubectl(...args: string[]): Promise<Ran> {
    return ran(this.#kubectl, args, this.env);
  }
  async kubectl(...args: string[]): Promise<string> {
    return succeeded(`kubectl ${args.join(" ")}`, await this.tryKubectl(...args));
  }
  async kubectlInput(input: string, ...args: string[]): Promise<string> {
    return succeeded(`kubectl ${args.join(" ")}`, await ran(this.#kubectl, args, this.env, input));
  }
  /** kubectl that goes on, such as port-forward or get -w */
  startKubectl(...args: string[]): ChildProcess {
    return spawn(this.#kubectl, args, { env: this.env, stdio: ["pipe", "pipe", "pipe"] });
  }
  async json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    return JSON.parse(await this.kubectl(...args, "-o", "json")) as T;
  }

  async component(component: string): Promise<{ pid: number; restarts: number; seconds: number }> {
    const { stdout } = await this.cox("status", "-o", "json");
    const state = JSON.parse(stdout) as {
      components: { component: string; pid: number; restarts: number; seconds: number }[];
    };
    const found = state.components.find((c) => c.component === component);
    assert.ok(found?.pid, `${component} runs`);
    return found;
  }

  async pods(selector: string): Promise<PodSummary[]> {
    const list = await this.json<{ items: PodObject[] }>("get", "pods", "-l", selector);
    return list.items.filter((pod) => !pod.metadata.deletionTimestamp).map(summary);
  }
  async nodePortUrl(service: string): Promise<string> {
    const object = await this.json<{ spec: { ports: { nodePort: number }[] } }>("get", "service", service);
    const node = await this.json<{ items: { status: { addresses: { type: string; address: string }[] } }[] }>(
      "get",
      "nodes",
    );
    const address = node.items[0]!.status.addresses.find((a) => a.type === "InternalIP")!.address;
    return `http://${address}:${object.spec.ports[0]!.nodePort}`;
  }
}

interface PodObject {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { containers: { image: string }[] };
  status: {
    podIP?: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: { containerID?: string; restartCount: number; ready: boolean }[];
  };
}
export interface PodSummary {
  name: string;
  ready: boolean;
  restarts: number;
  ip: string;
  image: string;
  containerId: string;
}
function summary({ metadata, spec, status }: PodObject): PodSummary {
  const container = status.containerStatuses?.[0];
  return {
    name: metadata.name,
    ready: status.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false,
    restarts: container?.restartCount ?? 0,
    ip: status.podIP ?? "",
    image: spec.containers[0]!.image,
    containerId: container?.containerID?.replace("containerd://", "") ?? "",
  };
}

export function ran(program: string, args: readonly string[], env: NodeJS.ProcessEnv, input?: string): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { env, maxBuffer: MAX_OUTPUT, timeout: 180_000 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === "number" ? error.code : 1) : 0, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

function succeeded(what: string, { code, stdout, stderr }: Ran): string {
  assert.equal(code, 0, `${what}: ${stderr}`);
  return stdout;
}

/** Waits until `probe` answers something true; fails with what it last answered or threw. */
export async function until<T>(what: string, probe: () => Promise<T | false | undefined>, ms = 60_000): Promise<T> {
  const end = realClock.now() + ms;
  let last: unknown;
  while (realClock.now() < end) {
    try {
      const answer = await probe();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await realClock.sleep(50);
  }
  const seen = last instanceof Error ? last.message : JSON.stringify(last);
  throw new assert.AssertionError({ message: `${what}: not within ${ms / 1000} s, last: ${seen}`, actual: last });
}

/** One GET on a connection of its own, so that each may meet another Pod. */
export function get(url: string, timeout = 3000): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { agent: false, timeout }, (answer) => {
      let text = "";
      answer.on("data", (data: Buffer) => {
        text += data;
      });
      answer.on("error", reject);
      answer.on("end", () =>
        answer.statusCode === 200 ? resolve(text.trim()) : reject(new Error(`status ${answer.statusCode}`)),
      );
    });
    asking.on("timeout", () => asking.destroy(new Error("timed out")));
    asking.on("error", reject);
    asking.end();
  });
}

export interface Load {
  answers: number;
  failures: string[];
  versions: Map<string, number>;
}

/** Asks all the time, `workers` at once, until `stop` is called or the test ends. */
export function load(url: string, signal: AbortSignal, workers = 4): { stop(): Promise<Load> } {
  const result: Load = { answers: 0, failures: [], versions: new Map() };
  let going = true;
  const work = async () => {
    while (going && !signal.aborted) {
      try {
        const text = await get(url, 5000);
        const version = /version (\S+)/.exec(text)?.[1] ?? "?";
        result.answers++;
        result.versions.set(version, (result.versions.get(version) ?? 0) + 1);
      } catch (error) {
        result.failures.push(`${new Date(realClock.now()).toISOString()} ${(error as Error).message}`);
      }
      await realClock.sleep(5);
    }
  };
  const working = Array.from({ length: workers }, work);
  return {
    async stop() {
      going = false;
      await Promise.all(working);
      return result;
    },
  };
}

/** The container's process as this machine sees it, from the control groups of a container id. */
export async function containerProcess(containerId: string): Promise<number> {
  const { readdir } = await import("node:fs/promises");
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const cgroup = await readFile(`/proc/${entry}/cgroup`, "utf8").catch(() => "");
    if (cgroup.includes(containerId)) return Number(entry);
  }
  throw new Error(`no process of container ${containerId}`);
}
