import { Job } from "../../api/batch/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { parseTime } from "../../apimachinery/time.ts";
import { after, controller, done } from "../../client/index.ts";

/** Deletes Jobs, with their Pods, some time after they have finished, where they ask for it. */
export const ttlAfterFinishedController = controller({
  name: "ttl-after-finished",
  for: Job,
  workers: 5,
  async reconcile(job, { client, clock }) {
    const at = expiry(job);
    if (at === undefined || job.metadata.deletionTimestamp) return done;
    if (at > clock.now()) return after(at - clock.now());
    const { namespace, name = "", uid, resourceVersion } = job.metadata;
    try {
      // Of just this version: it may have been given more time meanwhile.
      const preconditions = { uid, resourceVersion };
      await client.delete(Job, { namespace, name }, { propagationPolicy: "Foreground", preconditions });
    } catch (error) {
      if (!isNotFound(error)) throw error; // gone already, as wanted
    }
    return done;
  },
});

/** When a Job has outlived its purpose, in ms; undefined while it has not finished, or when it is kept for good. */
export function expiry({ spec, status }: Job): number | undefined {
  if (spec.ttlSecondsAfterFinished === undefined) return undefined;
  const end = status.conditions?.find(
    (condition) => (condition.type === "Complete" || condition.type === "Failed") && condition.status === "True",
  );
  if (!end?.lastTransitionTime) return undefined;
  return parseTime(end.lastTransitionTime) + spec.ttlSecondsAfterFinished * 1000;
}
