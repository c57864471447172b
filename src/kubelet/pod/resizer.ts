import type { Container, Pod } from "../../api/core/v1/index.ts";
import type { NodeServices } from "./node.ts";
import {
  capacityOf,
  differing,
  judgeResize,
  needsRestart,
  type Resources,
  updateOf,
  widest,
  withResources,
} from "./resize.ts";
import { podLimits, unitsOf } from "./resources.ts";
import { ANNOTATION, newest, type RuntimeContainer, type RuntimePod } from "./runtimePod.ts";
import { allContainers, formatPod } from "./spec.ts";

/** Where a change of resources stands, as the pod's conditions tell. */
export interface ResizeState {
  pending?: { reason: string; message: string };
  inProgress?: { reason?: string; message?: string; generation: number | undefined };
}

/**
 * Changes what a pod's containers may use while they run. What is asked (the spec) becomes what is allocated once the
 * node can give it, and what is allocated becomes what each container holds.
 */
export class Resizer {
  readonly #node: NodeServices;
  /** by container name; unset until the pod's containers have been seen */
  #allocated: Map<string, Resources> | undefined;
  /** by container id */
  readonly #held = new Map<string, Resources>();
  #state: ResizeState = {};
  #lastError: string | undefined;

  constructor(node: NodeServices) {
    this.#node = node;
  }

  get state(): ResizeState {
    return this.#state;
  }

