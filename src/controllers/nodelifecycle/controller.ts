import { Lease } from "../../api/coordination/v1/index.ts";
import { Node, Pod } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { formatTime, parseTime } from "../../apimachinery/time.ts";
import { after, type Controller, controller, done, type ReconcileContext, type Watch } from "../../client/index.ts";
import type { Clock } from "../../util/clock.ts";
import { withCondition } from "../conditions.ts";
import { byNodeName, NODE_NAME, podCondition } from "../pods.ts";
import { isSilent, nodeCondition, silentConditions } from "./health.ts";
import { plannedTaints } from "./taints.ts";

/** A node that has not been heard of for so long is taken for lost (ms); a new one is given more time to begin. */
const GRACE = 40_000;
const STARTUP_GRACE = 60_000;
const LEASES = "kube-node-lease";

/**
 * When each node was last heard of, by time as it passes here: a Lease that was renewed or a status that was sent counts
 * from when we saw it, so that clocks need not agree, and may be set.
 */
class Heartbeats {
  readonly #clock: Clock;
  readonly #heard = new Map<string, Map<string, string>>();
  readonly #at = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }
  /** Notes what a node's Lease or status ("source") shows; a mark that was not there before is a sign of life. */
  note(name: string, source: "lease" | "status", mark: string): void {
    const marks = this.#heard.get(name) ?? new Map<string, string>();
    this.#heard.set(name, marks);
    if (marks.get(source) === mark) return;
    marks.set(source, mark);
    this.#at.set(name, this.#clock.elapsed());
  }
  /** For how long nothing has been heard of the node (ms). */
  silence(name: string): number {
    return this.#clock.elapsed() - (this.#at.get(name) ?? this.#clock.elapsed());
  }
  forget(name: string): void {
    this.#heard.delete(name);
    this.#at.delete(name);
  }
}

/** Renewals are only noted: the timer that looks for silence finds them when it fires. A node that was lost is woken. */
function renewals(heartbeats: Heartbeats): Watch {
  return {
    kind: Lease,
    start(informers, view, wake) {
      const note = ({ metadata: { namespace, name = "", uid }, spec }: Lease) => {
        if (namespace !== LEASES) return;
        heartbeats.note(name, "lease", `${uid}/${spec.renewTime ?? ""}`);
        const node = view.get(Node, { name });
        if (node && isSilent(node)) wake({ name });
      };
      return informers.informer(Lease).subscribe({ added: note, updated: note });
    },
  };
}

function noteStatus(heartbeats: Heartbeats, node: Node): void {
  const heartbeat = nodeCondition(node, "Ready")?.lastHeartbeatTime ?? "";
  heartbeats.note(node.metadata.name ?? "", "status", `${node.metadata.uid}/${heartbeat}`);
}

/** Notices nodes that have fallen silent, says so in their conditions and taints, and takes their Pods out of service. */
export function nodeLifecycleController(clock: Clock): Controller {
  const heartbeats = new Heartbeats(clock);
  const registered = new Set<string>();
  return controller({
    name: "node",
    for: Node,
    watches: [renewals(heartbeats)],
    reads: [Pod],
    prepare: (view) => view.addIndex(Pod, NODE_NAME, byNodeName),
    async reconcile(node, context) {
      const { name = "" } = node.metadata;
      if (!registered.has(name)) welcome(node, context);
      registered.add(name);
      noteStatus(heartbeats, node);
      const left = graceOf(node) - heartbeats.silence(name);
      const isLost = left <= 0;
      const current = isLost ? await markSilent(node, context) : node;
      const tainted = await taint(current, context);
      if (nodeCondition(tainted, "Ready")?.status !== "True") await markPodsNotReady(tainted, context);
      return isLost ? done : after(left);
    },
    async gone({ name }) {
      heartbeats.forget(name);
      registered.delete(name);
    },
  });
}

function welcome(node: Node, { events }: ReconcileContext): void {
  const { name } = node.metadata;
  events.event(node, "Normal", "RegisteredNode", `Node ${name} event: Registered Node ${name} in Controller`);
}

function graceOf(node: Node): number {
  return nodeCondition(node, "Ready") ? GRACE : STARTUP_GRACE;
}

async function markSilent(node: Node, { client, clock, events, logger }: ReconcileContext): Promise<Node> {
  if (isSilent(node)) return node;
  const name = node.metadata.name ?? "";
  logger.warn("node has fallen silent", { node: name });
  const conditions = silentConditions(node, clock.now());
  const updated = await client.updateStatus(Node, { ...node, status: { ...node.status, conditions } });
  events.event(node, "Normal", "NodeNotReady", `Node ${name} status is now: NodeNotReady`);
  return updated;
}

async function taint(node: Node, { client, clock }: ReconcileContext): Promise<Node> {
  const taints = plannedTaints(node, clock.now());
  if (deepEqual(taints, node.spec.taints ?? [])) return node;
  return client.update(Node, { ...node, spec: { ...node.spec, taints } });
}

/** No kubelet can say that these Pods are ready; Services must not send traffic to them. */
async function markPodsNotReady(node: Node, context: ReconcileContext): Promise<void> {
  const { client, clock, view, events } = context;
  for (const pod of view.byIndex(Pod, NODE_NAME, node.metadata.name ?? "")) {
    const ready = podCondition(pod, "Ready");
    if (ready?.status !== "True" || heardSince(pod, node)) continue;
    const conditions = withCondition(pod.status.conditions, {
      ...ready,
      status: "False",
      lastTransitionTime: formatTime(clock.now()),
    });
    try {
      await client.updateStatus(Pod, { ...pod, status: { ...pod.status, conditions } });
      events.event(pod, "Warning", "NodeNotReady", "Node is not ready");
    } catch (error) {
      if (!isNotFound(error)) throw error; // gone meanwhile
    }
  }
}

/** While the kubelet itself says that its node is not ready, it also speaks for its Pods. */
function heardSince(pod: Pod, node: Node): boolean {
  const ready = nodeCondition(node, "Ready");
  if (ready?.status !== "False") return false;
  const since = ready.lastTransitionTime ? parseTime(ready.lastTransitionTime) : 0;
  const podSince = podCondition(pod, "Ready")?.lastTransitionTime;
  return podSince !== undefined && parseTime(podSince) > since;
}
