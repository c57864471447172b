/** The finalizer by which a Pod waits until its Job has counted it. */
import { JOB_NAME, Job, TRACKING_FINALIZER } from "../../api/batch/v1/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { type Client, controllerOf, type ObjectKey, type View } from "../../client/index.ts";
import { isActive } from "../pods.ts";
import { isFinished } from "./finish.ts";
import { isTracked } from "./observe.ts";

const TRACKED = "tracked";
/** No object is called so: Pods of which nobody knows whose they were. */
const NOBODY = "-";

/** The Job that a Pod is, or was, part of. */
export function jobKeyOf({ metadata }: Pod): Required<ObjectKey> {
  const owner = metadata.ownerReferences?.find(({ controller, kind }) => controller && kind === Job.kind);
  const name = owner?.name ?? metadata.labels?.[JOB_NAME] ?? NOBODY;
  return { namespace: metadata.namespace ?? "", name };
}

const indexKey = ({ namespace, name }: ObjectKey) => `${namespace}/${name}`;

export function indexTracked(view: View): void {
  view.addIndex(Pod, TRACKED, (pod) => (isTracked(pod) ? [indexKey(jobKeyOf(pod))] : []));
}

/** Lets Pods go that no Job will count: theirs is gone, or finished, or has given them up. */
export async function releaseStrays(key: ObjectKey, view: View, client: Client): Promise<void> {
  const pods = view.byIndex(Pod, TRACKED, indexKey(key)).filter((pod) => isStray(pod, view));
  await Promise.all(pods.map((pod) => untrack(pod, client)));
}

function isStray(pod: Pod, view: View): boolean {
  const owner = controllerOf(pod);
  // One that may still be adopted is left alone, as long as there is a Job of its labels' name.
  if (!owner) return !(isActive(pod) && view.get(Job, jobKeyOf(pod)));
  const job = view.get(Job, jobKeyOf(pod));
  if (job?.metadata.uid !== owner) return true;
  return isManagedHere(job) && isFinished(job);
}

export const isManagedHere = ({ spec }: Job): boolean =>
  spec.managedBy === undefined || spec.managedBy === "kubernetes.io/job-controller";

async function patchFinalizers(pod: Pod, patch: object, client: Client): Promise<void> {
  const { namespace, name = "", uid } = pod.metadata;
  try {
    await client.patch(Pod, { namespace, name }, "strategic", { metadata: { uid, ...patch } });
  } catch (error) {
    if (!isNotFound(error)) throw error; // gone meanwhile, as it may
  }
}

export async function untrack(pod: Pod, client: Client): Promise<void> {
  if (isTracked(pod))
    await patchFinalizers(pod, { "$deleteFromPrimitiveList/finalizers": [TRACKING_FINALIZER] }, client);
}

export const track = (pod: Pod, client: Client): Promise<void> =>
  patchFinalizers(pod, { finalizers: [TRACKING_FINALIZER] }, client);
