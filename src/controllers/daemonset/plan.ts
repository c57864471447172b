import type { DaemonSet } from "../../api/apps/v1/index.ts";
import { type Node, nodeAllowed, type Pod, type Toleration, tolerates } from "../../api/core/v1/index.ts";
import { scaledAmount } from "../amounts.ts";
import { availableAt, isLeaving, isReady, isTerminal } from "../pods.ts";
import { byNode, daemonTolerations, isUpdated, nodeOf, oldestFirst, type Present } from "./daemonPods.ts";

export interface Situation {
  set: DaemonSet;
  present: Present;
  /** all nodes, and what each may run */
  nodes: ReadonlyMap<Node, Verdict>;
  pods: readonly Pod[];
  now: number;
  /** how long a failed Pod must be left before it is replaced, in ms: 0 when it need not */
  backoff(pod: Pod): number;
}

export interface DaemonPlan {
  /** names of nodes that get a Pod */
  create: string[];
  delete: Pod[];
  /** those of them that have ended, to be reported */
  ended: Pod[];
  /** in how many ms another failed Pod may be replaced */
  retryIn?: number;
}

/** Whether a node shall get the Pod, and whether one that runs there may stay. */
export interface Verdict {
  run: boolean;
  stay: boolean;
}

/** What each node may run of this set. */
export function judge(set: DaemonSet, nodes: readonly Node[]): Map<Node, Verdict> {
  const tolerations = daemonTolerations(set.spec);
  return new Map(nodes.map((node) => [node, verdict(set, node, tolerations)]));
}

