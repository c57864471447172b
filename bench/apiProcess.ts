import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ensureClusterPki } from "../src/pki/clusterPki.ts";
import { realClock } from "../src/util/clock.ts";
import type { Target } from "./load.ts";

/** An API server in a process of its own, with the embedded store in a folder that goes away with it. */
export interface ApiProcess extends Target {
  /** where kubeconfigs and the like may lie */
  folder: string;
  /** where to have it inspected, when that was wanted */
  inspector: string | undefined;
  stop(): Promise<void>;
}

export async function startApi(
  command: "apiserver" | "server" = "apiserver",
  { runtime = [], inspect = false }: { runtime?: readonly string[]; inspect?: boolean } = {},
): Promise<ApiProcess> {
  const folder = mkdtempSync(join(tmpdir(), "coxswain-bench-"));
  const pki = join(folder, "pki");
  await ensureClusterPki({
    directory: pki,
    clock: realClock,
    apiserverNames: ["localhost", "127.0.0.1"],
    clusterDomain: "cluster.local",
    nodeName: "bench",
    nodeAddresses: ["127.0.0.1"],
  });
  const port = await freePort();
  const inspectPort = inspect ? await freePort() : undefined;
  const options = [...runtime, ...(inspect ? [`--inspect=127.0.0.1:${inspectPort}`] : [])];
  const child = startCox(options, [command, ...flags(folder, pki, port, command)], inspect);
  const target = {
    url: `https://127.0.0.1:${port}`,
    ca: readFileSync(join(pki, "ca.crt")),
    cert: readFileSync(join(pki, "admin.crt")),
    key: readFileSync(join(pki, "admin.key")),
    pid: child.pid!,
  };
  await whenReady(target, child);
  const inspector = inspectPort ? await inspectorOf(inspectPort) : undefined;
  return { ...target, folder, inspector, stop: () => stop(child, folder) };
}

/** `cox` in a process of its own; what it says is shown unless it is to be quiet. */
export function startCox(runtime: readonly string[], args: readonly string[], quiet = false): ChildProcess {
  const cache = process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), "coxswain-bench-cache");
  return spawn(process.execPath, [...runtime, join(import.meta.dirname, "../src/cmd/cox.ts"), ...args], {
    stdio: ["ignore", "inherit", quiet ? "ignore" : "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
}

async function inspectorOf(port: number): Promise<string> {
  const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    webSocketDebuggerUrl: string;
  }[];
  return target!.webSocketDebuggerUrl;
}

function flags(folder: string, pki: string, port: number, command: string): string[] {
  const file = (name: string) => join(pki, name);
  const all = {
    "data-dir": join(folder, "store"),
    "bind-address": "127.0.0.1",
    "secure-port": port,
    "advertise-address": "127.0.0.1",
    "client-ca-file": file("ca.crt"),
    "tls-cert-file": file("apiserver.crt"),
    "tls-private-key-file": file("apiserver.key"),
    "kubelet-certificate-authority": file("ca.crt"),
    "kubelet-client-certificate": file("apiserver-kubelet-client.crt"),
    "kubelet-client-key": file("apiserver-kubelet-client.key"),
    "service-account-key-file": file("sa.pub"),
    "service-account-signing-key-file": file("sa.key"),
    ...(command === "server" ? { "root-ca-file": file("ca.crt") } : {}),
    "log-level": "warn",
  };
  return Object.entries(all).map(([name, value]) => `--${name}=${value}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function whenReady(target: Target, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const status = await new Promise<number | undefined>((resolve) => {
      const { ca, cert, key } = target;
      get(`${target.url}/readyz`, { ca, cert, key }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on("error", () => resolve(undefined));
    });
    if (status === 200) return;
    await pause(20);
  }
  throw new Error(`the API server ended with exit code ${child.exitCode} before it was ready`);
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("exit", resolve));
  rmSync(folder, { recursive: true });
}
