import type { Container, Pod } from "../../api/core/v1/index.ts";
import { newest, type RuntimeContainer, type RuntimePod, type RuntimeSandbox } from "./runtimePod.ts";
import { containerHash, ephemeralContainers, isSidecar, type Role, restartsAfter } from "./spec.ts";

/** What probes have found out about a container (by id) so far. */
export interface ProbeFindings {
  /** has started, by its startup probe or for want of one */
  started(container: RuntimeContainer): boolean;
  /** a failed liveness or startup probe, which has the container restarted */
  failed(container: RuntimeContainer): { reason: "livenessProbe" | "startupProbe" } | undefined;
}

export interface PlanInput {
  readonly pod: Pod;
  readonly runtime: RuntimePod;
  readonly now: number;
  readonly probes: ProbeFindings;
  /** holds other resources than it is allocated, and needs a new start to get them */
  mustRestart?(container: RuntimeContainer): boolean;
  /** until when this container may not be restarted (or its image not pulled) again; 0 or past when it may */
  retryAt(container: Container, last: RuntimeContainer | undefined): number;
}

export type PodAction =
  | { do: "createSandbox"; attempt: number }
  /** what is left of a sandbox that is no longer ready */
  | { do: "stopSandbox"; id: string; changed: boolean }
  | { do: "kill"; id: string; name: string; reason: string; message: string }
  | { do: "start"; name: string; role: Role; restartCount: number }
  /** all is done, or nothing more can be: stop what still runs and finish */
  | { do: "finish" };

export interface PodPlan {
  /** in order; a later one may depend on an earlier one */
  actions: PodAction[];
  /** containers that wait out a back-off, with the instant at which it ends */
  waiting: { name: string; until: number }[];
}

/** What to do next for a pod that should be running. Pure: the same input gives the same plan. */
export function planPod(input: PlanInput): PodPlan {
  const current = input.runtime.sandboxes[0];
  if (!current?.ready) return planSandbox(input, current);
  const planner = new Planner(input, current);
  const stale = input.runtime.sandboxes.slice(1).filter((sandbox) => sandbox.ready);
  for (const sandbox of stale) planner.actions.push({ do: "stopSandbox", id: sandbox.id, changed: false });
  planner.run();
  return { actions: planner.actions, waiting: planner.waiting };
}

/** A pod without a ready sandbox needs one, unless nothing is left to run in it. */
function planSandbox({ pod, runtime }: PlanInput, last: RuntimeSandbox | undefined): PodPlan {
  const wanted = pod.spec.containers.some((container) => {
    const ran = newest(runtime, container.name);
    return ran?.state !== "exited" || restartsAfter(pod, container, ran.exitCode);
  });
  if (!wanted) return { actions: [{ do: "finish" }], waiting: [] };
  if (!last) return { actions: [{ do: "createSandbox", attempt: 0 }], waiting: [] };
  const create = { do: "createSandbox", attempt: last.attempt + 1 } as const;
  // A sandbox that never held a container came to nothing; one that did is missed, and the user is told.
  const changed = runtime.containers.length > 0;
  return { actions: [{ do: "stopSandbox", id: last.id, changed }, create], waiting: [] };
}

class Planner {
  readonly actions: PodAction[] = [];
  readonly waiting: { name: string; until: number }[] = [];
  readonly #input: PlanInput;
  readonly #sandbox: RuntimeSandbox;

  constructor(input: PlanInput, sandbox: RuntimeSandbox) {
    this.#input = input;
    this.#sandbox = sandbox;
  }

