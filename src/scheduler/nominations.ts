import type { PodFacts } from "./podFacts.ts";

const NONE: ReadonlyMap<string, PodFacts> = new Map();

/** Pods that wait for room which is being made for them, by the node where it is made. */
export class Nominations {
  readonly #byNode = new Map<string, Map<string, PodFacts>>();
  readonly #nodeOf = new Map<string, string>();

  nominate(pod: PodFacts, nodeName: string): void {
    this.remove(pod.key);
    this.#nodeOf.set(pod.key, nodeName);
    this.#byNode.set(nodeName, (this.#byNode.get(nodeName) ?? new Map()).set(pod.key, pod));
  }
  remove(key: string): void {
    const nodeName = this.#nodeOf.get(key);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(key);
    const pods = this.#byNode.get(nodeName);
    pods?.delete(key);
    if (pods?.size === 0) this.#byNode.delete(nodeName);
  }
  get isEmpty(): boolean {
    return this.#byNode.size === 0;
  }
  nodeOf(key: string): string | undefined {
    return this.#nodeOf.get(key);
  }
  on(nodeName: string): ReadonlyMap<string, PodFacts> {
    return this.#byNode.get(nodeName) ?? NONE;
  }
}
