import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock } from "../util/clock.ts";
import { ClusterError } from "./errors.ts";
import { commandLine, signalProcess, whenGone } from "./processes.ts";

const SCRIPT = fileURLToPath(new URL("supervise.sh", import.meta.url));

/** What a component's supervisor last reported, and whether that is still so. */
export interface ComponentState {
  component: string;
  phase: "running" | "waiting" | "stopped" | "dead";
  supervisor?: number;
  pid?: number;
  restarts: number;
  lastExit?: number;
  /** how long it has been in this phase, in seconds */
  seconds: number;
}

export interface SupervisedComponent {
  component: string;
  command: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** Starts and stops the components of one cluster, each under a shell loop of its own that outlives this process. */
export class Supervisor {
  readonly #run: string;
  readonly #logs: string;
  readonly #clock: Clock;
  constructor(options: { run: string; logs: string; clock: Clock }) {
    this.#run = options.run;
    this.#logs = options.logs;
    this.#clock = options.clock;
  }

  logFile(component: string): string {
    return join(this.#logs, `${component}.log`);
  }

  /** Starts a component unless it is supervised already; answers whether it did. */
  async start({ component, command, env }: SupervisedComponent): Promise<boolean> {
    const state = await this.state(component);
    if (state.phase === "running" || state.phase === "waiting") return false;
    // a child whose supervisor was killed runs on by itself, and would hold ports and locks
    if (state.pid !== undefined) await this.#kill([state.pid]);
    await mkdir(dirname(this.#stateFile(component)), { recursive: true });
    await mkdir(this.#logs, { recursive: true });
    const args = [SCRIPT, this.#stateFile(component), this.logFile(component), ...command];
    spawn("/bin/sh", args, { detached: true, stdio: "ignore", env: { ...process.env, ...env } }).unref();
    return true;
  }

  /** All components that were started and not stopped since, whatever became of them. */
  async started(): Promise<string[]> {
    const files = await readdir(this.#run).catch(() => []); // nothing was ever started
    return files
      .filter((file) => file.endsWith(".state"))
      .map((file) => file.slice(0, -".state".length))
      .sort();
  }

  /** Ends a component at once, as a power cut would. */
  async kill(component: string): Promise<void> {
    const { supervisor, pid } = await this.state(component);
    // the supervisor first, or it would start the component anew
    if (supervisor !== undefined) await this.#kill([supervisor]);
    if (pid !== undefined) await this.#kill([pid]);
    await rm(this.#stateFile(component), { force: true });
  }

  /** Ends a component and its supervisor: SIGTERM, then SIGKILL after `grace` ms. Harmless when it does not run. */
  async stop(component: string, grace: number): Promise<void> {
    const { supervisor, pid } = await this.state(component);
    const pids = [supervisor, pid].filter((p) => p !== undefined);
    if (supervisor !== undefined) signalProcess(supervisor, "SIGTERM");
    else if (pid !== undefined) signalProcess(pid, "SIGTERM");
    await this.#kill(await whenGone(pids, this.#clock, grace));
    await rm(this.#stateFile(component), { force: true });
  }

  async #kill(pids: number[]): Promise<void> {
    for (const pid of pids) signalProcess(pid, "SIGKILL");
    await whenGone(pids, this.#clock, 2000);
  }

  async state(component: string): Promise<ComponentState> {
    const file = this.#stateFile(component);
    const fields = parseState(await readFile(file, "utf8").catch(() => "")); // never started
    const supervisor = await alive(fields.supervisor, (command) => command.includes(file));
    // a component's command line names its cluster's files, so a reused pid is not taken for it
    const cluster = join(dirname(this.#logs), "/");
    const pid = await alive(fields.pid, (command) => command.some((word) => word.includes(cluster)));
    return {
      component,
      phase:
        supervisor === undefined ? (fields.phase && fields.phase !== "stopped" ? "dead" : "stopped") : phaseOf(fields),
      supervisor,
      pid,
      restarts: Number(fields.restarts ?? 0),
      lastExit: fields.exit ? Number(fields.exit) : undefined,
      seconds: Math.max(0, (await uptime()) - Number(fields.since ?? 0)),
    };
  }

  /** Rejects when the component keeps failing: a second exit is no hiccup. Never resolves; ends quietly with `signal`. */
  async failure(component: string, signal: AbortSignal): Promise<never> {
    const before = (await this.state(component)).restarts;
    for (;;) {
      await this.#clock.pause(100, signal);
      if (signal.aborted) return new Promise<never>(() => undefined);
      const { restarts, lastExit } = await this.state(component);
      if (restarts > before + 2)
        throw new ClusterError(`${component} ends with exit code ${lastExit} each time it is started`, { component });
    }
  }

  #stateFile(component: string): string {
    return join(this.#run, `${component}.state`);
  }
}

function phaseOf(fields: Record<string, string>): ComponentState["phase"] {
  return fields.phase === "waiting" ? "waiting" : "running";
}

async function alive(pid: string | undefined, isOurs: (command: string[]) => boolean): Promise<number | undefined> {
  if (!pid) return undefined;
  const command = await commandLine(Number(pid));
  return command && isOurs(command) ? Number(pid) : undefined;
}

function parseState(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split("\n").map((line) => [line.split("=", 1)[0]!, line.slice(line.indexOf("=") + 1)]),
  );
}

async function uptime(): Promise<number> {
  return Math.floor(Number((await readFile("/proc/uptime", "utf8")).split(" ")[0]));
}
