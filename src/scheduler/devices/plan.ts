import type { Node, Pod } from "../../api/core/v1/index.ts";
import { nodeSelectorTermMatches } from "../../api/core/v1/index.ts";
import { isReservedFor, MOST_CONSUMERS, type ResourceClaim } from "../../api/resource/v1/index.ts";
import { CelError } from "../../apimachinery/cel/environment.ts";
import { allocate, type Pick } from "./allocate.ts";
import { alternativesOf, ClaimError } from "./requests.ts";
import { claimsOf, type DeviceView } from "./view.ts";

/** The claims of a Pod: those that have devices, and those that are to get them. */
export interface DeviceDemand {
  readonly allocated: readonly ResourceClaim[];
  readonly pending: readonly ResourceClaim[];
}

/** What a Pod asks for; a text says why it can be served nowhere, undefined that it asks for nothing. */
export function demandOf(pod: Pod, view: DeviceView): DeviceDemand | string | undefined {
  const found = claimsOf(pod, view);
  if (!found) return undefined;
  if ("problem" in found) return found.problem;
  const allocated = found.claims.filter((claim) => view.allocationOf(claim));
  const pending = found.claims.filter((claim) => !view.allocationOf(claim));
  return problemOf(pod, { allocated, pending }, view) ?? { allocated, pending };
}

function problemOf(pod: Pod, { allocated, pending }: DeviceDemand, view: DeviceView): string | undefined {
  const full = allocated.some(
    (claim) => (claim.status.reservedFor?.length ?? 0) >= MOST_CONSUMERS && !isReservedFor(claim, pod),
  );
  if (full) return "resourceclaim in use";
  try {
    const alternatives = pending.flatMap((claim) =>
      claim.spec.devices.requests.flatMap((request) => alternativesOf(claim, request, view.classOf)),
    );
    const admin = alternatives.find(({ isAdmin }) => isAdmin);
    if (!admin || view.allowsAdmin(pod.metadata.namespace!)) return undefined;
    return `claim ${admin.claim.metadata.name}: admin access is not allowed in namespace ${pod.metadata.namespace}`;
  } catch (error) {
    if (error instanceof ClaimError) return error.message;
    throw error;
  }
}

/** Whether the devices that claims have can be used from a node. */
export function isWithinReach({ allocated }: DeviceDemand, node: Node, view: DeviceView): boolean {
  return allocated.every((claim) => {
    const selector = view.allocationOf(claim)?.nodeSelector;
    return !selector || selector.nodeSelectorTerms.some((term) => nodeSelectorTermMatches(term, node));
  });
}

/** Devices for the claims that have none, for a Pod on this node; undefined: not enough; a text: it cannot be told. */
export function planDevices({ pending }: DeviceDemand, node: Node, view: DeviceView): Pick[] | string | undefined {
  if (pending.length === 0) return [];
  const devices = view.inventory.usableFrom(node);
  try {
    return allocate({ claims: pending, devices, taken: view.taken, classOf: view.classOf });
  } catch (error) {
    if (error instanceof ClaimError || error instanceof CelError) return error.message;
    throw error;
  }
}
