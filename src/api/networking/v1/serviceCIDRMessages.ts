import { Condition } from "../../../apimachinery/meta.ts";
import { type Infer, list, message } from "../../../apimachinery/schema.ts";

export const ServiceCIDRSpec = message("io.k8s.api.networking.v1.ServiceCIDRSpec", {
  cidrs: list(1, "string").atomicList,
});
export interface ServiceCIDRSpec extends Infer<typeof ServiceCIDRSpec> {}

export const ServiceCIDRStatus = message("io.k8s.api.networking.v1.ServiceCIDRStatus", {
  conditions: list(1, Condition).listMap("type").merge("type"),
});
export interface ServiceCIDRStatus extends Infer<typeof ServiceCIDRStatus> {}
