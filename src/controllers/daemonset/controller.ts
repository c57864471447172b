import { ControllerRevision, DaemonSet, type DaemonSetStatus } from "../../api/apps/v1/index.ts";
import { Node, Pod } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import {
  after,
  type Controller,
  controller,
  controllerOf,
  done,
  type ReconcileContext,
  type View,
  watch,
} from "../../client/index.ts";
import { Backoff } from "../../util/backoff.ts";
import type { Clock } from "../../util/clock.ts";
import { claimRevisions, forgetRevisions, recordRevision } from "../history/history.ts";
import { REVISION_LABEL, staleRevisions } from "../history/revisions.ts";
import { claim, indexOrphans } from "../ownership.ts";
import { createPods, deletePods, type Failed, isNamespaceLeaving } from "../podControl.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { nodeOf, type Present, podFor, present } from "./daemonPods.ts";
import { type DaemonPlan, judge, planDaemonSet } from "./plan.ts";
import { daemonSetStatus, nextAvailable } from "./status.ts";

const NAMING = { kind: DaemonSet, hashLabel: REVISION_LABEL };
/** A Pod that fails again and again, since its node will not have it, is replaced ever more slowly (ms). */
const FIRST_BACKOFF = 1000;
const LAST_BACKOFF = 15 * 60_000;
/** At most so many Pods are created or deleted in one go. */
const BURST = 250;

/** Keeps one Pod on each node that matches. */
export function daemonSetController(clock: Clock): Controller {
  const backoff = new Backoff({ clock, initial: FIRST_BACKOFF, max: LAST_BACKOFF });
  return controller({
    name: "daemonset",
    for: DaemonSet,
    owns: [Pod, ControllerRevision],
    watches: [
      watch(Pod, setsThatWant, (pod, old) => !deepEqual(pod.metadata.labels, old.metadata.labels)),
      watch(Node, allSets, (node, old) => !sameForDaemons(node, old)),
    ],
    workers: 2,
    prepare(view) {
      indexOrphans(view, Pod);
      indexOrphans(view, ControllerRevision);
    },
    async reconcile(set, context) {
      const { client, view } = context;
      if (isEmpty(set)) return selectsEverything(set, context);
      if (set.metadata.deletionTimestamp) return done;
      const selector = labelSelector(set.spec.selector);
      const pods = await claim({ client, view, ownerKind: DaemonSet, owner: set, kind: Pod, selector });
      const history = await claimRevisions(DaemonSet, set, context);
      const { revision, collisionCount } = await recordRevision(NAMING, set, history, client);
      const current = present(set, revision, history);
      const nodes = judge(set, view.list(Node));
      const failures = (pod: Pod) => backoff.remaining(failureKey(set, pod));
      const now = clock.now();
      const plan = planDaemonSet({ set, present: current, nodes, pods, now, backoff: failures });
      for (const pod of plan.ended) backoff.next(failureKey(set, pod));
      const failed = await carryOut(plan, set, current.hash, context);
      await writeStatus(set, daemonSetStatus(set, nodes, pods, { present: current, collisionCount }, now), context);
      if (failed && !isNamespaceLeaving(failed.error)) throw failed.error;
      await forgetRevisions(staleRevisions(history, inUse(pods, current), set.spec.revisionHistoryLimit), client);
      const wait = Math.min(
        plan.retryIn ?? Number.POSITIVE_INFINITY,
        nextAvailable(set, pods, now) ?? Number.POSITIVE_INFINITY,
      );
      return wait === Number.POSITIVE_INFINITY ? done : after(wait);
    },
  });
}

function isEmpty({ spec: { selector } }: DaemonSet): boolean {
  return !selector?.matchLabels && !selector?.matchExpressions;
}

function selectsEverything(set: DaemonSet, { events }: ReconcileContext) {
  const message = "This daemon set is selecting all pods. A non-empty selector is required.";
  events.event(set, "Warning", "SelectingAll", message);
  return done;
}

const failureKey = ({ metadata, status }: DaemonSet, pod: Pod): string =>
  `${metadata.uid}/${status.observedGeneration ?? 0}/${nodeOf(pod)}`;

/** An unowned Pod, new or with other labels, concerns the DaemonSets whose selector matches it. */
function setsThatWant(pod: Pod, view: View): { namespace?: string; name: string }[] {
  if (controllerOf(pod) || pod.metadata.deletionTimestamp) return [];
  const labels = pod.metadata.labels ?? {};
  return view
    .list(DaemonSet, pod.metadata.namespace)
    .filter(({ spec }) => labelSelector(spec.selector).matches(labels))
    .map(keyOf);
}

const keyOf = ({ metadata }: DaemonSet) => ({ namespace: metadata.namespace, name: metadata.name ?? "" });

const allSets = (_: Node, view: View) => view.list(DaemonSet).map(keyOf);

/** Heartbeats and the like make no difference to which Pods a node shall run. */
function sameForDaemons(node: Node, old: Node): boolean {
  return (
    deepEqual(node.metadata.labels, old.metadata.labels) &&
    deepEqual(node.spec.taints, old.spec.taints) &&
    node.spec.unschedulable === old.spec.unschedulable
  );
}

async function carryOut(
  plan: DaemonPlan,
  set: DaemonSet,
  hash: string,
  context: ReconcileContext,
): Promise<Failed | undefined> {
  for (const pod of plan.ended) reportEnded(pod, set, context);
  const pods = plan.create.slice(0, BURST).map((node) => podFor(set, node, hash));
  const created = await createPods(pods, set, context);
  const deleted = await deletePods(plan.delete.slice(0, BURST), set, context);
  return created ?? deleted;
}

function reportEnded(pod: Pod, set: DaemonSet, { events }: ReconcileContext): void {
  const { namespace, name } = pod.metadata;
  const place = `daemon pod ${namespace}/${name} on node ${nodeOf(pod)}`;
  if (pod.status.phase === "Failed") {
    events.event(set, "Warning", "FailedDaemonPod", `Found failed ${place}, will try to kill it`);
  } else {
    events.event(set, "Normal", "SucceededDaemonPod", `Found succeeded ${place}, will try to delete it`);
  }
}

function inUse(pods: readonly Pod[], { hash }: Present): (revision: ControllerRevision) => boolean {
  const hashes = new Set([hash, ...pods.map(({ metadata }) => metadata.labels?.[REVISION_LABEL])]);
  return ({ metadata }) => hashes.has(metadata.labels?.[REVISION_LABEL]);
}

async function writeStatus(set: DaemonSet, status: DaemonSetStatus, { client }: ReconcileContext): Promise<void> {
  if (sameWhenWritten(status, set.status)) return;
  await client.updateStatus(DaemonSet, { ...set, status });
}
