import { Node, Pod } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { formatTime } from "../../apimachinery/time.ts";
import {
  after,
  type Controller,
  controller,
  done,
  type ObjectKey,
  type ReconcileContext,
  type View,
  watch,
} from "../../client/index.ts";
import type { Clock } from "../../util/clock.ts";
import { NOT_READY, OUT_OF_SERVICE, UNREACHABLE } from "../nodelifecycle/taints.ts";
import { byNodeName, isLeaving, isTerminal, NODE_NAME, newPodCondition } from "../pods.ts";

/** A node may be missing for so long before its Pods are given up: it may be about to register again. */
const QUARANTINE = 40_000;
/** So many ended Pods are kept, for people to look at. */
const TERMINATED_THRESHOLD = 12_500;
const TERMINATED = "podgc.terminated";

/** Removes Pods that no kubelet will ever remove. */
export function podGarbageCollector(clock: Clock): Controller {
  /** since when a node has been missing */
  const missing = new Map<string, number>();
  return controller({
    name: "pod-garbage-collector",
    for: Pod,
    when: (pod, old) =>
      isLeaving(pod) !== isLeaving(old) ||
      pod.spec.nodeName !== old.spec.nodeName ||
      isTerminal(pod) !== isTerminal(old),
    watches: [watch(Node, podsOf, (node, old) => node.spec.taints !== old.spec.taints && isOutOfService(node))],
    prepare(view) {
      view.addIndex(Pod, NODE_NAME, byNodeName);
      view.addIndex(Pod, TERMINATED, (pod) => (isTerminal(pod) ? [""] : []));
    },
    async reconcile(pod, context) {
      const { view } = context;
      const { nodeName } = pod.spec;
      if (isTerminal(pod)) await trimTerminated(context);
      if (!nodeName) {
        if (isLeaving(pod)) await remove(pod, "unscheduled", context);
        return done;
      }
      const node = view.get(Node, { name: nodeName });
      if (node) {
        missing.delete(nodeName);
        if (isLeaving(pod) && isOutOfService(node)) await remove(pod, "out-of-service", context);
        return done;
      }
      const since = missing.get(nodeName) ?? clock.now();
      missing.set(nodeName, since);
      const left = since + QUARANTINE - clock.now();
      if (left > 0) return after(left);
      if (await isMissing(nodeName, context)) await remove(pod, "orphaned", context);
      return done;
    },
  });
}

function podsOf(node: Node, view: View): ObjectKey[] {
  const pods = view.byIndex(Pod, NODE_NAME, node.metadata.name ?? "");
  return pods.map(({ metadata: { namespace, name = "" } }) => ({ namespace, name }));
}

/** Somebody has declared the machine dead, and it is indeed not ready. */
function isOutOfService(node: Node): boolean {
  const keys = (node.spec.taints ?? []).map((taint) => taint.key);
  return keys.includes(OUT_OF_SERVICE) && (keys.includes(NOT_READY) || keys.includes(UNREACHABLE));
}

async function isMissing(name: string, { client }: ReconcileContext): Promise<boolean> {
  try {
    await client.get(Node, { name });
    return false;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

async function trimTerminated(context: ReconcileContext): Promise<void> {
  const ended = context.view.byIndex(Pod, TERMINATED, "");
  if (ended.length <= TERMINATED_THRESHOLD) return;
  const age = (pod: Pod) => pod.metadata.creationTimestamp ?? "";
  const oldest = [...ended].sort((a, b) => (age(a) < age(b) ? -1 : 1)).slice(0, ended.length - TERMINATED_THRESHOLD);
  for (const pod of oldest) await remove(pod, "terminated", context);
}

const WHY: Record<string, string> = {
  orphaned: "PodGC: node no longer exists",
  "out-of-service": "PodGC: node is out of service",
};

/** Deletes at once: nobody is there who could end it gracefully. */
async function remove(pod: Pod, why: string, { client, clock, logger }: ReconcileContext): Promise<void> {
  const { namespace, name = "", uid } = pod.metadata;
  logger.info("removing pod", { pod: `${namespace}/${name}`, why });
  try {
    if (!isTerminal(pod)) await fail(pod, WHY[why], { client, clock });
    await client.delete(Pod, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
  } catch (error) {
    if (!isNotFound(error)) throw error; // gone meanwhile, as wanted
  }
}

async function fail(
  pod: Pod,
  message: string | undefined,
  { client, clock }: Pick<ReconcileContext, "client" | "clock">,
): Promise<void> {
  const { namespace, name = "", uid } = pod.metadata;
  const why = { reason: "DeletionByPodGC", message, lastTransitionTime: formatTime(clock.now()) };
  const conditions = message ? [newPodCondition({ type: "DisruptionTarget", status: "True", ...why })] : [];
  const patch = { metadata: { uid }, status: { phase: "Failed", conditions } };
  await client.patch(Pod, { namespace, name }, "strategic", patch, { subresource: "status" });
}
