import { ControllerRevision, StatefulSet, type StatefulSetStatus } from "../../api/apps/v1/index.ts";
import { PersistentVolumeClaim, Pod } from "../../api/core/v1/index.ts";
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
import { revisionTemplate, staleRevisions } from "../history/revisions.ts";
import { claim, indexOrphans } from "../ownership.ts";
import { isNamespaceLeaving } from "../podControl.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { carryOut } from "./carryOut.ts";
import { ordinalOf, revisionOf } from "./identity.ts";
import { planStatefulSet, type Revision, type Step } from "./plan.ts";
import { nextAvailable, type Revisions, statefulSetStatus } from "./status.ts";

const NAMING = { kind: StatefulSet, hashLabel: "controller.kubernetes.io/hash" };

/** A Pod that ends again and again, since its node will not have it, is replaced ever more slowly (ms). */
const FIRST_BACKOFF = 1000;
const LAST_BACKOFF = 30_000;

/** Keeps Pods that each have a name and claims of their own. */
export function statefulSetController(clock: Clock): Controller {
  const endings = new Backoff({ clock, initial: FIRST_BACKOFF, max: LAST_BACKOFF });
  return controller({
    name: "statefulset",
    for: StatefulSet,
    owns: [Pod, ControllerRevision],
    watches: [watch(Pod, setsThatWant), watch(PersistentVolumeClaim, setsThatUse, () => false)],
    workers: 5,
    prepare(view) {
      indexOrphans(view, Pod);
      indexOrphans(view, ControllerRevision);
    },
    async reconcile(set, context) {
      const { client, view } = context;
      const now = clock.now();
      const selector = labelSelector(set.spec.selector);
      const belongs = (pod: Pod) => ordinalOf(set, pod) !== undefined;
      const pods = await claim({ client, view, ownerKind: StatefulSet, owner: set, kind: Pod, selector, belongs });
      const { current, update, history, revisions } = await revisionsOf(set, context);
      const status = statefulSetStatus(set, pods, revisions, now);
      const ending = ({ metadata }: Pod) => `${set.metadata.uid}/${metadata.name}`;
      const steps = planStatefulSet({
        ...{ set, current, update, pods, now },
        currentReplicas: status.currentReplicas ?? 0,
        claimNamed: (name) => view.get(PersistentVolumeClaim, { namespace: set.metadata.namespace, name }),
        backoff: (pod) => endings.remaining(ending(pod)),
      });
      for (const step of steps) if (step.do === "replace") endings.next(ending(step.pod));
      const failed = await carryOutAll(steps, set, context);
      await writeStatus(set, status, context);
      if (failed && !isNamespaceLeaving(failed.reason)) throw failed.reason;
      await forgetRevisions(staleRevisions(history, inUse(pods, revisions), set.spec.revisionHistoryLimit), client);
      const waits = [nextAvailable(set, pods, now), ...steps.map((step) => (step.do === "wait" ? step.ms : undefined))];
      const wait = Math.min(...waits.map((ms) => ms ?? Number.POSITIVE_INFINITY));
      return wait === Number.POSITIVE_INFINITY ? done : after(wait);
    },
  });
}

/** The revision of the present template, and that of Pods which an update has not reached. */
async function revisionsOf(set: StatefulSet, context: ReconcileContext) {
  const history = await claimRevisions(StatefulSet, set, context);
  const { revision: newest, collisionCount } = await recordRevision(NAMING, set, history, context.client);
  const before = history.find(({ metadata }) => metadata.name === set.status.currentRevision);
  const [update, current] = [named(newest), named(before ?? newest)];
  const revisions: Revisions = { current: current.name, update: update.name, collisionCount };
  return { current, update, history, revisions };
}

const named = (revision: ControllerRevision): Revision => ({
  name: revision.metadata.name ?? "",
  template: revisionTemplate(revision),
});

/** An unowned Pod concerns the sets that may adopt it, or whose Pod's name it has taken. */
function setsThatWant(pod: Pod, view: View): { namespace?: string; name: string }[] {
  if (controllerOf(pod)) return [];
  const labels = pod.metadata.labels ?? {};
  return view
    .list(StatefulSet, pod.metadata.namespace)
    .filter((set) => ordinalOf(set, pod) !== undefined || labelSelector(set.spec.selector).matches(labels))
    .map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name ?? "" }));
}

/** A claim that is gone may be one that a new Pod waits to have made anew. */
function setsThatUse({ metadata: { namespace, name = "" } }: PersistentVolumeClaim, view: View) {
  return view
    .list(StatefulSet, namespace)
    .filter((set) =>
      set.spec.volumeClaimTemplates?.some((template) =>
        name.startsWith(`${template.metadata.name}-${set.metadata.name}-`),
      ),
    )
    .map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name ?? "" }));
}

/** In order, or all at once where the set allows it; the first failure ends it. */
async function carryOutAll(
  steps: readonly Step[],
  set: StatefulSet,
  context: ReconcileContext,
): Promise<PromiseRejectedResult | undefined> {
  const failure = (results: PromiseSettledResult<void>[]) => results.find((result) => result.status === "rejected");
  const atOnce = set.spec.podManagementPolicy === "Parallel" ? steps.length : 1;
  for (let from = 0, batch = 1; from < steps.length; from += batch, batch = Math.min(batch * 2, atOnce)) {
    const results = steps.slice(from, from + batch).map((step) => carryOut(step, set, context));
    const failed = failure(await Promise.allSettled(results));
    if (failed) return failed;
  }
  return undefined;
}

function inUse(pods: readonly Pod[], { current, update }: Revisions): (revision: ControllerRevision) => boolean {
  const names = new Set([current, update, ...pods.map(revisionOf)]);
  return ({ metadata }) => names.has(metadata.name);
}

async function writeStatus(set: StatefulSet, status: StatefulSetStatus, { client }: ReconcileContext): Promise<void> {
  if (sameWhenWritten(status, set.status) && deepEqual(status.collisionCount, set.status.collisionCount)) return;
  await client.updateStatus(StatefulSet, { ...set, status });
}
