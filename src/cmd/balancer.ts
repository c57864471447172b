import { readFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { type Backend, Balancer } from "../cluster/controlPlanes/balancer.ts";
import { FlagError, list, port } from "./flags.ts";
import { processCommand } from "./process.ts";

const FLAGS = {
  "bind-address": { description: "address to listen on", default: "0.0.0.0" },
  "secure-port": { description: "port to listen on", default: "6443" },
  servers: { description: "the API servers, host:port, separated by commas", required: true },
  "certificate-authority": { description: "authority of the servers' certificates", required: true },
} as const;

/** Alarms of the store are no reason to turn away: whoever asks is told of them, and reads go on. */
const READY = "/readyz?exclude=etcd-readiness";

/** One address for the API servers of several control planes. */
export const main = processCommand("balancer", "the address of several API servers", FLAGS, async (flags, context) => {
  const { clock, logger, signal } = context;
  const ca = await readFile(flags["certificate-authority"]);
  const backends = list(flags.servers).map(backendOf);
  const agent = new Agent({ ca, keepAlive: true });
  const check = (backend: Backend, signal: AbortSignal) => isReady(agent, backend, signal);
  const balancer = new Balancer({ backends, check, clock, logger });
  await balancer.listen(flags["bind-address"], port(flags["secure-port"], "secure-port"));
  logger.info("listening", { port: flags["secure-port"] });
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  await balancer.close();
  agent.destroy();
});

function backendOf(text: string): Backend {
  const at = text.lastIndexOf(":");
  if (at < 1) throw new FlagError(`--servers: "${text}" is no host:port`);
  return { host: text.slice(0, at), port: port(text.slice(at + 1), "servers") };
}

function isReady(agent: Agent, { host, port }: Backend, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const asking = request({ host, port, path: READY, agent, signal }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode === 200));
      answer.once("error", reject);
    });
    asking.once("error", reject);
    asking.end();
  });
}
