import type { Pod } from "../../api/core/v1/index.ts";
import { groupPods, type Sample, type Samples, type Starting } from "./samples.ts";

/**
 * How many replicas a metric asks for: pure arithmetic. Amounts are in thousandths, as integers, so that the roundings are
 * Kubernetes' own. A ratio above 1 means that there is more load than wanted.
 */

/** How far from 1 a ratio may be before it counts, in each direction. */
export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

export interface Proposal {
  readonly replicas: number;
  /** the metric as read: for Pods their average, else the whole or the average, as the target is given */
  readonly usage: number;
  /** in percent of what is requested */
  readonly utilization?: number;
}

export interface Question {
  readonly pods: readonly Pod[];
  readonly current: number;
  readonly tolerances: Tolerances;
  /** ms since the epoch */
  readonly now: number;
  readonly resource?: string;
  readonly starting: Starting;
}

const isWithin = (ratio: number, { up, down }: Tolerances): boolean => 1 - down <= ratio && ratio <= 1 + up;

interface Measure {
  ratio: number;
  usage: number;
  utilization?: number;
}

/** For a target that is an amount for each Pod. */
export function replicasForAverage(question: Question, samples: Samples, target: number): Proposal {
  return replicasForSamples(question, samples, {
    measure: (counted) => averageRatio(counted, target),
    ifMissing: () => target,
  });
}

function averageRatio(samples: Samples, target: number): Measure {
  const total = [...samples.values()].reduce((sum, { value }) => sum + value, 0);
  const usage = Math.trunc(total / samples.size);
  return { ratio: usage / target, usage };
}

/** For a target in percent of what each Pod requests: `requestsOf` tells by the Pods' names, or throws. */
export function replicasForUtilization(
  question: Question,
  samples: Samples,
  requestsOf: () => ReadonlyMap<string, number>,
  target: number,
): Proposal {
  let known: ReadonlyMap<string, number> | undefined;
  // Asked for when there are samples only: that there are none is the better answer.
  const requests = () => {
    known ??= requestsOf();
    return known;
  };
  return replicasForSamples(question, samples, {
    measure: (counted) => utilizationRatio(counted, requests(), target),
    ifMissing: (name) => Math.trunc(((requests().get(name) ?? 0) * Math.max(100, target)) / 100),
  });
}

function utilizationRatio(samples: Samples, requests: ReadonlyMap<string, number>, target: number): Measure {
  const known = [...samples].filter(([name]) => requests.has(name));
  const used = known.reduce((sum, [, { value }]) => sum + value, 0);
  const requested = known.reduce((sum, [name]) => sum + requests.get(name)!, 0);
  if (requested === 0) throw new Error("no metrics returned matched known pods");
  const utilization = Math.trunc((used * 100) / requested);
  return { ratio: utilization / target, usage: Math.trunc(used / known.length), utilization };
}

interface Method {
  measure(samples: Samples): Measure;
  /** what a Pod without a sample is taken to use when the others ask for fewer */
  ifMissing(name: string): number;
}

/**
 * Pods that have no sample damp what the others ask for: they count as idle when more Pods are wanted, and as busy when
 * fewer are. When that turns the answer round, nothing changes.
 */
function replicasForSamples(question: Question, samples: Samples, method: Method): Proposal {
  const { pods, current, tolerances, now } = question;
  if (pods.length === 0) throw new Error("no pods returned by selector while calculating replica count");
  const { ready, unready, missing, ignored } = groupPods(pods, samples, question);
  const counted = new Map([...samples].filter(([name]) => !unready.has(name) && !ignored.has(name)));
  if (counted.size === 0) throw new Error("did not receive metrics for targeted pods (pods might be unready)");
  const { ratio, ...read } = method.measure(counted);
  const withUnready = unready.size > 0 && ratio > 1;
  if (!withUnready && missing.size === 0) {
    return { ...read, replicas: isWithin(ratio, tolerances) ? current : Math.ceil(ratio * ready) };
  }
  const idle: Sample = { value: 0, time: now, window: 0 };
  for (const name of missing) {
    if (ratio < 1) counted.set(name, { ...idle, value: method.ifMissing(name) });
    else if (ratio > 1) counted.set(name, idle);
  }
  if (withUnready) for (const name of unready) counted.set(name, idle);
  const { ratio: damped } = method.measure(counted);
  return { ...read, replicas: dampedReplicas(current, { ratio, damped, tolerances, count: counted.size }) };
}

function dampedReplicas(
  current: number,
  of: { ratio: number; damped: number; tolerances: Tolerances; count: number },
): number {
  const { ratio, damped, tolerances, count } = of;
  const turned = (ratio < 1 && damped > 1) || (ratio > 1 && damped < 1);
  if (turned || isWithin(damped, tolerances)) return current;
  const replicas = Math.ceil(damped * count);
  const backwards = (damped < 1 && replicas > current) || (damped > 1 && replicas < current);
  return backwards ? current : replicas;
}

/** For a metric that is one amount, which more Pods make smaller. */
export function replicasForValue(question: Question, usage: number, target: number): Proposal {
  const { pods, current, tolerances } = question;
  const ratio = usage / target;
  if (current === 0) return { replicas: Math.ceil(ratio), usage };
  if (isWithin(ratio, tolerances)) return { replicas: current, usage };
  return { replicas: Math.ceil(ratio * readyCount(pods)), usage };
}

function readyCount(pods: readonly Pod[]): number {
  if (pods.length === 0)
    throw new Error("unable to calculate ready pods: no pods returned by selector while calculating replica count");
  const isReady = ({ status }: Pod) =>
    status.phase === "Running" && status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True");
  return pods.filter(isReady).length;
}

/** For a metric that is one amount, of which each Pod takes its share. `replicas`: as many as there are. */
export function replicasForShare(
  { replicas, tolerances }: { replicas: number; tolerances: Tolerances },
  usage: number,
  target: number,
): Proposal {
  const ratio = usage / (target * replicas);
  const wanted = isWithin(ratio, tolerances) ? replicas : Math.ceil(usage / target);
  return { replicas: wanted, usage: replicas === 0 ? 0 : Math.ceil(usage / replicas) };
}
