import { Condition } from "../../../apimachinery/meta.ts";
import { type Infer, list, message } from "../../../apimachinery/schema.ts";

export const ServiceCIDRSpec = message(
  "io.k8s.api.networking.v1.ServiceCIDRSpec",
  { cidrs: list(1, "string").atomicList.doc("The ranges, at most one for each IP family. Cannot be changed.") },
  { doc: "Which addresses Services may have." },
);
export interface ServiceCIDRSpec extends Infer<typeof ServiceCIDRSpec> {}

export const ServiceCIDRStatus = message(
  "io.k8s.api.networking.v1.ServiceCIDRStatus",
  {
    conditions: list(1, Condition)
      .listMap("type")
      .merge("type")
      .doc("Ready: whether Services are given addresses of these ranges."),
  },
  { doc: "Whether ranges are in use." },
);
export interface ServiceCIDRStatus extends Infer<typeof ServiceCIDRStatus> {}
