import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realClock } from "../../util/clock.ts";

/** A folder with another etcd (and etcdctl, etcdutl) than the one on PATH, for all tests. */
export const TEST_ETCD = process.env.COXSWAIN_TEST_ETCD;
const PROGRAM = TEST_ETCD ? join(TEST_ETCD, "etcd") : "etcd";

/** Real etcd members on loopback, for tests: whoever starts them stops them. */
export class PrivateEtcd {
  readonly directory = mkdtempSync(join(tmpdir(), "cox-etcd-"));
  readonly endpoints: readonly string[];
  readonly #peers: readonly string[];
  readonly #flags: readonly string[];
  #members: (ChildProcess | undefined)[] = [];

  private constructor(members: number, flags: readonly string[]) {
    const address = ownAddress();
    const urls = (port: number) => Array.from({ length: members }, (_, i) => `http://${address}:${port + i}`);
    this.endpoints = urls(CLIENT_PORTS);
    this.#peers = urls(PEER_PORTS);
    this.#flags = flags;
  }
  static async start(options: { members?: number; flags?: readonly string[] } = {}): Promise<PrivateEtcd> {
    const { members = 1, flags = [] } = options;
    const etcd = new PrivateEtcd(members, flags);
    await Promise.all(etcd.endpoints.map((_, i) => etcd.run(i)));
    return etcd;
  }
  /** Starts a member, for the first time or again; resolves when it serves. */
  async run(index: number): Promise<void> {
    const url = this.endpoints[index]!;
    const peer = this.#peers[index]!;
    const child = spawn(
      PROGRAM,
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
  spawnSync(PROGRAM, ["--version"]).status === 0 ? false : `${PROGRAM} is not installed (Debian: etcd-server)`;

const CLIENT_PORTS = 12379;
const PEER_PORTS = 12479;
let started = 0;

/**
 * A loopback address that no other process uses, and so ports that nobody takes while a member is down: a free port of
 * 127.0.0.1 may be another's by the time that a member starts, or starts again. Of one process the last four are apart.
 */
function ownAddress(): string {
  const host = 256 + ((process.pid * 4 + (started++ % 4)) % 0xff0000);
  return `127.${host >> 16}.${(host >> 8) & 0xff}.${host & 0xff}`;
}

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
