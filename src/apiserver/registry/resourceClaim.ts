import type { ResourceClaim, ResourceSlice } from "../../api/resource/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Strategy } from "./resource.ts";

/** A claim is made with nothing allocated, whatever its writer says. */
export const resourceClaimStrategy: Strategy<ResourceClaim> = {
  answersDeleted: true,
  prepareCreate(claim) {
    claim.status = {};
  },
};

/** A taint says since when it is there. */
function stampTaints({ spec }: ResourceSlice, now: number): void {
  for (const { taints = [] } of spec.devices ?? []) {
    for (const taint of taints) taint.timeAdded ??= formatTime(now);
  }
}

export const resourceSliceStrategy: Strategy<ResourceSlice> = {
  answersDeleted: true,
  prepareCreate: (slice, { now }) => stampTaints(slice, now),
  prepareUpdate: (slice, _old, { now }) => stampTaints(slice, now),
};
