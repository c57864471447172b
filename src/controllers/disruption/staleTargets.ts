import { Pod } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { formatTime, parseTime } from "../../apimachinery/time.ts";
import { after, controller, done } from "../../client/index.ts";
import { isLeaving, isTerminal, podCondition } from "../pods.ts";

/** A Pod that was to be disrupted and is not deleted within this time (ms) stays after all. */
const TIMEOUT = 120_000;
const DISRUPTION_TARGET = "DisruptionTarget";

/** When a Pod's announced disruption is no longer believed, in ms; undefined: none is announced. */
function staleAt(pod: Pod): number | undefined {
  const condition = podCondition(pod, DISRUPTION_TARGET);
  // A kubelet that ends a Pod takes the time it takes.
  if (condition?.status !== "True" || condition.reason === "TerminationByKubelet") return undefined;
  if (isLeaving(pod) || isTerminal(pod)) return undefined;
  return parseTime(condition.lastTransitionTime ?? "") + TIMEOUT;
}

/** Takes back what a Pod says of its disruption when that has not come about. */
export const staleDisruptionController = controller({
  name: "stale-disruption",
  for: Pod,
  when: (pod, old) => staleAt(pod) !== staleAt(old),
  async reconcile(pod, { client, clock }) {
    const at = staleAt(pod);
    if (at === undefined) return done;
    if (at > clock.now()) return after(at - clock.now());
    const { namespace, name = "", uid } = pod.metadata;
    const condition = { type: DISRUPTION_TARGET, status: "False", lastTransitionTime: formatTime(clock.now()) };
    const patch = { metadata: { uid }, status: { conditions: [condition] } };
    try {
      await client.patch(Pod, { namespace, name }, "strategic", patch, { subresource: "status" });
    } catch (error) {
      if (!isNotFound(error)) throw error; // gone meanwhile: nothing to take back
    }
    return done;
  },
});
