import type { Node, NodeSelector } from "../../api/core/v1/index.ts";
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  ResourceClaim,
} from "../../api/resource/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Random } from "../../util/random.ts";
import type { Pick } from "./allocate.ts";
import { reachOf } from "./inventory.ts";

/** What was chosen for one claim, as its status says it. */
export function allocationOf(
  claim: ResourceClaim,
  picks: readonly Pick[],
  context: { node: Node; now: number; random: Random },
): AllocationResult {
  const own = picks.filter(({ alternative }) => alternative.claim === claim);
  const config = configOf(claim, own);
  const nodeSelector = selectorOf(own, context.node);
  return {
    devices: {
      results: own.map((pick) => resultOf(pick, context.random)),
      ...(config.length > 0 && { config }),
    },
    ...(nodeSelector && { nodeSelector }),
    allocationTimestamp: formatTime(context.now),
  };
}

function resultOf({ alternative, device, shares }: Pick, random: Random): DeviceRequestAllocationResult {
  const { wants, name, isAdmin } = alternative;
  const { bindingConditions, bindingFailureConditions } = device.device;
  return {
    request: name,
    driver: device.pool.driver,
    pool: device.pool.name,
    device: device.device.name,
    ...(isAdmin && { adminAccess: true }),
    ...(wants.tolerations && { tolerations: wants.tolerations }),
    ...(bindingConditions && { bindingConditions }),
    ...(bindingFailureConditions && { bindingFailureConditions }),
    ...(shares && { shareID: random.uuid(), consumedCapacity: shares }),
  };
}

/** First what the classes say, request by request, then what the claim says: later ones win. */
function configOf(claim: ResourceClaim, picks: readonly Pick[]): DeviceAllocationConfiguration[] {
  const chosen = [...new Map(picks.map(({ alternative }) => [alternative.name, alternative])).values()];
  const fromClasses = chosen.flatMap(({ name, class: { spec } }) =>
    (spec.config ?? []).map(({ opaque }) => ({ source: "FromClass", requests: [name], ...(opaque && { opaque }) })),
  );
  const names = new Set(chosen.flatMap(({ name, request }) => [name, request]));
  const fromClaim = (claim.spec.devices.config ?? [])
    .filter(({ requests = [] }) => requests.length === 0 || requests.some((one) => names.has(one)))
    .map((one) => ({ source: "FromClaim", ...one }));
  return [...fromClasses, ...fromClaim];
}

/** From which nodes the devices can be used: the one that has them, or those that all their selectors pick. */
function selectorOf(picks: readonly Pick[], { metadata }: Node): NodeSelector | undefined {
  const reaches = picks.map(({ device }) => reachOf(device));
  if (reaches.some(({ nodeName }) => nodeName) || picks.some(({ device }) => device.device.bindsToNode)) {
    const matchFields = [{ key: "metadata.name", operator: "In", values: [metadata.name!] }];
    return { nodeSelectorTerms: [{ matchFields }] };
  }
  const selectors = reaches.flatMap(({ nodeSelector }) => (nodeSelector ? [nodeSelector] : []));
  if (selectors.length === 0) return undefined;
  // each selector of a slice has one term
  const terms = selectors.flatMap(({ nodeSelectorTerms }) => nodeSelectorTerms);
  const all = <T>(of: (term: (typeof terms)[number]) => readonly T[] | undefined) => [
    ...new Map(terms.flatMap((term) => of(term) ?? []).map((one) => [JSON.stringify(one), one])).values(),
  ];
  const matchExpressions = all((term) => term.matchExpressions);
  const matchFields = all((term) => term.matchFields);
  return {
    nodeSelectorTerms: [
      { ...(matchExpressions.length > 0 && { matchExpressions }), ...(matchFields.length > 0 && { matchFields }) },
    ],
  };
}
