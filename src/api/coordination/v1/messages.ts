import { type Infer, int32, message, microTime, string } from "../../../apimachinery/schema.ts";

export const LeaseSpec = message("io.k8s.api.coordination.v1.LeaseSpec", {
  holderIdentity: string(1).optional,
  leaseDurationSeconds: int32(2).optional,
  acquireTime: microTime(3).optional,
  renewTime: microTime(4).optional,
  leaseTransitions: int32(5).optional,
  strategy: string(6),
  preferredHolder: string(7).optional,
});
export interface LeaseSpec extends Infer<typeof LeaseSpec> {}
