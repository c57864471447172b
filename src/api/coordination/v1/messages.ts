import { type Infer, int32, message, microTime, string } from "../../../apimachinery/schema.ts";

export const LeaseSpec = message(
  "io.k8s.api.coordination.v1.LeaseSpec",
  {
    holderIdentity: string(1).optional.doc("Who holds the lease."),
    leaseDurationSeconds: int32(2).optional.doc("How long after renewTime others must wait before they take it over."),
    acquireTime: microTime(3).optional.doc("When the holder got it."),
    renewTime: microTime(4).optional.doc("When the holder last renewed it."),
    leaseTransitions: int32(5).optional.doc("How often it changed hands."),
    strategy: string(6)
      .named("CoordinatedLeaseStrategy")
      .optional.doc("How the holder is chosen, if that is coordinated by the control plane."),
    preferredHolder: string(7).optional.doc("Who should hold it next. Only together with a strategy."),
  },
  { doc: "Who holds a lease, and until when." },
);
export interface LeaseSpec extends Infer<typeof LeaseSpec> {}