function verdict({ spec: { template } }: DaemonSet, node: Node, tolerations: readonly Toleration[]): Verdict {
  const { nodeName } = template.spec;
  const isMeant = (!nodeName || nodeName === node.metadata.name) && nodeAllowed(template, node);
  const untolerated = (node.spec.taints ?? []).filter(
    (taint) => !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
  const keepsOut = (effect: string) => untolerated.some((taint) => taint.effect === effect);
  const stay = isMeant && !keepsOut("NoExecute");
  return { run: stay && !keepsOut("NoSchedule"), stay };
}

export function isAvailable(set: DaemonSet, pod: Pod, now: number): boolean {
  return (availableAt(pod, set.spec.minReadySeconds ?? 0) ?? Number.POSITIVE_INFINITY) <= now;
}

interface Pace {
  surge: number;
  unavailable: number;
}

/** Both are rounded up; both zero would stop an update for ever, so one may be unavailable then. */
export function pace({ spec }: DaemonSet, desired: number): Pace {
  const { maxSurge, maxUnavailable } = spec.updateStrategy.rollingUpdate ?? {};
  const surge = scaledAmount(maxSurge, desired, Math.ceil);
  const unavailable = scaledAmount(maxUnavailable, desired, Math.ceil);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

const isRolling = ({ spec }: DaemonSet): boolean => spec.updateStrategy.type === "RollingUpdate";

/** First each node gets what it lacks and loses what is too much; only when nothing is amiss an update goes on. */
export function planDaemonSet(situation: Situation): DaemonPlan {
  const places = byNode(situation.pods);
  const plan: DaemonPlan = { create: [], delete: [], ended: [] };
  for (const [node, verdict] of situation.nodes) {
    const { name = "" } = node.metadata;
    planNode(situation, { name, ...verdict, pods: places.get(name) ?? [] }, plan);
  }
  plan.delete.push(...lost(situation));
  if (plan.create.length > 0 || plan.delete.length > 0 || !isRolling(situation.set)) return plan;
  return { ...plan, ...rollOut(situation, places) };
}

function planNode(
  situation: Situation,
  { name, run, stay, pods }: Verdict & { name: string; pods: readonly Pod[] },
  plan: DaemonPlan,
): void {
  const staying = pods.filter((pod) => !isLeaving(pod));
  if (!stay) plan.delete.push(...staying);
  else if (run && pods.length === 0) plan.create.push(name);
  else tidy(situation, staying, plan);
}

/** Ended Pods go, and so do Pods beyond the one, or beyond the two of an update with surge. */
function tidy(situation: Situation, pods: readonly Pod[], plan: DaemonPlan): void {
  const running: Pod[] = [];
  for (const pod of pods) {
    if (!isTerminal(pod)) running.push(pod);
    else if (pod.status.phase === "Failed" && situation.backoff(pod) > 0) {
      plan.retryIn = Math.min(plan.retryIn ?? Number.POSITIVE_INFINITY, situation.backoff(pod));
    } else {
      plan.ended.push(pod);
      plan.delete.push(pod);
    }
  }
  if (running.length > 1) plan.delete.push(...surplus(situation, oldestFirst(running)));
}

function surplus({ set, present, now }: Situation, pods: readonly Pod[]): Pod[] {
  const surges = isRolling(set) && scaledAmount(set.spec.updateStrategy.rollingUpdate?.maxSurge, 100, Math.ceil) > 0;
  if (!surges) return pods.slice(1);
  const fresh = pods.find((pod) => isUpdated(pod, present));
  const old = pods.find((pod) => !isUpdated(pod, present));
  const others = pods.filter((pod) => pod !== fresh && pod !== old);
  if (!fresh || !old) return others;
  return !isReady(old) || isAvailable(set, fresh, now) ? [...others, old] : others;
}

/** Pods that wait to be bound to a node that is gone. */
function lost({ nodes, pods }: Situation): Pod[] {
  const names = new Set([...nodes.keys()].map(({ metadata }) => metadata.name));
  return pods.filter((pod) => {
    const node = nodeOf(pod);
    return !pod.spec.nodeName && node !== undefined && !names.has(node) && !isLeaving(pod);
  });
}

/** A node that shall run the Pod, with what runs there. */
interface Place {
  node: string;
  fresh: Pod | undefined;
  old: Pod | undefined;
}

function rollOut(situation: Situation, pods: Map<string, Pod[]>): Pick<DaemonPlan, "create" | "delete"> {
  const { set, nodes, present } = situation;
  const places = [...nodes]
    .filter(([, { run }]) => run)
    .map(
      ([
        {
          metadata: { name = "" },
        },
      ]): Place => {
        const staying = (pods.get(name) ?? []).filter((pod) => !isLeaving(pod));
        const fresh = staying.find((pod) => isUpdated(pod, present));
        return { node: name, fresh, old: staying.find((pod) => !isUpdated(pod, present)) };
      },
    );
  const { surge, unavailable } = pace(set, places.length);
  return surge > 0 ? surging(situation, places, surge) : replacing(situation, places, unavailable);
}

/** Old Pods go as far as enough stay available; those that are not available anyway go at once. */
function replacing({ set, now }: Situation, places: readonly Place[], most: number) {
  const sound = (pod: Pod | undefined) => pod !== undefined && isAvailable(set, pod, now);
  const missing = places.filter(({ fresh, old }) => !sound(fresh) && !sound(old)).length;
  const old = places.filter(({ fresh }) => !fresh).flatMap((place) => place.old ?? []);
  const broken = old.filter((pod) => !sound(pod));
  const candidates = old.filter(sound).slice(0, Math.max(0, most - missing));
  return { create: [], delete: [...broken, ...candidates] };
}

/** New Pods come up beside old ones, so many at a time; an old one goes when its successor is available. */
function surging({ set, now }: Situation, places: readonly Place[], most: number) {
  const sound = (pod: Pod | undefined) => pod !== undefined && isAvailable(set, pod, now);
  const both = places.filter(({ fresh, old }) => fresh && old);
  const waiting = places.filter(({ fresh, old }) => old && !fresh);
  const underWay = both.filter(({ fresh }) => !sound(fresh)).length;
  const broken = waiting.filter(({ old }) => !sound(old));
  const next = waiting.filter(({ old }) => sound(old)).slice(0, Math.max(0, most - underWay));
  return {
    create: [...broken, ...next].map(({ node }) => node),
    delete: both.filter(({ fresh }) => sound(fresh)).map(({ old }) => old!),
  };
}
