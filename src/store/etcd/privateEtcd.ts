import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realClock } from "../../util/clock.ts";

/** Real etcd members on loopback, for tests: whoever starts them stops them. */
export class PrivateEtcd {
  readonly directory = mkdtempSync(join(tmpdir(), "cox-etcd-"));
  readonly endpoints: readonly string[];
  readonly #peers: readonly string[];
  readonly #flags: readonly string[];
  #members: (ChildProcess | undefined)[] = [];

  private constructor(ports: readonly number[], flags: readonly string[]) {
    const half = ports.length / 2;
    this.endpoints = ports.slice(0, half).map((port) => `http://127.0.0.1:${port}`);
    this.#peers = ports.slice(half).map((port) => `http://127.0.0.1:${port}`);
    this.#flags = flags;
  }
  static async start(options: { members?: number; flags?: readonly string[] } = {}): Promise<PrivateEtcd> {
    const { members = 1, flags = [] } = options;
    const etcd = new PrivateEtcd(await freePorts(members * 2), flags);
    await Promise.all(etcd.endpoints.map((_, i) => etcd.run(i)));
    return etcd;
  }
  /** Starts a member, for the first time or again; resolves when it serves. */
  async run(index: number): Promise<void> {
    const url = this.endpoints[index]!;
    const peer = this.#peers[index]!;
    const child = spawn(
      "etcd",
      [
        ...["--name", `m${index}`, "--data-dir", join(this.directory, `m${index}`)],
        ...["--listen-client-urls", url, "--advertise-client-urls", url],
        ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
        ...["--initial-cluster", this.#peers.map((one, i) => `m${i}=${one}`).join(",")],
        ...["--heartbeat-interval", "50", "--election-timeout", "300", "--logger", "zap", "--log-level", "warn"],
        ...this.#flags,
      ],
      { stdio: "ignore", env: { PATH: process.env.PATH, ETCD_UNSUPPORTED_ARCH: process.arch } },
    );
    this.#members[index] = child;
    await answers(`${url}/health`, child);
  }
  signal(index: number, signal: NodeJS.Signals): void {
    this.#members[index]?.kill(signal);
  }
  /** SIGKILL; resolves when it is gone. */
  async kill(index: number): Promise<void> {
    const child = this.#members[index];
    this.#members[index] = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  async stop(): Promise<void> {
    await Promise.all(this.#members.map((_, i) => this.kill(i)));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Why there is no etcd to test with; false when there is. */
export const NO_ETCD: string | false =
  spawnSync("etcd", ["--version"]).status === 0 ? false : "etcd is not installed (Debian: etcd-server)";

async function answers(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const healthy = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return;
    await realClock.sleep(20);
  }
  throw new Error(`etcd ended at once, with ${child.exitCode ?? child.signalCode}`);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