  /** The pod with the resources that it may have now. */
  allocated(pod: Pod): Pod {
    return withResources(pod, ({ name }) => this.#allocated?.get(name));
  }

  /** What a running container has been given. */
  held(pod: Pod, container: RuntimeContainer): Resources | undefined {
    const known = this.#held.get(container.id);
    if (known) return known;
    const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
    const told = statuses.find((it) => it.containerID === `containerd://${container.id}`)?.resources;
    const noted = container.annotations[ANNOTATION.resources];
    const held = told?.requests || told?.limits ? told : noted ? (JSON.parse(noted) as Resources) : undefined;
    if (held) this.#held.set(container.id, held);
    return held;
  }

  /** Whether this container must be started anew to get what it is allocated. */
  mustRestart(pod: Pod, container: RuntimeContainer): boolean {
    const spec = allContainers(this.allocated(pod)).find((it) => it.name === container.name);
    const held = this.held(pod, container);
    return !!spec && !!held && needsRestart(spec, held);
  }

  /**
   * Takes up what is asked if the node can give it, and gives it. `decided` is called in between, at once: who tells
   * that a change was seen must tell what becomes of it, too. Answers false when something went wrong that may go right
   * later.
   */
  async sync(pod: Pod, runtime: RuntimePod, decided: () => void): Promise<boolean> {
    this.#allocated ??= this.#firstAllocation(pod, runtime);
    const before = this.allocated(pod);
    let accepted = false;
    if (before !== pod) {
      accepted = this.#decide(pod);
    } else if (this.#state.pending) {
      const { pending: _, ...rest } = this.#state;
      this.#state = rest;
    }
    decided();
    const now = this.allocated(pod);
    const changing = this.#changing(now, runtime);
    if (changing.length > 0 || accepted) await this.#give({ pod: now, before, runtime, changing });
    this.#settle(now, runtime);
    return !this.#state.inProgress?.reason;
  }

  #firstAllocation(pod: Pod, runtime: RuntimePod): Map<string, Resources> {
    const allocation = new Map<string, Resources>();
    for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
      const last = newest(runtime, container.name);
      const held = last?.state === "running" ? this.held(pod, last) : undefined;
      const same = !held || differing(held, container.resources).length === 0;
      allocation.set(container.name, same ? (container.resources ?? {}) : held);
    }
    return allocation;
  }

  #decide(pod: Pod): boolean {
    const { facts, requestsBesides, recorder } = this.#node;
    const real = allContainers(pod).some((it) => differing(this.#allocated?.get(it.name), it.resources).length > 0);
    const verdict = real
      ? judgeResize(pod, capacityOf(facts(pod, []).allocatable), requestsBesides(pod.metadata.uid!))
      : ({ is: "accepted" } as const);
    if (verdict.is !== "accepted") {
      const isNew = this.#state.pending?.reason !== verdict.is;
      this.#state = { ...this.#state, pending: { reason: verdict.is, message: verdict.message } };
      if (isNew) recorder.event(pod, "Warning", `Resize${verdict.is}`, `Pod resize ${verdict.is}: ${verdict.message}`);
      return false;
    }
    for (const { name, resources } of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
      this.#allocated!.set(name, resources ?? {});
    }
    this.#state = real ? { inProgress: { generation: pod.metadata.generation } } : {};
    if (real) recorder.event(pod, "Normal", "ResizeStarted", `Pod resize started: ${summary(pod)}`);
    return real;
  }

  #settle(pod: Pod, runtime: RuntimePod): void {
    if (!this.#state.inProgress || this.#changing(pod, runtime).length > 0) return;
    const { inProgress: _, ...rest } = this.#state;
    this.#state = rest;
    this.#node.recorder.event(pod, "Normal", "ResizeCompleted", `Pod resize completed: ${summary(pod)}`);
  }

  /** Running containers that hold something else than they are allocated. */
  #changing(pod: Pod, runtime: RuntimePod): [Container, RuntimeContainer][] {
    return allContainers(pod).flatMap((spec): [Container, RuntimeContainer][] => {
      const container = newest(runtime, spec.name);
      const held = container?.state === "running" ? this.held(pod, container) : undefined;
      return container && held && differing(held, spec.resources).length > 0 ? [[spec, container]] : [];
    });
  }

  async #give({ pod, before, runtime, changing }: Giving): Promise<void> {
    const { cri, cgroups, machine, recorder, logger } = this.#node;
    this.#state = { ...this.#state, inProgress: { generation: pod.metadata.generation } };
    const held = withResources(before, ({ name }) => {
      const container = newest(runtime, name);
      return container?.state === "running" ? this.#held.get(container.id) : undefined;
    });
    try {
      await cgroups.update(pod, widest(podLimits(held), podLimits(pod)));
      for (const [spec, container] of changing) {
        const had = this.#held.get(container.id);
        if (needsRestart(spec, had)) continue;
        await this.#leavesRoom(spec, had, container);
        await cri.updateContainerResources(container.id, updateOf(pod, spec, machine.memory));
        this.#held.set(container.id, spec.resources ?? {});
      }
      if (this.#changing(pod, runtime).length === 0) await cgroups.update(pod, podLimits(pod));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const isNew = message !== this.#lastError;
      this.#lastError = message;
      this.#state = {
        ...this.#state,
        inProgress: { generation: pod.metadata.generation, reason: "Error", message },
      };
      if (isNew) recorder.event(pod, "Warning", "ResizeError", `Pod resize error: ${message}`);
      logger.warn("pod could not be resized", { pod: formatPod(pod), error });
    }
  }

  /** A limit below what is in use would end the container instead of shrinking it. */
  async #leavesRoom(spec: Container, had: Resources | undefined, container: RuntimeContainer): Promise<void> {
    const limit = unitsOf(spec.resources?.limits?.memory);
    const before = unitsOf(had?.limits?.memory);
    if (!limit || (before && limit >= before)) return;
    const stats = await this.#node.cri.containerStats(container.id);
    const used = Number(stats.memory?.workingSetBytes ?? 0);
    if (used < limit) return;
    throw new Error(`attempting to set container "${spec.name}" memory limit (${limit}) below current usage (${used})`);
  }
}

interface Giving {
  pod: Pod;
  before: Pod;
  runtime: RuntimePod;
  changing: readonly [Container, RuntimeContainer][];
}

const summary = ({ metadata, spec }: Pod) =>
  JSON.stringify({
    containers: spec.containers.map(({ name, resources }) => ({ name, resources: resources ?? {} })),
    generation: metadata.generation,
  });
