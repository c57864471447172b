import type { Container, CriClient, PodSandbox } from "../cri/index.ts";
import { isRuntimeNotFound } from "../cri/index.ts";
import {
  emptyRuntimePod,
  LABEL,
  newestFirst,
  type RuntimeContainer,
  type RuntimePod,
  type RuntimeSandbox,
  runtimeContainer,
  runtimeSandbox,
  stateOf,
} from "./pod/runtimePod.ts";

/**
 * What the runtime has of each pod, as last read. A container's details are asked for once per state: those of one that
 * has ended never change, and those of one that runs do not matter until it ends.
 */
export class PodCache {
  readonly #cri: CriClient;
  readonly #pods = new Map<string, RuntimePod>();
  readonly #owners = new Map<string, string>();
  readonly #readAt = new Map<string, number>();
  #readings = 0;

  constructor(cri: CriClient) {
    this.#cri = cri;
  }

  get(uid: string): RuntimePod | undefined {
    return this.#pods.get(uid);
  }
  all(): Iterable<RuntimePod> {
    return this.#pods.values();
  }
  /** The uid of the pod that a container or sandbox belongs to, if it has been seen. */
  ownerOf(id: string): string | undefined {
    return this.#owners.get(id);
  }

  /** Reads one pod anew. Of two readings that overlap, the one that began later counts. */
  async refresh(uid: string): Promise<RuntimePod> {
    const begun = ++this.#readings;
    const labelSelector = { [LABEL.podUid]: uid };
    const [sandboxes, containers] = await Promise.all([
      this.#cri.listPodSandbox({ labelSelector }),
      this.#cri.listContainers({ labelSelector }),
    ]);
    return this.#take(uid, sandboxes, containers, begun);
  }

  /** Reads all pods; answers the uids of those that are not as they were. */
  async relist(): Promise<string[]> {
    const begun = ++this.#readings;
    const [sandboxes, containers] = await Promise.all([this.#cri.listPodSandbox(), this.#cri.listContainers()]);
    const sandboxesOf = Map.groupBy(sandboxes, (it) => it.labels[LABEL.podUid] ?? it.metadata?.uid ?? "");
    const containersOf = Map.groupBy(containers, (it) => it.labels[LABEL.podUid] ?? "");
    const changed: string[] = [];
    for (const uid of new Set([...sandboxesOf.keys(), ...containersOf.keys(), ...this.#pods.keys()])) {
      if (uid === "") continue;
      const before = this.#pods.get(uid);
      const after = await this.#take(uid, sandboxesOf.get(uid) ?? [], containersOf.get(uid) ?? [], begun);
      if (!before || digest(before) !== digest(after)) changed.push(uid);
    }
    return changed;
  }

  forget(uid: string): void {
    const pod = this.#pods.get(uid);
    for (const { id } of [...(pod?.sandboxes ?? []), ...(pod?.containers ?? [])]) this.#owners.delete(id);
    this.#pods.delete(uid);
    this.#readAt.delete(uid);
  }

  async #take(
    uid: string,
    sandboxes: readonly PodSandbox[],
    containers: readonly Container[],
    begun: number,
  ): Promise<RuntimePod> {
    const before = this.#pods.get(uid) ?? emptyRuntimePod(uid, "", "");
    const [readSandboxes, readContainers] = await Promise.all([
      Promise.all(sandboxes.map((it) => this.#sandbox(before, it))),
      Promise.all(containers.map((it) => this.#container(before, it))),
    ]);
    const labels = sandboxes[0]?.labels ?? containers[0]?.labels ?? {};
    const pod: RuntimePod = {
      uid,
      name: labels[LABEL.podName] ?? before.name,
      namespace: labels[LABEL.podNamespace] ?? before.namespace,
      sandboxes: newestFirst(readSandboxes),
      containers: newestFirst(readContainers.filter((it) => it !== undefined)),
    };
    const newer = this.#pods.get(uid);
    if (newer && (this.#readAt.get(uid) ?? 0) > begun) return newer;
    this.#readAt.set(uid, begun);
    if (sandboxes.length + containers.length === 0) this.forget(uid);
    else this.#store(pod);
    return pod;
  }

  #store(pod: RuntimePod): void {
    this.#pods.set(pod.uid, pod);
    for (const { id } of [...pod.sandboxes, ...pod.containers]) this.#owners.set(id, pod.uid);
  }

  async #sandbox(before: RuntimePod, sandbox: PodSandbox): Promise<RuntimeSandbox> {
    const ready = sandbox.state === "SANDBOX_READY";
    const known = before.sandboxes.find((it) => it.id === sandbox.id);
    if (known && (known.ips.length > 0 || !ready)) return { ...known, ready };
    if (!ready) return runtimeSandbox(sandbox);
    const answer = await this.#cri.podSandboxStatus(sandbox.id).catch(ignoreMissing);
    return runtimeSandbox(sandbox, answer?.status);
  }

  async #container(before: RuntimePod, container: Container): Promise<RuntimeContainer | undefined> {
    const known = before.containers.find((it) => it.id === container.id);
    if (known && known.state === stateOf(container)) return known;
    const status = await this.#cri.containerStatus(container.id).catch(ignoreMissing);
    return status && runtimeContainer(container.podSandboxId, status);
  }
}

/** It may be removed between the listing and the question. */
function ignoreMissing(error: unknown): undefined {
  if (!isRuntimeNotFound(error)) throw error;
}

const digest = (pod: RuntimePod) =>
  [...pod.sandboxes.map((it) => `${it.id}${it.ready}`), ...pod.containers.map((it) => `${it.id}${it.state}`)].join();
