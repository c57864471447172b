import { type EndpointAddress, type EndpointSubset, Endpoints } from "../../api/core/v1/index.ts";
import { type Endpoint, EndpointSlice } from "../../api/discovery/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { groupKey } from "../endpointslice/desired.ts";
import { MANAGED_BY, SERVICE_NAME } from "../endpointslice/plan.ts";
import { controllerReference } from "../ownership.ts";
import { sameWhenWritten } from "../sameJson.ts";

export const MIRRORING = "endpointslicemirroring-controller.k8s.io";
export const SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror";
const LEADER = "control-plane.alpha.kubernetes.io/leader";
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
/** Of each subset at most so many addresses are mirrored. */
const MOST = 1000;

/** Endpoints that someone keeps by hand, and that others may see only as slices. */
export function isMirrored(endpoints: Endpoints): boolean {
  const { labels = {}, annotations = {} } = endpoints.metadata;
  return labels[SKIP_MIRROR] !== "true" && annotations[LEADER] === undefined;
}

export interface MirrorPlan {
  create: EndpointSlice[];
  update: EndpointSlice[];
  delete: EndpointSlice[];
}

/** One slice for each subset and address family, written only where it differs. */
export function planMirror(endpoints: Endpoints, existing: readonly EndpointSlice[]): MirrorPlan {
  const wanted = new Map<string, EndpointSlice>();
  for (const subset of endpoints.subsets ?? []) {
    for (const family of ["IPv4", "IPv6"]) {
      const list = endpointsOf(subset, family);
      if (list.length === 0) continue;
      const slice = sliceOf(endpoints, family, subset, list);
      const key = groupKey(family, slice.ports);
      const known = wanted.get(key);
      if (known) known.endpoints?.push(...list);
      else wanted.set(key, slice);
    }
  }
  return difference(wanted, existing);
}

function difference(wanted: Map<string, EndpointSlice>, existing: readonly EndpointSlice[]): MirrorPlan {
  const plan: MirrorPlan = { create: [], update: [], delete: [] };
  for (const slice of existing) {
    const key = groupKey(slice.addressType, slice.ports);
    const next = wanted.get(key);
    wanted.delete(key);
    if (!next) plan.delete.push(slice);
    else if (
      !sameWhenWritten(slice.endpoints, next.endpoints) ||
      !deepEqual(slice.metadata.labels, next.metadata.labels)
    ) {
      const { labels, annotations } = next.metadata;
      plan.update.push({ ...slice, metadata: { ...slice.metadata, labels, annotations }, endpoints: next.endpoints });
    }
  }
  plan.create.push(...wanted.values());
  return plan;
}

function endpointsOf({ addresses = [], notReadyAddresses = [] }: EndpointSubset, family: string): Endpoint[] {
  const ofFamily = ({ ip }: EndpointAddress) => ip.includes(":") === (family === "IPv6");
  const ready = addresses.filter(ofFamily).map((address) => endpointOf(address, true));
  const notReady = notReadyAddresses.filter(ofFamily).map((address) => endpointOf(address, false));
  return [...ready, ...notReady].slice(0, MOST);
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(targetRef ? { targetRef } : {}),
  };
}

function sliceOf(endpoints: Endpoints, family: string, subset: EndpointSubset, list: Endpoint[]): EndpointSlice {
  const { name = "", namespace, labels, annotations = {} } = endpoints.metadata;
  const { [LAST_APPLIED]: _, ...handedOn } = annotations;
  return {
    apiVersion: EndpointSlice.apiVersion,
    kind: EndpointSlice.kind,
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, [SERVICE_NAME]: name, [MANAGED_BY]: MIRRORING },
      annotations: handedOn,
      ownerReferences: [controllerReference(Endpoints, endpoints)],
    },
    addressType: family,
    endpoints: list,
    ports: (subset.ports ?? []).map(({ name: portName = "", port, protocol = "TCP", appProtocol }) => ({
      name: portName,
      port,
      protocol,
      ...(appProtocol === undefined ? {} : { appProtocol }),
    })),
  } as EndpointSlice;
}
