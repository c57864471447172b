import { Endpoints, Service } from "../../api/core/v1/index.ts";
import { EndpointSlice } from "../../api/discovery/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { type Controller, controller, done, type ObjectKey, type ReconcileContext, watch } from "../../client/index.ts";
import { MANAGED_BY, SERVICE_NAME } from "../endpointslice/plan.ts";
import { isMirrored, MIRRORING, type MirrorPlan, planMirror } from "./plan.ts";

const MIRRORS = "endpointslicemirroring.endpoints";
const isMirror = (slice: EndpointSlice) => slice.metadata.labels?.[MANAGED_BY] === MIRRORING;
const sourceOf = (slice: EndpointSlice): ObjectKey => ({
  namespace: slice.metadata.namespace,
  name: slice.metadata.labels?.[SERVICE_NAME] ?? "",
});
const same = ({ metadata: { namespace, name = "" } }: Service): ObjectKey[] => [{ namespace, name }];

/** Keeps slices that say what hand-kept Endpoints of a Service without selector say, for those who read slices only. */
export const endpointSliceMirroringController: Controller = controller({
  name: "endpoint-slice-mirroring",
  for: Endpoints,
  watches: [
    watch(Service, same, (service, old) => Boolean(service.spec.selector) !== Boolean(old.spec.selector)),
    watch(EndpointSlice, (slice) => (isMirror(slice) ? [sourceOf(slice)] : [])),
  ],
  prepare(view) {
    view.addIndex(EndpointSlice, MIRRORS, (slice) =>
      isMirror(slice) ? [`${sourceOf(slice).namespace}/${sourceOf(slice).name}`] : [],
    );
  },
  async reconcile(endpoints, context) {
    const { view } = context;
    const { namespace, name = "" } = endpoints.metadata;
    const existing = view.byIndex(EndpointSlice, MIRRORS, `${namespace}/${name}`);
    const service = view.get(Service, { namespace, name });
    const mirrored = service && Object.keys(service.spec.selector ?? {}).length === 0 && isMirrored(endpoints);
    await carryOut(planMirror(mirrored ? endpoints : { ...endpoints, subsets: [] }, existing), context);
    return done;
  },
});

async function carryOut(plan: MirrorPlan, { client }: ReconcileContext): Promise<void> {
  for (const slice of plan.create) await client.create(EndpointSlice, slice);
  for (const slice of plan.update) await client.update(EndpointSlice, slice);
  for (const { metadata } of plan.delete) {
    const { namespace, name = "" } = metadata;
    await client.delete(EndpointSlice, { namespace, name }).catch((error) => {
      if (!isNotFound(error)) throw error; // gone already, as wanted
    });
  }
}
