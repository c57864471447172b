import { adviceOf } from "../cli/errors.ts";

/** The processes that run until they are told to end; loaded by name, without the rest of the command line. */
const PROCESSES: Readonly<Record<string, () => Promise<{ main(args: readonly string[]): Promise<number> }>>> = {
  server: () => import("./server.ts"),
  "node-agents": () => import("./node.ts"),
  apiserver: () => import("./apiserver.ts"),
  "controller-manager": () => import("./controllerManager.ts"),
  "cloud-controller-manager": () => import("./cloud.ts"),
  "cluster-autoscaler": () => import("./clusterAutoscaler.ts"),
  scheduler: () => import("./scheduler.ts"),
  kubelet: () => import("./kubelet.ts"),
  proxy: () => import("./proxy.ts"),
  dns: () => import("./dns.ts"),
  "simulated-nodes": () => import("./simulatedNodes.ts"),
  routes: () => import("./routes.ts"),
  balancer: () => import("./balancer.ts"),
};

async function main(args: readonly string[]): Promise<number> {
  const name = args[0] === "kube-proxy" ? "proxy" : (args[0] ?? "");
  const load = Object.hasOwn(PROCESSES, name) ? PROCESSES[name] : undefined;
  if (!load) return commandLine(args);
  const code = await (await load()).main(args.slice(1));
  // connections that idle would keep it alive; all that matters has been closed
  process.exit(code);
}

async function commandLine(args: readonly string[]): Promise<number> {
  const [{ createProgram }, { operations }, { version }] = await Promise.all([
    import("../cli/program.ts"),
    import("./operations.ts"),
    import("./version.ts"),
  ]);
  let code = Promise.resolve(0);
  const program = createProgram(operations, version, (done) => {
    code = done;
  });
  if (args.length === 0) {
    program.outputHelp();
    return 0;
  }
  await program.parseAsync([...args], { from: "user" });
  return code;
}

/** One line of cause; then the log's last lines and what to try, where they are known. */
async function explainFailure(error: unknown): Promise<void> {
  const { hint, component } = adviceOf(error);
  process.stderr.write(`cox: ${error instanceof Error ? error.message : String(error)}\n`);
  if (component) {
    const { lastLogLines } = await import("./failureLog.ts");
    process.stderr.write(await lastLogLines(component));
  }
  if (hint) process.stderr.write(`${hint.replace(/^/gm, "  ")}\n`);
  if (process.env.COXSWAIN_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  async (error: unknown) => {
    await explainFailure(error);
    process.exitCode = 1;
  },
);
