import { ControllerRevision, StatefulSet, type StatefulSetStatus } from "../../api/apps/v1/index.ts";
import { PersistentVolumeClaim, Pod } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { after, controller, controllerOf, done, type ReconcileContext, type View, watch } from "../../client/index.ts";
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

/** Keeps Pods that each have a name and claims of their own. */
export const statefulSetController = controller({
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
    const { client, view, clock } = context;
    const selector = labelSelector(set.spec.selector);
    const belongs = (pod: Pod) => ordinalOf(set, pod) !== undefined;
    const pods = await claim({ client, view, ownerKind: StatefulSet, owner: set, kind: Pod, selector, belongs });
    const history = await claimRevisions(StatefulSet, set, context);
    const { revision: newest, collisionCount } = await recordRevision(NAMING, set, history, client);
    const update = named(newest);
    const current = named(history.find(({ metadata }) => metadata.name === set.status.currentRevision) ?? newest);
    const revisions = { current: current.name, update: update.name, collisionCount };
    const status = statefulSetStatus(set, pods, revisions, clock.now());
    const { currentReplicas = 0 } = status;
    const claimNamed = (name: string) => view.get(PersistentVolumeClaim, { namespace: set.metadata.namespace, name });
    const steps = planStatefulSet({ set, current, update, currentReplicas, pods, claimNamed, now: clock.now() });
    const failed = await carryOutAll(steps, set, context);
    await writeStatus(set, status, context);
    if (failed && !isNamespaceLeaving(failed.reason)) throw failed.reason;
    await forgetRevisions(staleRevisions(history, inUse(pods, revisions), set.spec.revisionHistoryLimit), client);
    const wait = nextAvailable(set, pods, clock.now());
    return wait === undefined ? done : after(wait);
  },
});

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
