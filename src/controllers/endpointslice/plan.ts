import { Service } from "../../api/core/v1/index.ts";
import { type Endpoint, type EndpointPort, EndpointSlice } from "../../api/discovery/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { isHeadless } from "../endpoints/addresses.ts";
import { HEADLESS } from "../endpoints/plan.ts";
import { controllerReference } from "../ownership.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { type EndpointGroup, families, groupKey } from "./desired.ts";

export const SERVICE_NAME = "kubernetes.io/service-name";
export const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
export const CONTROLLER = "endpointslice-controller.k8s.io";
/** Slices stay small, so that one changed endpoint costs little to tell. */
export const MOST = 100;

export interface SlicePlan {
  create: EndpointSlice[];
  update: EndpointSlice[];
  delete: EndpointSlice[];
}

/**
 * The fewest writes that make the slices say what is desired: endpoints stay in the slice they are in, what is new fills
 * slices that are written anyway, then the fullest that has room, then new ones.
 */
export function planSlices(
  service: Service,
  existing: readonly EndpointSlice[],
  desired: readonly EndpointGroup[],
): SlicePlan {
  const groups = withPlaceholder(service, desired);
  const plan: SlicePlan = { create: [], update: [], delete: [] };
  const keys = new Set(groups.map((group) => groupKey(group.family, group.ports)));
  plan.delete.push(...existing.filter((slice) => !keys.has(groupKey(slice.addressType, slice.ports))));
  for (const group of groups) {
    const key = groupKey(group.family, group.ports);
    const slices = existing.filter((slice) => groupKey(slice.addressType, slice.ports) === key);
    planGroup(service, group, slices, plan);
  }
  return plan;
}

/** A Service without endpoints has an empty slice for each family, which says that someone has looked. */
function withPlaceholder(service: Service, desired: readonly EndpointGroup[]): EndpointGroup[] {
  const missing = families(service).filter((family) => !desired.some((group) => group.family === family));
  return [...desired, ...missing.map((family) => ({ family, ports: [], endpoints: [] }))];
}

interface Draft {
  slice: EndpointSlice;
  endpoints: Endpoint[];
  changed: boolean;
}

const identity = (endpoint: Endpoint): string => `${endpoint.targetRef?.uid ?? ""}/${endpoint.addresses[0] ?? ""}`;

function planGroup(service: Service, group: EndpointGroup, slices: EndpointSlice[], plan: SlicePlan): void {
  const wanted = new Map(group.endpoints.map((endpoint) => [identity(endpoint), endpoint]));
  const drafts = slices.map((slice) => keepIn(service, slice, wanted));
  const left = [...wanted.values()];
  fill(drafts, left);
  const chunks = Math.ceil(left.length / MOST) || (drafts.length === 0 ? 1 : 0);
  for (let i = 0; i < chunks; i++) {
    plan.create.push(newSlice(service, group, left.slice(i * MOST, (i + 1) * MOST)));
  }
  dropEmpty(drafts, plan, chunks > 0, labelsOf(service));
}

/** What of `wanted` the slice holds already stays there; it is taken out of `wanted`. */
function keepIn(service: Service, slice: EndpointSlice, wanted: Map<string, Endpoint>): Draft {
  const endpoints: Endpoint[] = [];
  let changed = !deepEqual(slice.metadata.labels, labelsOf(service));
  for (const endpoint of slice.endpoints ?? []) {
    const id = identity(endpoint);
    const now = wanted.get(id);
    wanted.delete(id);
    if (now) endpoints.push(now);
    if (!now || !sameEndpoint(now, endpoint)) changed = true;
  }
  return { slice, endpoints, changed };
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return sameWhenWritten(a, b);
}

/** Takes endpoints from `left` into slices with room; those that are written anyway first. */
function fill(drafts: Draft[], left: Endpoint[]): void {
  const order = [...drafts].sort(
    (a, b) => Number(b.changed) - Number(a.changed) || b.endpoints.length - a.endpoints.length,
  );
  for (const draft of order) {
    if (left.length === 0) return;
    // A slice that need not be written is taken only when everything left fits: else a new one is as cheap.
    const room = MOST - draft.endpoints.length;
    if (room <= 0 || (!draft.changed && room < left.length)) continue;
    draft.endpoints.push(...left.splice(0, room));
    draft.changed = true;
  }
}

/** Writes what changed; empty slices go, but the last of a group stays as its placeholder. */
function dropEmpty(drafts: Draft[], plan: SlicePlan, hasOthers: boolean, labels: Record<string, string>): void {
  let kept = hasOthers || drafts.some((draft) => draft.endpoints.length > 0);
  for (const { slice, endpoints, changed } of drafts) {
    if (endpoints.length === 0 && kept) {
      plan.delete.push(slice);
      continue;
    }
    kept = true;
    if (changed) plan.update.push({ ...slice, metadata: { ...slice.metadata, labels }, endpoints });
  }
}

export function labelsOf(service: Service): Record<string, string> {
  const { [HEADLESS]: _, ...labels } = service.metadata.labels ?? {};
  return {
    ...labels,
    ...(isHeadless(service) ? { [HEADLESS]: "" } : {}),
    [SERVICE_NAME]: service.metadata.name ?? "",
    [MANAGED_BY]: CONTROLLER,
  };
}

function newSlice(service: Service, group: EndpointGroup, endpoints: Endpoint[]): EndpointSlice {
  return {
    apiVersion: EndpointSlice.apiVersion,
    kind: EndpointSlice.kind,
    metadata: {
      generateName: `${service.metadata.name}-`,
      namespace: service.metadata.namespace,
      labels: labelsOf(service),
      ownerReferences: [controllerReference(Service, service)],
    },
    addressType: group.family,
    endpoints,
    ports: group.ports as EndpointPort[],
  } as EndpointSlice;
}
