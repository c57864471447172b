import { IPAddress, rangeHas, ServiceCIDR } from "../../api/networking/v1/index.ts";
import { formatTime, parseTime } from "../../apimachinery/time.ts";
import {
  after,
  type Controller,
  controller,
  done,
  type ObjectKey,
  type Outcome,
  type ReconcileContext,
  type View,
  watch,
} from "../../client/index.ts";
import { isUnneeded, overlapping, rangesIn } from "./plan.ts";

const FINALIZER = "networking.k8s.io/service-cidr-finalizer";
const MANAGER = "service-cidr-controller";
const READY = "Kubernetes Service CIDR is ready";
const TERMINATING =
  "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR";
/** API servers may not yet have seen that nothing more is to be given of these ranges. */
const GRACE = 10_000;

const keyOf = ({ metadata }: ServiceCIDR): ObjectKey => ({ name: metadata.name ?? "" });

/** What becomes of a range may concern all that share addresses with it. */
function sharing(changed: ServiceCIDR, view: View): ObjectKey[] {
  return overlapping(view.list(ServiceCIDR), rangesIn(changed)).map(keyOf);
}

/** Ranges that wait for an address to be given back. */
function waitingFor({ metadata }: IPAddress, view: View): ObjectKey[] {
  return view
    .list(ServiceCIDR)
    .filter((one) => one.metadata.deletionTimestamp)
    .filter((one) => rangesIn(one).some((range) => rangeHas(range, metadata.name ?? "")))
    .map(keyOf);
}

/** Lets Services have addresses of new ranges, and keeps ranges until nobody needs them any more. */
export const serviceCIDRController: Controller = controller({
  name: "service-cidr",
  for: ServiceCIDR,
  watches: [watch(ServiceCIDR, sharing), watch(IPAddress, waitingFor, () => false)],
  async reconcile(range, context) {
    return range.metadata.deletionTimestamp ? letGo(range, context) : admit(range, context);
  },
});

const isReady = ({ status }: ServiceCIDR, value: "True" | "False") =>
  (status.conditions ?? []).some((condition) => condition.type === "Ready" && condition.status === value);

async function admit(range: ServiceCIDR, context: ReconcileContext): Promise<Outcome> {
  const { name = "", finalizers = [] } = range.metadata;
  if (!finalizers.includes(FINALIZER)) {
    const { apiVersion, kind } = ServiceCIDR;
    const applied = { apiVersion, kind, metadata: { name, finalizers: [FINALIZER] } };
    const options = { fieldManager: MANAGER, force: true };
    await context.client.patch(ServiceCIDR, { name }, "apply", applied, options);
  }
  if ((range.status.conditions ?? []).every(({ type }) => type !== "Ready"))
    await writeReady(range, "True", "", READY, context);
  return done;
}

async function letGo(range: ServiceCIDR, context: ReconcileContext): Promise<Outcome> {
  const { name = "", finalizers = [], deletionTimestamp } = range.metadata;
  if (!finalizers.includes(FINALIZER)) return done;
  const { client, view, clock } = context;
  if (!isUnneeded(range, view.list(ServiceCIDR), view.list(IPAddress))) {
    if (!isReady(range, "False")) await writeReady(range, "False", "Terminating", TERMINATING, context);
    return done;
  }
  const left = parseTime(deletionTimestamp!) + GRACE - clock.now();
  if (left > 0) return after(left);
  const patch = { metadata: { finalizers: finalizers.filter((finalizer) => finalizer !== FINALIZER) } };
  await client.patch(ServiceCIDR, { name }, "merge", patch);
  return done;
}

async function writeReady(
  { metadata: { name = "" } }: ServiceCIDR,
  status: "True" | "False",
  reason: string,
  message: string,
  { client, clock }: ReconcileContext,
): Promise<void> {
  const { apiVersion, kind } = ServiceCIDR;
  const condition = { type: "Ready", status, reason, message, lastTransitionTime: formatTime(clock.now()) };
  const applied = { apiVersion, kind, metadata: { name }, status: { conditions: [condition] } };
  const options = { fieldManager: MANAGER, force: true, subresource: "status" };
  await client.patch(ServiceCIDR, { name }, "apply", applied, options);
}
