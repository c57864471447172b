/** What is outside a LimitRange's bounds, in Kubernetes' words. */
import {
  type Amounts,
  type LimitRange,
  type LimitRangeItem,
  type PersistentVolumeClaim,
  type Pod,
  parseAmounts,
  podLimits,
  podRequests,
} from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { Quantity } from "../../apimachinery/quantity.ts";

/** What is asked for, and what may be used at most. */
interface Asked {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** One bound of one resource, and what the object says of that resource. */
interface Bound {
  readonly type: string;
  readonly resource: string;
  readonly bound: Quantity;
  readonly request: Quantity | undefined;
  readonly limit: Quantity | undefined;
}

export function violations(
  { spec }: LimitRange,
  kind: Pick<Kind, "resource">,
  object: Pod | PersistentVolumeClaim,
): string[] {
  return (spec.limits ?? []).flatMap((item) => {
    if (kind.resource === "pods") return ofPod(item, object as Pod);
    return item.type === "PersistentVolumeClaim" ? ofClaim(item, object as PersistentVolumeClaim) : [];
  });
}

function ofPod(item: LimitRangeItem, { spec }: Pod): string[] {
  if (item.type === "Pod") return check(item, { requests: podRequests(spec), limits: podLimits(spec) }, belowMost);
  if (item.type !== "Container") return [];
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ resources }) => {
    const asked = { requests: parseAmounts(resources?.requests), limits: parseAmounts(resources?.limits) };
    return check(item, asked, belowMost);
  });
}

/** Claims have no limits: what they ask for is what is bounded. */
function ofClaim(item: LimitRangeItem, { spec }: PersistentVolumeClaim): string[] {
  const { min, max } = item;
  return check(
    { type: item.type, min, max },
    { requests: parseAmounts(spec.resources?.requests), limits: {} },
    asksMost,
  );
}

type Check = (bound: Bound) => string | undefined;

function check(item: LimitRangeItem, { requests, limits }: Asked, most: Check): string[] {
  const lists: [list: LimitRangeItem["max"], check: Check][] = [
    [item.min, aboveLeast],
    [item.max, most],
    [item.maxLimitRequestRatio, withinRatio],
  ];
  return lists.flatMap(([list, judge]) =>
    Object.entries(parseAmounts(list))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([resource, bound]) => {
        const { type } = item;
        return judge({ type, resource, bound, request: requests[resource], limit: limits[resource] }) ?? [];
      }),
  );
}

function aboveLeast({ type, resource, bound, request, limit }: Bound): string | undefined {
  const rule = `minimum ${resource} usage per ${type} is ${bound}`;
  if (!request) return `${rule}.  No request is specified`;
  if (request.compare(bound) < 0) return `${rule}, but request is ${request}`;
  return limit && limit.compare(bound) < 0 ? `${rule}, but limit is ${limit}` : undefined;
}

const mostRule = ({ type, resource, bound }: Bound) => `maximum ${resource} usage per ${type} is ${bound}`;

function belowMost(asked: Bound): string | undefined {
  const { bound, request, limit } = asked;
  if (!limit) return `${mostRule(asked)}.  No limit is specified`;
  if (limit.compare(bound) > 0) return `${mostRule(asked)}, but limit is ${limit}`;
  return request && request.compare(bound) > 0 ? `${mostRule(asked)}, but request is ${request}` : undefined;
}

function asksMost(asked: Bound): string | undefined {
  const { bound, request } = asked;
  if (!request) return `${mostRule(asked)}.  No request is specified`;
  return request.compare(bound) > 0 ? `${mostRule(asked)}, but request is ${request}` : undefined;
}

function withinRatio({ type, resource, bound, request, limit }: Bound): string | undefined {
  const rule = `${resource} max limit to request ratio per ${type} is ${bound}`;
  if (!request || request.isZero()) return `${rule}, but no request is specified or request is 0`;
  if (!limit || limit.isZero()) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = limit.toNumber() / request.toNumber();
  return ratio > bound.toNumber() ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}
