import { mkdir, rm } from "node:fs/promises";
import { isTerminal, type Pod } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { StatusError } from "../../apimachinery/status.ts";
import { formatTime, parseTime } from "../../apimachinery/time.ts";
import { aborted } from "../../client/index.ts";
import type { PodSandboxConfig } from "../../cri/index.ts";
import { goCode } from "../images/imagePuller.ts";
import { refusalOf } from "./admission.ts";
import { Alarm, retryDelay } from "./alarm.ts";
import { pullSecrets, startContainer } from "./containerStarter.ts";
import { ContainerWaits } from "./containerWaits.ts";
import { DeviceKeeper } from "./deviceKeeper.ts";
import { collectDead } from "./leftovers.ts";
import { podLogDirectory } from "./names.ts";
import type { NodeServices } from "./node.ts";
import { type PodAction, planPod } from "./plan.ts";
import { capacityOf } from "./resize.ts";
import { Resizer } from "./resizer.ts";
import { qosClass } from "./resources.ts";
import { emptyRuntimePod, newest, type RuntimeContainer, type RuntimePod } from "./runtimePod.ts";
import { sandboxConfig } from "./sandboxConfig.ts";
import { containerNamed, formatPod, gracePeriod } from "./spec.ts";
import { podStatus } from "./status.ts";
import { terminationMessage } from "./terminationMessage.ts";
import { killAll, killContainer } from "./terminator.ts";
import { VolumeKeeper } from "./volumeKeeper.ts";

const RESIZE_RETRY = 10_000;
/** One sync ends after this many steps at the latest; the next begins at once. */
const MOST_ROUNDS = 50;

/**
 * Makes one pod true on this node: reads what is, plans (`planPod`), carries the plan out, and tells the API. It runs
 * when something concerns the pod (its object, its containers, its probes, its volumes, a back-off's end) and otherwise sleeps.
 */
export class PodWorker {
  readonly uid: string;
  readonly #node: NodeServices;
  #pod: Pod;
  #phase: "running" | "ending" | "ended" | "gone" = "running";
  #deleted = false;
  #finished = false;
  #failure: { reason: string; message: string } | undefined;
  #evicted = false;
  #startTime: string;

  #dirty = true;
  #wakeUp: (() => void) | undefined;
  readonly #alarm: Alarm;
  #trouble = 0;

  /** Aborted when the pod is to end: whatever waits for its life (pulls, hooks, volumes) is given up. */
  readonly #life = new AbortController();
  readonly #hurry = new AbortController();
  #endingGrace = Number.POSITIVE_INFINITY;
  readonly #waits: ContainerWaits;
  readonly #killing = new Map<string, Promise<void>>();
  readonly #messages = new Map<string, string>();
  readonly #volumes: VolumeKeeper;
  readonly #devices: DeviceKeeper;
  #cgroup: string | undefined;
  readonly #resizer: Resizer;
  /** the generation of the pod that what is told of it is about: a newer one may have come in the midst of work */
  #observed: number | undefined;
  #admitted: boolean;
  #saidOver: boolean;

