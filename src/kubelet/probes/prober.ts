import type { Container, Pod, Probe } from "../../api/core/v1/index.ts";
import type { EventRecorder } from "../../client/index.ts";
import type { CriClient } from "../../cri/index.ts";
import type { Clock } from "../../util/clock.ts";
import type { Random } from "../../util/random.ts";
import type { ProbeFindings } from "../pod/plan.ts";
import type { RuntimeContainer, RuntimePod } from "../pod/runtimePod.ts";
import { containerNamed, roleOf } from "../pod/spec.ts";
import { probe } from "./probe.ts";

type Kind = "startup" | "liveness" | "readiness";

/** What is known of one run of a container. */
interface Findings {
  started: boolean;
  ready: boolean;
  failed?: "livenessProbe" | "startupProbe";
  stop: AbortController;
}

export interface ProberOptions {
  cri: CriClient;
  clock: Clock;
  random: Random;
  recorder: EventRecorder;
  hostIP: string;
  /** a finding has changed */
  changed(podUid: string): void;
}

/** Runs the probes of running containers. A container without probes is started and ready as soon as it runs. */
export class Prober implements ProbeFindings {
  readonly #options: ProberOptions;
  /** by pod uid, then container id */
  readonly #pods = new Map<string, Map<string, Findings>>();

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  started(container: RuntimeContainer): boolean {
    return this.#find(container.id)?.started ?? false;
  }
  ready(container: RuntimeContainer): boolean {
    return this.#find(container.id)?.ready ?? false;
  }
  failed(container: RuntimeContainer): { reason: "livenessProbe" | "startupProbe" } | undefined {
    const reason = this.#find(container.id)?.failed;
    return reason && { reason };
  }

  /** Probes exactly the containers that run now. */
  follow(pod: Pod, runtime: RuntimePod): void {
    const uid = pod.metadata.uid!;
    const known = this.#pods.get(uid) ?? new Map<string, Findings>();
    this.#pods.set(uid, known);
    const running = runtime.containers.filter((it) => it.state === "running");
    for (const [id, findings] of known) {
      if (running.some((it) => it.id === id)) continue;
      findings.stop.abort();
      known.delete(id);
    }
    for (const container of running) {
      const spec = containerNamed(pod, container.name);
      if (spec && !known.has(container.id)) known.set(container.id, this.#begin(pod, spec, container, runtime));
    }
  }

  /** Ends probing of a pod that is being ended; what has been found out stays. */
  settle(podUid: string): void {
    for (const findings of this.#pods.get(podUid)?.values() ?? []) findings.stop.abort();
  }

  forget(podUid: string): void {
    for (const findings of this.#pods.get(podUid)?.values() ?? []) findings.stop.abort();
    this.#pods.delete(podUid);
  }

  close(): void {
    for (const uid of [...this.#pods.keys()]) this.forget(uid);
  }

  #find(containerId: string): Findings | undefined {
    for (const pod of this.#pods.values()) {
      const findings = pod.get(containerId);
      if (findings) return findings;
    }
    return undefined;
  }

  #begin(pod: Pod, spec: Container, container: RuntimeContainer, runtime: RuntimePod): Findings {
    const stop = new AbortController();
    const before = knownBefore(pod, container);
    const findings: Findings = {
      stop,
      started: !spec.startupProbe || before.started,
      // A kubelet that restarts does not take a serving container out of service until a probe says so.
      ready: !spec.readinessProbe || before.ready,
    };
    if (roleOf(pod, spec.name) === "init") return findings;
    const run = (kind: Kind, settings: Probe | undefined) => {
      if (!settings) return;
      const task = new ProbeTask(this.#options, { pod, spec, container, runtime, kind, settings, findings });
      task.run(stop.signal).catch(() => {}); // ends by abort only
    };
    if (!before.started) run("startup", spec.startupProbe);
    run("liveness", spec.livenessProbe);
    run("readiness", spec.readinessProbe);
    return findings;
  }
}

/** What the API last said of this very run of the container. */
function knownBefore(pod: Pod, container: RuntimeContainer): { started: boolean; ready: boolean } {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const status = statuses.find((it) => it.containerID === `containerd://${container.id}`);
  return { started: status?.started ?? false, ready: status?.ready ?? false };
}

interface Task {
  pod: Pod;
  spec: Container;
  container: RuntimeContainer;
  runtime: RuntimePod;
  kind: Kind;
  settings: Probe;
  findings: Findings;
}

class ProbeTask {
  readonly #options: ProberOptions;
  readonly #task: Task;
  #streak = 0;
  #last: boolean | undefined;

  constructor(options: ProberOptions, task: Task) {
    this.#options = options;
    this.#task = task;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const { settings, container, kind, findings } = this.#task;
    const due = container.startedAt + (settings.initialDelaySeconds ?? 0) * 1000;
    if (due > clock.now()) await clock.sleep(due - clock.now(), signal);
    const period = (settings.periodSeconds || 10) * 1000;
    while (!signal.aborted) {
      const begun = clock.now();
      if (kind === "startup" || findings.started) await this.#once(signal);
      if (kind === "startup" && (findings.started || findings.failed)) return;
      if (kind === "liveness" && findings.failed) return;
      // Until the container has started, look again soon: the first readiness should not wait a whole period.
      const pause = findings.started || kind === "startup" ? period - (clock.now() - begun) : Math.min(period, 250);
      await clock.sleep(Math.max(pause, 0), signal);
    }
  }

  async #once(signal: AbortSignal): Promise<void> {
    const { cri, clock, hostIP } = this.#options;
    const { pod, spec, container, runtime, settings } = this.#task;
    const podIP = pod.spec.hostNetwork ? hostIP : (runtime.sandboxes[0]?.ips[0] ?? "");
    const target = {
      pod,
      container: spec,
      containerId: container.id,
      podIP,
      timeoutMs: (settings.timeoutSeconds || 1) * 1000,
    };
    const result = await probe(settings, target, cri, clock);
    if (signal.aborted) return;
    this.#streak = this.#last === result.ok ? this.#streak + 1 : 1;
    this.#last = result.ok;
    if (!result.ok) this.#tell("Unhealthy", `failed: ${result.output}`);
    else if (result.warning) this.#tell("ProbeWarning", `warning: ${result.warning}`);
    const threshold = result.ok ? settings.successThreshold || 1 : settings.failureThreshold || 3;
    if (this.#streak >= threshold) this.#conclude(result.ok);
  }

  #conclude(ok: boolean): void {
    const { kind, findings, pod } = this.#task;
    if (kind === "readiness") {
      if (findings.ready === ok) return;
      findings.ready = ok;
    } else if (kind === "startup") {
      if (ok) findings.started = true;
      else findings.failed = "startupProbe";
    } else {
      if (ok) return;
      findings.failed = "livenessProbe";
    }
    this.#options.changed(pod.metadata.uid!);
  }

  #tell(reason: string, outcome: string): void {
    const { kind, pod, spec } = this.#task;
    const name = kind[0]!.toUpperCase() + kind.slice(1);
    this.#options.recorder.event(pod, "Warning", reason, `${name} probe ${outcome}`, {
      fieldPath: `spec.containers{${spec.name}}`,
    });
  }
}
