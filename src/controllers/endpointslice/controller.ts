import { Node, Pod, Service } from "../../api/core/v1/index.ts";
import { EndpointSlice } from "../../api/discovery/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { controller, done, type ReconcileContext, watch } from "../../client/index.ts";
import { endpointsMayDiffer } from "../endpoints/addresses.ts";
import { hasPodEndpoints, indexSelection, selectedPods, selectingServices } from "../endpoints/selection.ts";
import { desiredGroups } from "./desired.ts";
import { CONTROLLER, MANAGED_BY, planSlices, SERVICE_NAME, type SlicePlan } from "./plan.ts";

const BY_SERVICE = "endpointslice.service";

const isOurs = (slice: EndpointSlice) => slice.metadata.labels?.[MANAGED_BY] === CONTROLLER;
const serviceOf = (slice: EndpointSlice) => ({
  namespace: slice.metadata.namespace,
  name: slice.metadata.labels?.[SERVICE_NAME] ?? "",
});

/** Keeps, for each Service with a selector, the slices that say where its Pods are and which of them serve. */
export const endpointSliceController = controller({
  name: "endpoint-slice",
  for: Service,
  watches: [
    watch(Pod, selectingServices, endpointsMayDiffer),
    watch(EndpointSlice, (slice) => (isOurs(slice) ? [serviceOf(slice)] : [])),
  ],
  reads: [Node],
  prepare(view) {
    indexSelection(view);
    view.addIndex(EndpointSlice, BY_SERVICE, (slice) =>
      isOurs(slice) ? [`${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME]}`] : [],
    );
  },
  async reconcile(service, context) {
    if (!hasPodEndpoints(service) || service.metadata.deletionTimestamp) return done;
    const { view } = context;
    const desired = desiredGroups(service, selectedPods(service, view), (name) => view.get(Node, { name }));
    const existing = view.byIndex(EndpointSlice, BY_SERVICE, `${service.metadata.namespace}/${service.metadata.name}`);
    await carryOut(planSlices(service, existing, desired), context);
    return done;
  },
});

async function carryOut(plan: SlicePlan, { client }: ReconcileContext): Promise<void> {
  // New endpoints first and old ones last, so that no endpoint is missing in between.
  for (const slice of plan.create) await client.create(EndpointSlice, slice);
  for (const slice of plan.update) await client.update(EndpointSlice, slice);
  for (const { metadata } of plan.delete) {
    const { namespace, name = "" } = metadata;
    await client.delete(EndpointSlice, { namespace, name }).catch((error) => {
      if (!isNotFound(error)) throw error; // gone already, as wanted
    });
  }
}