  constructor(node: NodeServices, pod: Pod) {
    this.#node = node;
    this.#pod = pod;
    this.uid = pod.metadata.uid!;
    this.#resizer = new Resizer(node);
    this.#alarm = new Alarm(node.clock, () => this.wake());
    const owner = { pod: () => this.#pod, alarm: this.#alarm, life: this.#life.signal };
    this.#waits = new ContainerWaits(node, {
      pod: () => this.#pod,
      alarm: this.#alarm,
      wake: () => this.wake(),
    });
    this.#volumes = new VolumeKeeper(node, { ...owner, again: () => this.referenceChanged() });
    this.#devices = new DeviceKeeper(node, owner);
    this.#admitted = !!pod.status?.startTime;
    this.#saidOver = isTerminal(pod);
    this.#startTime = pod.status?.startTime ?? formatTime(node.clock.now());
  }

  get pod(): Pod {
    return this.#pod;
  }

  /** The pod with the resources it may have now: those it asks for, unless the node cannot give them (yet). */
  get allocated(): Pod {
    return this.#resizer.allocated(this.#pod);
  }
  get waitsForRoom(): boolean {
    return this.#resizer.state.pending?.reason === "Deferred";
  }
  /**
   * Whether the node's resources are counted as taken by it. Not from the moment that it is said to be over (or deleted
   * by force), even while its remains are being cleared away: the scheduler gives its place to the next one at once.
   */
  get takesRoom(): boolean {
    return this.#admitted && !this.#saidOver && !this.#deleted && this.#phase !== "ended" && this.#phase !== "gone";
  }

  /** The pod's object has changed in the API. */
  update(pod: Pod): void {
    const old = this.#pod.metadata;
    const same = deepEqual(old.labels, pod.metadata.labels) && deepEqual(old.annotations, pod.metadata.annotations);
    if (!same) this.referenceChanged();
    this.#pod = pod;
    this.#node.statuses.observe(pod);
    this.#checkHurry();
    this.wake();
  }
  /** The pod's object is gone from the API. */
  removed(): void {
    this.#deleted = true;
    this.#checkHurry();
    this.wake();
  }
  /** Ends the pod for good, because the node lacks what it uses or it used more than it may. */
  evict(message: string): void {
    if (this.#mustEnd()) return;
    this.#failure = { reason: "Evicted", message };
    this.#evicted = true;
    this.wake();
  }
  /** Whether it runs, or is to run, and nothing says that it must end. */
  get goesOn(): boolean {
    return this.#admitted && !this.#mustEnd();
  }
  /** An object that its volumes show has changed. */
  referenceChanged(): void {
    this.#volumes.outdate();
    this.#waits.referenceChanged();
    this.wake();
  }
  wake(): void {
    this.#dirty = true;
    this.#wakeUp?.();
  }

  /** Until the pod is gone, or `signal` says that the kubelet stops: then everything is left as it is. */
  async run(signal: AbortSignal): Promise<void> {
    const stopped = aborted(signal);
    void stopped.then(() => this.#wakeUp?.());
    while (this.#phase !== "gone") {
      if (!this.#dirty && !signal.aborted) await new Promise<void>((resolve) => (this.#wakeUp = resolve));
      if (signal.aborted) break;
      this.#dirty = false;
      try {
        const sync = this.#sync(signal);
        sync.catch(() => {}); // seen below, unless the kubelet stops meanwhile
        // A kubelet that stops does not wait for containers that end: the next one takes that up.
        await Promise.race([sync, stopped]);
        this.#trouble = 0;
      } catch (error) {
        if (signal.aborted) break;
        this.#node.logger.warn("pod sync failed", { pod: formatPod(this.#pod), error });
        this.#alarm.in(retryDelay(this.#trouble++, 30_000));
      }
    }
    this.#alarm.cancel();
    this.#life.abort();
  }

  // --- one sync ---

  async #sync(signal: AbortSignal): Promise<void> {
    this.#admit();
    this.#checkDeadline();
    if (this.#mustEnd()) {
      await this.#end(signal);
      return;
    }
    let runtime = this.#node.cache.get(this.uid) ?? (await this.#refresh());
    // What has happened, and what will become of it, is told before anything is done about it.
    const tell = () => {
      this.#observed = this.#pod.metadata.generation;
      this.#publish(runtime);
    };
    if (!(await this.#resizer.sync(this.#pod, runtime, tell))) this.#alarm.in(RESIZE_RETRY);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      this.#node.prober.follow(this.#pod, runtime);
      const plan = planPod({
        pod: this.#pod,
        runtime,
        now: this.#node.clock.now(),
        probes: this.#node.prober,
        mustRestart: (container) => this.#resizer.mustRestart(this.#pod, container),
        retryAt: ({ name }, last) => this.#waits.until(name, last),
      });
      this.#waits.note(plan.waiting, runtime);
      if (plan.actions.length === 0) break;
      const progress = await this.#carryOut(plan.actions, runtime);
      runtime = await this.#refresh();
      if (signal.aborted) return;
      if (this.#mustEnd()) return this.#end(signal);
      if (!progress) break;
    }
    this.#publish(runtime);
    // changes of ConfigMaps, Secrets, labels and tokens are shown to containers that run
    if (runtime.containers.some((it) => it.state === "running")) await this.#volumes.ensure().catch(() => {}); // told
    await collectDead(this.#node.cri, runtime);
  }

  /** Decided once: what has begun here is not refused later, by a kubelet that starts anew least of all. */
  #admit(): void {
    if (this.#admitted || this.#failure || this.#mustEnd()) return;
    const { facts, requestsBesides, portsBesides, pressures, recorder } = this.#node;
    const capacity = capacityOf(facts(this.#pod, []).allocatable);
    const [others, ports] = [requestsBesides(this.uid), portsBesides(this.uid)];
    const refusal = refusalOf(this.#pod, { capacity, others, ports, pressures: pressures() });
    this.#admitted = !refusal;
    if (!refusal) return;
    this.#failure = { reason: refusal.reason, message: `Pod was rejected: ${refusal.message}` };
    recorder.event(this.#pod, "Warning", refusal.reason, refusal.message);
  }

  #mustEnd(): boolean {
    const over = isTerminal(this.#pod);
    return this.#deleted || !!this.#pod.metadata.deletionTimestamp || !!this.#failure || this.#finished || over;
  }

  #checkDeadline(): void {
    const { activeDeadlineSeconds } = this.#pod.spec;
    if (activeDeadlineSeconds === undefined || this.#failure || this.#mustEnd()) return;
    const deadline = parseTime(this.#startTime) + activeDeadlineSeconds * 1000;
    if (this.#node.clock.now() < deadline) {
      this.#alarm.at(deadline);
      return;
    }
    const message = "Pod was active on the node longer than the specified deadline";
    this.#failure = { reason: "DeadlineExceeded", message };
    this.#node.recorder.event(this.#pod, "Normal", "DeadlineExceeded", message);
  }

  // --- carrying out ---

  /** Answers whether something was achieved, so that planning again makes sense at once. */
  async #carryOut(actions: readonly PodAction[], runtime: RuntimePod): Promise<boolean> {
    let progress = false;
    for (const action of actions) {
      if (this.#life.signal.aborted || this.#mustEnd()) return progress;
      switch (action.do) {
        case "finish":
          this.#finished = true;
          return true;
        case "stopSandbox":
          await this.#stopSandbox(action.id, action.changed, runtime);
          progress = true;
          break;
        case "createSandbox":
          return this.#createSandbox(action.attempt);
        case "kill":
          this.#kill(action, runtime);
          break;
        case "start": {
          const outcome = await this.#start(action, runtime);
          if (outcome === "pulling" && action.role !== "ephemeral") return progress;
          progress ||= outcome === "started";
        }
      }
    }
    return progress;
  }

  async #createSandbox(attempt: number): Promise<boolean> {
    const node = this.#node;
    const pod = this.#pod;
    const trouble = pod.spec.hostNetwork ? undefined : node.networkTrouble();
    if (trouble) {
      node.recorder.event(pod, "Warning", "NetworkNotReady", `network is not ready: ${trouble}`);
      this.#alarm.in(retryDelay(this.#trouble++, 5000));
      return false;
    }
    // Volumes are prepared meanwhile; whoever needs them waits for them.
    this.#volumes.ensure().catch(() => {});
    try {
      await mkdir(podLogDirectory(node.podLogsDirectory, pod), { recursive: true, mode: 0o755 });
      const handler = await node.runtimeHandler(pod.spec.runtimeClassName);
      await node.cri.runPodSandbox(await this.#sandboxConfig(attempt), handler);
      return true;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const message = `Failed to create pod sandbox: ${error instanceof StatusError ? text : rpcError(error, text)}`;
      node.recorder.event(pod, "Warning", "FailedCreatePodSandBox", message);
      node.logger.warn("sandbox could not be created", { pod: formatPod(pod), error: text });
      this.#alarm.in(retryDelay(this.#trouble++, 30_000));
      return false;
    }
  }

  async #sandboxConfig(attempt: number): Promise<PodSandboxConfig> {
    const { dns, podLogsDirectory, seccompDirectory, cgroups } = this.#node;
    this.#cgroup ??= await cgroups.create(this.allocated);
    const cgroupParent = this.#cgroup;
    return sandboxConfig({ pod: this.#pod, attempt, dns, podLogsDirectory, seccompDirectory, cgroupParent });
  }

  async #stopSandbox(id: string, changed: boolean, runtime: RuntimePod): Promise<void> {
    const message = "Pod sandbox changed, it will be killed and re-created.";
    if (changed) this.#node.recorder.event(this.#pod, "Normal", "SandboxChanged", message);
    const own = { ...runtime, containers: runtime.containers.filter((it) => it.sandboxId === id) };
    const grace = gracePeriod(this.#pod);
    await killAll(this.#node, { pod: this.#pod, runtime: own, grace, signal: this.#life.signal });
    await this.#node.cri.stopPodSandbox(id);
  }

  /** In the background: a container that takes its time to end holds up nothing else. */
  #kill(action: PodAction & { do: "kill" }, runtime: RuntimePod): void {
    if (this.#killing.has(action.id)) return;
    const container = runtime.containers.find((it) => it.id === action.id)!;
    const spec = containerNamed(this.#pod, action.name);
    const probe = action.reason === "livenessProbe" ? spec?.livenessProbe : spec?.startupProbe;
    const ownGrace = action.reason.endsWith("Probe") ? probe?.terminationGracePeriodSeconds : undefined;
    const message = `${action.message}, will be restarted`;
    const done = killContainer(this.#node, {
      pod: this.#pod,
      runtime,
      container,
      grace: ownGrace ?? gracePeriod(this.#pod),
      message,
      signal: this.#life.signal,
    })
      .catch((error: unknown) => this.#node.logger.warn("container could not be killed", { id: action.id, error }))
      .then(() => this.#refresh())
      .then(
        () => {},
        () => {},
      )
      .finally(() => {
        this.#killing.delete(action.id);
        this.wake();
      });
    this.#killing.set(action.id, done);
  }

  async #start(action: PodAction & { do: "start" }, runtime: RuntimePod): Promise<"started" | "pulling" | "failed"> {
    const { name, restartCount } = action;
    const pod = this.allocated;
    const container = containerNamed(pod, name)!;
    const sandbox = runtime.sandboxes[0]!;
    try {
      await this.#volumes.ensure();
      await this.#devices.ensure();
    } catch {
      return "failed"; // told, and tried again from there
    }
    const config = await this.#sandboxConfig(sandbox.attempt);
    const image = await this.#node.images.ensure(
      this.#pod,
      container,
      pullSecrets(this.#node.references, this.#pod),
      config,
    );
    if (image.is === "pulling") {
      void image.done.then(() => this.wake());
      return "pulling";
    }
    if (image.is === "failed") {
      const { reason, message, retryAt } = image;
      this.#waits.failed(name, { reason, message }, retryAt);
      return "failed";
    }
    this.#waits.again(name, newest(runtime, name));
    const { signal } = this.#life;
    try {
      await startContainer(this.#node, {
        pod,
        container,
        restartCount,
        image,
        runtime,
        sandbox,
        sandboxConfig: config,
        signal,
      });
    } catch (error) {
      this.#waits.startFailed(name, error);
      return "failed";
    }
    this.#waits.started(name);
    return "started";
  }

  // --- the end ---

  async #end(signal: AbortSignal): Promise<void> {
    const node = this.#node;
    if (this.#phase === "running") {
      this.#phase = "ending";
      this.#life.abort(new Error("the pod is ending"));
      node.prober.settle(this.uid);
    }
    if (this.#phase === "ending") {
      let runtime = await this.#refresh();
      this.#publish(runtime);
      this.#endingGrace = this.#grace();
      await killAll(node, {
        pod: this.#pod,
        runtime,
        grace: this.#endingGrace,
        signal: AbortSignal.any([this.#hurry.signal, signal]),
      });
      await Promise.all(this.#killing.values());
      await Promise.all(runtime.sandboxes.map((it) => node.cri.stopPodSandbox(it.id)));
      runtime = await this.#refresh();
      if (runtime.containers.some((it) => it.state === "running")) throw new Error("containers still run");
      await node.devices.release(this.uid);
      this.#phase = "ended";
      this.#publish(runtime);
      await node.volumes.remove(this.uid);
      await node.cgroups.remove({ uid: this.uid, qos: qosClass(this.#pod) });
    }
    if (this.#pod.metadata.deletionTimestamp && !this.#deleted) {
      await node.statuses.finish(this.#pod);
      if (!signal.aborted) this.#deleted = true;
    }
    if (this.#deleted) await this.#cleanUp();
  }

  #grace(): number {
    return this.#evicted ? 1 : Math.max(1, gracePeriod(this.#pod));
  }

  /** A second deletion may leave less time than the first. */
  #checkHurry(): void {
    if (this.#phase !== "ending" || this.#grace() >= this.#endingGrace) return;
    this.#endingGrace = this.#grace();
    this.#hurry.abort();
    const running = this.#node.cache.get(this.uid)?.containers.filter((it) => it.state === "running") ?? [];
    for (const container of running) this.#node.cri.stopContainer(container.id, this.#endingGrace).catch(() => {});
  }

  async #cleanUp(): Promise<void> {
    const node = this.#node;
    const runtime = node.cache.get(this.uid) ?? emptyRuntimePod(this.uid, "", "");
    await Promise.all(runtime.sandboxes.map((it) => node.cri.removePodSandbox(it.id)));
    await rm(podLogDirectory(node.podLogsDirectory, this.#pod), { recursive: true, force: true });
    node.prober.forget(this.uid);
    node.images.forget(this.uid);
    node.crashes.forget(`${this.uid}/`);
    node.statuses.forget(this.uid);
    node.cache.forget(this.uid);
    this.#phase = "gone";
    node.gone(this.uid);
  }

  // --- telling and waking ---

  #publish(runtime: RuntimePod): void {
    if (this.#deleted) return;
    const node = this.#node;
    const known = node.statuses.known(this.uid);
    const { allocated } = this;
    if (this.#mustEnd()) this.#observed = this.#pod.metadata.generation;
    const metadata = { ...allocated.metadata, generation: this.#observed };
    const pod = { ...allocated, metadata, ...(known && { status: known.status }) };
    const status = podStatus({
      pod,
      runtime,
      now: node.clock.now(),
      hostIPs: node.hostIPs,
      startTime: this.#startTime,
      waiting: this.#waits.reasons,
      isStarted: (container) => node.prober.started(container),
      isReady: (container) => node.prober.ready(container),
      terminationMessage: (container) => this.#lastWord(container),
      held: (container) => this.#resizer.held(this.#pod, container),
      resize: this.#resizer.state,
      terminal: this.#phase === "ended",
      ...(this.#failure ? { failure: this.#failure } : {}),
      rejected: !this.#admitted,
      ...(this.#evicted ? { disruption: { reason: "TerminationByKubelet", message: this.#failure!.message } } : {}),
    });
    this.#saidOver = isTerminal({ status });
    node.statuses.set(this.#pod, status);
  }

  /** Read once: a container that has ended says no more, and its file may go before its status does. */
  #lastWord(container: RuntimeContainer): string {
    const known = this.#messages.get(container.id);
    if (known !== undefined) return known;
    const message = terminationMessage(this.#node.volumes.podDirectory(this.uid), container);
    this.#messages.set(container.id, message);
    return message;
  }

  #refresh(): Promise<RuntimePod> {
    return this.#node.cache.refresh(this.uid);
  }
}

function rpcError(error: unknown, text: string): string {
  return `rpc error: code = ${goCode((error as { code?: string }).code ?? "Unknown")} desc = ${text}`;
}