  run(): void {
    const { pod } = this.#input;
    for (const container of ephemeralContainers(pod)) {
      if (!newest(this.#input.runtime, container.name)) this.#start(container, "ephemeral", undefined);
    }
    const initialized = this.#initContainers();
    if (initialized === "failed") this.actions.push({ do: "finish" });
    else if (initialized === "done") this.#mainContainers();
  }

  /** Init containers run one after the other; sidecars among them are only waited for until they have started. */
  #initContainers(): "done" | "underWay" | "failed" {
    const { pod, probes } = this.#input;
    const began = pod.spec.containers.some((it) => this.#inSandbox(it.name));
    for (const container of pod.spec.initContainers ?? []) {
      const last = this.#inSandbox(container.name);
      if (isSidecar(container)) {
        const running = this.#keepRunning(container, "sidecar", last);
        if (!began && !(running && last && probes.started(last))) return "underWay";
      } else if (!began) {
        const verdict = this.#runOnce(container, last);
        if (verdict !== "done") return verdict;
      }
    }
    return "done";
  }

  #runOnce(container: Container, last: RuntimeContainer | undefined): "done" | "underWay" | "failed" {
    const { pod } = this.#input;
    if (last?.state === "exited" && last.exitCode === 0) return "done";
    if (last?.state === "running") return "underWay";
    if (last?.state === "exited" && !restartsAfter(initPolicy(pod), container, last.exitCode)) return "failed";
    if (last?.state === "unknown") this.#kill(last, "unknown", "Init container is in an unknown state");
    this.#start(container, "init", newest(this.#input.runtime, container.name));
    return "underWay";
  }

  #mainContainers(): void {
    const { pod, runtime } = this.#input;
    let alive = 0;
    for (const container of pod.spec.containers) {
      const last = newest(runtime, container.name);
      const over = last?.state === "exited" && !restartsAfter(pod, container, last.exitCode);
      if (over) continue;
      alive++;
      this.#keepRunning(container, "main", last);
    }
    if (alive === 0) this.actions.push({ do: "finish" });
  }

  /** Starts a container that does not run, ends one that must not go on; answers whether it runs and may. */
  #keepRunning(container: Container, role: Role, last: RuntimeContainer | undefined): boolean {
    if (last?.state !== "running") {
      if (last?.state === "unknown") this.#kill(last, "unknown", "Container is in an unknown state");
      this.#start(container, role, newest(this.#input.runtime, container.name));
      return false;
    }
    const name = container.name;
    const failed = this.#input.probes.failed(last);
    if (last.sandboxId !== this.#sandbox.id) {
      this.#kill(last, "sandboxChanged", `Container ${name} is in a sandbox that is gone`);
    } else if (last.hash !== containerHash(container)) {
      this.#kill(last, "changed", `Container ${name} definition changed`);
    } else if (failed) {
      const kind = failed.reason === "livenessProbe" ? "liveness" : "startup";
      this.#kill(last, failed.reason, `Container ${name} failed ${kind} probe`);
    } else if (this.#input.mustRestart?.(last)) {
      this.#kill(last, "resize", `Container ${name} resize requires restart`);
    } else {
      return true;
    }
    return false;
  }

  #kill(container: RuntimeContainer, reason: string, message: string): void {
    this.actions.push({ do: "kill", id: container.id, name: container.name, reason, message });
  }

  #start(container: Container, role: Role, last: RuntimeContainer | undefined): void {
    const until = this.#input.retryAt(container, last?.state === "exited" ? last : undefined);
    if (until > this.#input.now) this.waiting.push({ name: container.name, until });
    else this.actions.push({ do: "start", name: container.name, role, restartCount: last ? last.restartCount + 1 : 0 });
  }

  /** The newest container of this name that belongs to the current sandbox: init containers run anew in each. */
  #inSandbox(name: string): RuntimeContainer | undefined {
    return this.#input.runtime.containers.find((it) => it.name === name && it.sandboxId === this.#sandbox.id);
  }
}

/** For init containers, Always means: until they succeed. */
function initPolicy(pod: Pod): Pod {
  return pod.spec.restartPolicy === "Always" ? { ...pod, spec: { ...pod.spec, restartPolicy: "OnFailure" } } : pod;
}
