import { type HostPort, hostPortsOf, type Pod } from "../api/core/v1/index.ts";
import { aborted } from "../client/index.ts";
import type { Informer } from "../client/informer.ts";
import { isRuntimeGone } from "../cri/index.ts";
import type { NodeServices } from "./pod/node.ts";
import { podRequests } from "./pod/resources.ts";
import { ANNOTATION, LABEL, type RuntimePod } from "./pod/runtimePod.ts";
import { killAll } from "./pod/terminator.ts";
import { PodWorker } from "./pod/worker.ts";

const RELIST = 10_000;
/** While the runtime's events do not come, listing is all there is. */
const RELIST_BLIND = 1000;
/** The runtime may report an exit before its own listing shows it. */
const LAG = [0, 2, 5, 10, 20, 40, 80, 160, 320];

/** One worker per pod of this node, woken by whatever concerns it. */
export class PodWorkers {
  readonly #node: NodeServices;
  readonly #workers = new Map<string, PodWorker>();
  readonly #running = new Set<Promise<void>>();
  #signal: AbortSignal | undefined;

  constructor(node: NodeServices) {
    this.#node = node;
  }

  worker(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }
  pods(): Pod[] {
    return [...this.#workers.values()].map((it) => it.pod);
  }
  wake(uid: string): void {
    this.#workers.get(uid)?.wake();
  }
  wakeAll(): void {
    for (const worker of this.#workers.values()) worker.wake();
  }
  referenceChanged(uid: string): void {
    this.#workers.get(uid)?.referenceChanged();
  }
  /** Pods that run, or are to run, and are not ending. */
  goingOn(): Pod[] {
    return [...this.#workers.values()].filter((it) => it.goesOn).map((it) => it.pod);
  }
  evict(uid: string, message: string): void {
    this.#workers.get(uid)?.evict(message);
  }
  drop(uid: string): void {
    this.#workers.delete(uid);
    for (const worker of this.#workers.values()) if (worker.waitsForRoom) worker.wake();
  }
  #besides(uid: string): PodWorker[] {
    return [...this.#workers.values()].filter((it) => it.uid !== uid && it.takesRoom);
  }
  portsBesides(uid: string): HostPort[] {
    return this.#besides(uid).flatMap((it) => hostPortsOf(it.pod));
  }
  requestsBesides(uid: string): { cpu: number; memory: number } {
    const requests = this.#besides(uid).map((it) => podRequests(it.allocated));
    return { cpu: sum(requests.map((it) => it.cpu)), memory: sum(requests.map((it) => it.memory)) };
  }

  /** Follows the pods of `informer` and the runtime's events until `signal` aborts; containers are left running. */
  async run(informer: Informer<Pod>, signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    await informer.whenSynced(signal);
    await this.#relistUntilAnswered(signal);
    const unsubscribe = informer.subscribe({
      added: (pod) => this.#seen(pod),
      updated: (pod) => this.#seen(pod),
      deleted: (pod) => this.#workers.get(pod.metadata.uid!)?.removed(),
    });
    try {
      const orphans = this.#removeOrphans(signal);
      await Promise.all([
        this.#followEvents(signal),
        this.#relistForEver(signal),
        Promise.race([orphans, aborted(signal)]),
      ]);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      unsubscribe();
      await Promise.all(this.#running);
    }
  }

  #seen(pod: Pod): void {
    const uid = pod.metadata.uid!;
    const known = this.#workers.get(uid);
    if (known) {
      known.update(pod);
      return;
    }
    const worker = new PodWorker(this.#node, pod);
    this.#node.statuses.observe(pod);
    this.#workers.set(uid, worker);
    const running = worker.run(this.#signal!).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  // --- what the runtime tells ---

  #blind = true;

  async #followEvents(signal: AbortSignal): Promise<void> {
    const { cri, clock, logger } = this.#node;
    while (!signal.aborted) {
      try {
        const events = cri.events(signal);
        this.#blind = false;
        for await (const event of events) this.#happened(event.type, event.containerId);
      } catch (error) {
        if (signal.aborted) return;
        if (!isRuntimeGone(error)) logger.warn("runtime events ended", { error });
      }
      this.#blind = true;
      await clock.pause(250, signal);
      await this.#relist();
    }
  }

  #happened(type: string, id: string): void {
    // What this kubelet does itself it sees by itself; only ends come unasked.
    if (type !== "stopped" && type !== "oom") return;
    this.#ended(id).catch((error: unknown) => {
      if (!this.#signal?.aborted && !isRuntimeGone(error)) {
        this.#node.logger.warn("an ended container could not be read", { id, error });
      }
    });
  }

  async #ended(id: string): Promise<void> {
    const uid = this.#node.cache.ownerOf(id) ?? (await this.#ownerOfUnknown(id));
    if (uid) await this.#awaitEnd(uid, id);
  }

  /** A container may end before the answer to its start has been read: then the runtime knows whose it is. */
  async #ownerOfUnknown(id: string): Promise<string | undefined> {
    const [container] = await this.#node.cri.listContainers({ id });
    return container?.labels[LABEL.podUid];
  }

  async #awaitEnd(uid: string, id: string): Promise<void> {
    const { cache, clock } = this.#node;
    for (const delay of LAG) {
      if (delay > 0) await clock.sleep(delay, this.#signal);
      const pod = await cache.refresh(uid);
      const alive =
        pod.containers.some((it) => it.id === id && it.state === "running") ||
        pod.sandboxes.some((it) => it.id === id && it.ready);
      if (!alive) break;
    }
    this.wake(uid);
  }

  async #relistForEver(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#node.clock.pause(this.#blind ? RELIST_BLIND : RELIST, signal);
      if (!signal.aborted) await this.#relist();
    }
  }

  async #relist(): Promise<void> {
    try {
      for (const uid of await this.#node.cache.relist()) this.wake(uid);
    } catch (error) {
      if (!isRuntimeGone(error)) this.#node.logger.warn("runtime could not be listed", { error });
    }
  }

  async #relistUntilAnswered(signal: AbortSignal): Promise<void> {
    const { cache, clock, logger } = this.#node;
    for (;;) {
      try {
        await cache.relist();
        return;
      } catch (error) {
        signal.throwIfAborted();
        logger.warn("waiting for the runtime", { error });
        await clock.sleep(500, signal);
      }
    }
  }

  // --- pods that the API no longer knows ---

  async #removeOrphans(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const runtime of [...this.#node.cache.all()]) {
        if (!this.#workers.has(runtime.uid)) await this.#removeOrphan(runtime, signal);
      }
      await this.#removeLeftVolumes();
      await this.#node.clock.pause(60_000, signal);
    }
  }

  /** Of pods whose containers are gone already, when their volumes could not be unmounted before the kubelet ended. */
  async #removeLeftVolumes(): Promise<void> {
    const { cache, volumes, logger } = this.#node;
    for (const uid of await volumes.pods()) {
      if (this.#workers.has(uid) || cache.get(uid)?.sandboxes.length) continue;
      await volumes.remove(uid).catch((error) => {
        logger.warn("volumes of a pod that is gone could not be removed", { uid, error });
      });
    }
  }

  /** A pod that was removed from the API while no kubelet looked: ended as gracefully as its own notes allow. */
  async #removeOrphan(runtime: RuntimePod, signal: AbortSignal): Promise<void> {
    const node = this.#node;
    try {
      const noted = runtime.containers[0]?.annotations[ANNOTATION.podTerminationGracePeriod];
      await killAll(node, { pod: undefined, runtime, grace: Math.max(1, Number(noted ?? 30)), signal });
      for (const sandbox of runtime.sandboxes) {
        await node.cri.stopPodSandbox(sandbox.id);
        await node.cri.removePodSandbox(sandbox.id);
      }
      for (const { id } of runtime.containers) await node.cri.removeContainer(id);
      await node.volumes.remove(runtime.uid);
      for (const qos of ["Guaranteed", "Burstable", "BestEffort"]) await node.cgroups.remove({ uid: runtime.uid, qos });
      node.cache.forget(runtime.uid);
    } catch (error) {
      if (!signal.aborted) node.logger.warn("orphaned pod could not be removed", { pod: runtime.name, error });
    }
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
