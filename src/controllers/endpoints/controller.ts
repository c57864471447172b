import { Endpoints, Pod, Service } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { controller, done, watch } from "../../client/index.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { endpointsMayDiffer } from "./addresses.ts";
import { isOurs, planEndpoints } from "./plan.ts";
import { hasPodEndpoints, indexSelection, selectedPods, selectingServices } from "./selection.ts";

/** Keeps one Endpoints object per Service with a selector: the older form of EndpointSlices, still read by some. */
export const endpointsController = controller({
  name: "endpoint",
  for: Service,
  watches: [
    watch(Pod, selectingServices, endpointsMayDiffer),
    // Endpoints that someone wrote by hand stay, whether there is such a Service or not.
    watch(
      Endpoints,
      (endpoints) =>
        isOurs(endpoints) ? [{ namespace: endpoints.metadata.namespace, name: endpoints.metadata.name! }] : [],
      () => false,
    ),
  ],
  prepare: indexSelection,
  async reconcile(service, { client, view }) {
    if (!hasPodEndpoints(service)) return done;
    const { namespace, name = "" } = service.metadata;
    const old = view.get(Endpoints, { namespace, name });
    const wanted = planEndpoints(service, selectedPods(service, view), old);
    if (!old) await client.create(Endpoints, wanted);
    else if (!sameWhenWritten(old, wanted)) await client.update(Endpoints, wanted);
    return done;
  },
  async gone({ namespace, name }, { client, view }) {
    const endpoints = view.get(Endpoints, { namespace, name });
    if (!endpoints || namespace === undefined) return;
    const live = await client.get(Service, { namespace, name }).catch((error) => {
      if (!isNotFound(error)) throw error;
      return undefined;
    });
    if (live) return;
    const preconditions = { uid: endpoints.metadata.uid };
    await client.delete(Endpoints, { namespace, name }, { preconditions }).catch((error) => {
      if (!isNotFound(error)) throw error; // its namespace took it along
    });
  },
});
