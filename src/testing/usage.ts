import { type Node, Node as NodeKind, type Pod, Pod as PodKind } from "../api/core/v1/index.ts";
import { parseQuantity } from "../apimachinery/quantity.ts";
import { parseTime } from "../apimachinery/time.ts";
import type { Reading } from "../apiserver/index.ts";
import type { Informers } from "../client/index.ts";
import type { Clock } from "../util/clock.ts";

/** What a container of a simulated Pod uses: quantities such as "250m" and "64Mi"; default nothing. */
export interface ContainerUsage {
  cpu?: string;
  memory?: string;
}
/** What containers use at the moment they are asked; it is taken to have been so since the last time. */
export type UsageOf = (pod: Pod, container: string) => ContainerUsage;

interface Counter {
  cpu: number;
  at: number;
}

/** Stands in for the counters of the kubelets of simulated nodes. */
export class SimulatedUsage {
  readonly #informers: Informers;
  readonly #clock: Clock;
  readonly #counters = new Map<string, Counter>();
  usage: UsageOf;

  constructor(informers: Informers, clock: Clock, usage: UsageOf = () => ({})) {
    this.#informers = informers;
    this.#clock = clock;
    this.usage = usage;
    informers.informer(PodKind);
    informers.informer(NodeKind);
  }

  async read(node: string): Promise<Reading> {
    if (!this.#informers.informer<Node>(NodeKind).get({ name: node })) throw new Error(`no node ${node}`);
    const pods = this.#informers
      .informer(PodKind)
      .list()
      .filter(({ spec, status }) => spec.nodeName === node && status.phase === "Running");
    const containers = new Map(pods.flatMap((pod) => this.#containers(pod)));
    const sum = (of: "cpu" | "memory") => [...containers.values()].reduce((total, point) => total + point[of], 0);
    return { node: { time: this.#clock.now(), cpu: sum("cpu"), memory: sum("memory") }, containers };
  }
  #containers(pod: Pod): [string, Reading["node"]][] {
    const { namespace, name, uid } = pod.metadata;
    const time = this.#clock.now();
    return (pod.status.containerStatuses ?? []).flatMap((status) => {
      const started = status.state?.running?.startedAt;
      if (!started) return [];
      const startTime = parseTime(started);
      const { cpu = "0", memory = "0" } = this.usage(pod, status.name);
      const counter = this.#count(`${uid}/${status.name}`, parseQuantity(cpu).toNumber(), startTime);
      const point = { time, cpu: counter, memory: parseQuantity(memory).toNumber(), startTime };
      return [[`${namespace}/${name}/${status.name}`, point]];
    });
  }
  #count(key: string, rate: number, startTime: number): number {
    const now = this.#clock.now();
    const counter = this.#counters.get(key) ?? { cpu: 0, at: startTime };
    const cpu = counter.cpu + (rate * Math.max(0, now - counter.at)) / 1000;
    this.#counters.set(key, { cpu, at: now });
    return cpu;
  }
}
