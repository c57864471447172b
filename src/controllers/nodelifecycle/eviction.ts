import { Node, Pod, type Taint, tolerates } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { formatTime, parseTime } from "../../apimachinery/time.ts";
import {
  after,
  type Controller,
  controller,
  done,
  type ReconcileContext,
  type View,
  watch,
} from "../../client/index.ts";
import type { Clock } from "../../util/clock.ts";
import { withCondition } from "../conditions.ts";
import { byNodeName, isLeaving, NODE_NAME, newPodCondition } from "../pods.ts";

/**
 * When a Pod must leave a node with these NoExecute taints, in ms; undefined: never. Its patience begins with the taint,
 * but not before the Pod was made, nor before `since`, when we began to look: a cluster that was stopped for a day has
 * not been patient that long. `seen` is when a taint that does not say so itself was first seen.
 */
export function evictionTime(
  pod: Pod,
  taints: readonly Taint[],
  since: number,
  seen: (taint: Taint) => number = () => 0,
): number | undefined {
  const made = pod.metadata.creationTimestamp ? parseTime(pod.metadata.creationTimestamp) : 0;
  let earliest: number | undefined;
  for (const taint of taints) {
    const added = Math.max(since, made, taint.timeAdded ? parseTime(taint.timeAdded) : seen(taint));
    const tolerations = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (tolerations.length === 0) return 0;
    const limits = tolerations.map((t) => t.tolerationSeconds).filter((seconds) => seconds !== undefined);
    if (limits.length === 0) continue;
    const at = added + Math.max(0, Math.min(...limits)) * 1000;
    earliest = Math.min(earliest ?? at, at);
  }
  return earliest;
}

const noExecute = (node: Node | undefined): Taint[] =>
  (node?.spec.taints ?? []).filter((t) => t.effect === "NoExecute");

/** Since when nodes have their taints, as far as they have been seen: few writers of taints say it. */
class TaintTimes {
  /** by node, then by taint */
  readonly #nodes = new Map<string, Map<string, number>>();

  /** Takes note of a node's taints as they are now, and forgets those that are gone. */
  observe(node: string, taints: readonly Taint[], now: number): (taint: Taint) => number {
    const before = this.#nodes.get(node);
    const times = new Map(taints.map((taint) => [nameOf(taint), before?.get(nameOf(taint)) ?? now]));
    if (times.size > 0) this.#nodes.set(node, times);
    else this.#nodes.delete(node);
    return (taint) => times.get(nameOf(taint)) ?? now;
  }
}
const nameOf = ({ key, value = "" }: Taint) => `${key}=${value}`;

/** A Pod wakes its node only when that has something against Pods. */
function taintedNodeOf(pod: Pod, view: View): { name: string }[] {
  const name = pod.spec.nodeName;
  return name && noExecute(view.get(Node, { name })).length > 0 ? [{ name }] : [];
}

/** Evicts Pods from nodes whose NoExecute taints they do not tolerate, or no longer. */
export function taintEvictionController(clock: Clock): Controller {
  const since = clock.now();
  const times = new TaintTimes();
  return controller({
    name: "taint-eviction",
    for: Node,
    when: (node, old) => !deepEqual(node.spec.taints, old.spec.taints),
    watches: [watch(Pod, taintedNodeOf, mayChangeEviction)],
    prepare: (view) => view.addIndex(Pod, NODE_NAME, byNodeName),
    async reconcile(node, context) {
      const taints = noExecute(node);
      const now = clock.now();
      const seen = times.observe(node.metadata.name ?? "", taints, now);
      if (taints.length === 0) return done;
      let next: number | undefined;
      for (const pod of context.view.byIndex(Pod, NODE_NAME, node.metadata.name ?? "")) {
        const at = isLeaving(pod) ? undefined : evictionTime(pod, taints, since, seen);
        if (at === undefined) continue;
        if (at <= now) await evict(pod, context);
        else next = Math.min(next ?? at, at);
      }
      return next === undefined ? done : after(next - now);
    },
  });
}

function mayChangeEviction(pod: Pod, old: Pod): boolean {
  return pod.spec.nodeName !== old.spec.nodeName || !deepEqual(pod.spec.tolerations, old.spec.tolerations);
}

async function evict(pod: Pod, { client, clock, events }: ReconcileContext): Promise<void> {
  const { namespace, name = "", uid } = pod.metadata;
  events.event(pod, "Normal", "TaintManagerEviction", `Marking for deletion Pod ${namespace}/${name}`);
  const conditions = withCondition(
    pod.status.conditions,
    newPodCondition({
      type: "DisruptionTarget",
      status: "True",
      reason: "DeletionByTaintManager",
      message: "Taint manager: deleting due to NoExecute taint",
      lastTransitionTime: formatTime(clock.now()),
    }),
  );
  try {
    await client.patch(
      Pod,
      { namespace, name },
      "strategic",
      { metadata: { uid }, status: { conditions } },
      { subresource: "status" },
    );
    await client.delete(Pod, { namespace, name }, { preconditions: { uid } });
  } catch (error) {
    if (!isNotFound(error)) throw error; // gone meanwhile, as wanted
  }
}
