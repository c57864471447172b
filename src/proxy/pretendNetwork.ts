import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { fileURLToPath } from "node:url";
import { realClock } from "../util/clock.ts";

/**
 * For tests that are run in a network namespace of their own, which plays a node: Pods with namespaces of theirs, joined
 * to bridges of the node, and machines outside the cluster.
 */
export class PretendNetwork {
  readonly #processes = new Map<string, ChildProcess>();
  readonly #addresses = new Map<string, readonly string[]>();

  /** A bridge with the node's own addresses on it, each with its length: "10.244.0.1/24". */
  bridge(name: string, ...addresses: string[]): void {
    ip("link", "add", name, "type", "bridge");
    for (const address of addresses) addAddress(address, name);
    ip("link", "set", name, "up");
  }
  /**
   * A process in a namespace of its own, joined by a veth to a bridge (or, without one, to the node itself, which has
   * `gateways` there). Addresses with their lengths; a gateway of each one's family.
   */
  async start(name: string, options: { addresses: string[]; gateways: string[]; bridge?: string }): Promise<void> {
    const { addresses, gateways, bridge } = options;
    const program = fileURLToPath(new URL("./pretendPod.ts", import.meta.url));
    const pod = spawn("unshare", ["--net", process.execPath, program, name], { stdio: ["pipe", "pipe", "inherit"] });
    this.#processes.set(name, pod);
    this.#addresses.set(
      name,
      addresses.map((address) => address.split("/")[0]!),
    );
    await once(pod.stdout!, "data");
    const link = `veth-${name}`;
    ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", String(pod.pid));
    if (bridge) {
      ip("link", "set", link, "master", bridge);
      // As the CNI plugin does when told "hairpinMode": a Pod reaches itself through its own port.
      ip("link", "set", link, "type", "bridge_slave", "hairpin", "on");
    } else {
      for (const [i, gateway] of gateways.entries()) addAddress(`${gateway}/${addresses[i]!.split("/")[1]}`, link);
    }
    ip("link", "set", link, "up");
    const inside = [
      ...addresses.map((address) => `ip addr add ${address} dev eth0${address.includes(":") ? " nodad" : ""}`),
      "ip link set eth0 up",
      "ip link set lo up",
      ...gateways.map((gateway) => `ip route add default via ${gateway}`),
    ];
    execFileSync("nsenter", ["-t", String(pod.pid), "-n", "sh", "-c", inside.join("; ")]);
  }
  /** Runs a command inside a Pod's namespace. */
  inside(name: string, ...command: string[]): string {
    const { pid } = this.#processes.get(name)!;
    return execFileSync("nsenter", ["-t", String(pid), "-n", ...command], { encoding: "utf8" });
  }
  /** The same for one that goes on until the end; resolves when it says something. */
  async startInside(name: string, ...command: string[]): Promise<void> {
    const { pid } = this.#processes.get(name)!;
    const child = spawn("nsenter", ["-t", String(pid), "-n", ...command], { stdio: ["ignore", "pipe", "inherit"] });
    this.#processes.set(`${name}: ${command.join(" ")}`, child);
    await once(child.stdout, "data");
  }
  addressOf(name: string, family: 4 | 6 = 4): string {
    return this.#addresses.get(name)!.find((address) => address.includes(":") === (family === 6))!;
  }
  /** Calls `url` from inside a Pod, which is asked to by way of its standard input; answers how often each answer came. */
  async callFrom(name: string, url: string, { count = 1, timeout = 2000 } = {}): Promise<Record<string, number>> {
    const pod = this.#processes.get(name)!;
    pod.stdin!.write(`${JSON.stringify({ url, count, timeout })}\n`);
    const [line] = (await once(pod.stdout!, "data")) as [Buffer];
    return JSON.parse(line.toString());
  }
  /** Whether an answer comes. */
  async reaches(from: string, url: string, timeout = 400): Promise<boolean> {
    const answers = Object.keys(await this.callFrom(from, url, { timeout }));
    return answers.every((answer) => !answer.startsWith("error"));
  }
  /** Waits until it is so, for two seconds at most. */
  async becomes(from: string, url: string, wanted: boolean): Promise<void> {
    await eventually(() => this.reaches(from, url).then((is) => is === wanted), `${from} → ${url} is not ${wanted}`);
  }
  stop(): void {
    for (const pod of this.#processes.values()) pod.kill("SIGKILL");
  }
}

const WITHIN = 5000;

export async function eventually(check: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = realClock.now() + WITHIN;
  while (!(await check())) {
    assert.ok(realClock.now() < deadline, otherwise);
    await realClock.sleep(5);
  }
}

export const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "inherit"] });

function addAddress(address: string, device: string): void {
  ip("addr", "add", address, "dev", device, ...(address.includes(":") ? ["nodad"] : []));
}

/** One answer to a request from here, or "error CODE". */
export function fetchText(url: string, timeout = 3000): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    request.on("timeout", () => request.destroy(new Error("timeout")));
    request.on("error", (error: NodeJS.ErrnoException) => resolve(`error ${error.code ?? error.message}`));
  });
}
