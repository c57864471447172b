import type { DeviceClaim, DeviceSubRequest, ExactDeviceRequest } from "./claims.ts";

/** One device each, unless all are wanted. */
function fillRequested(request: ExactDeviceRequest | DeviceSubRequest): void {
  request.allocationMode ||= "ExactCount";
  if (request.allocationMode === "ExactCount" && !request.count) request.count = 1;
  for (const toleration of request.tolerations ?? []) toleration.operator ||= "Equal";
}

export function fillDeviceClaim({ requests }: DeviceClaim): void {
  for (const { exactly, firstAvailable = [] } of requests ?? []) {
    if (exactly) fillRequested(exactly);
    firstAvailable.forEach(fillRequested);
  }
}

/** As Kubernetes shows a specification that may not change: with the names of its internal type. */
export function shownClaim({ requests, constraints, config }: DeviceClaim): unknown {
  return {
    Requests:
      requests?.map(({ name, exactly, firstAvailable }) => ({
        Name: name,
        Exactly: exactly ? { ...shownRequested(exactly, true) } : null,
        FirstAvailable: firstAvailable?.map((sub) => ({ Name: sub.name, ...shownRequested(sub, false) })) ?? null,
      })) ?? null,
    Constraints:
      constraints?.map((it) => ({
        Requests: it.requests ?? null,
        MatchAttribute: it.matchAttribute ?? null,
        DistinctAttribute: it.distinctAttribute ?? null,
      })) ?? null,
    Config:
      config?.map(({ requests, opaque }) => ({
        Requests: requests ?? null,
        Opaque: opaque ? { Driver: opaque.driver, Parameters: opaque.parameters } : null,
      })) ?? null,
  };
}

const shownRequested = (it: ExactDeviceRequest & Partial<DeviceSubRequest>, whole: boolean) => ({
  DeviceClassName: it.deviceClassName,
  Selectors: it.selectors?.map(({ cel }) => ({ CEL: cel ? { Expression: cel.expression } : null })) ?? null,
  AllocationMode: it.allocationMode ?? "",
  Count: it.count ?? 0,
  ...(whole ? { AdminAccess: it.adminAccess ?? null } : {}),
  Tolerations: it.tolerations ?? null,
  Capacity: it.capacity ? { Requests: it.capacity.requests ?? null } : null,
});
