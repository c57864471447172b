import { defineKind } from "../../../apimachinery/kind.ts";
import { Condition, ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { ServiceCIDR as Stored } from "../v1/serviceCIDR.ts";
import { asV1, asV1beta1 } from "./conversion.ts";

const ServiceCIDRSpec = message(
  "io.k8s.api.networking.v1beta1.ServiceCIDRSpec",
  { cidrs: list(1, "string").atomicList.doc("The ranges, at most one for each IP family. Cannot be changed.") },
  { doc: "Which addresses Services may have." },
);

const ServiceCIDRStatus = message(
  "io.k8s.api.networking.v1beta1.ServiceCIDRStatus",
  {
    conditions: list(1, Condition)
      .listMap("type")
      .merge("type")
      .doc("Ready: whether Services are given addresses of these ranges."),
  },
  { doc: "Whether ranges are in use." },
);

export const ServiceCIDRSchema = message(
  "io.k8s.api.networking.v1beta1.ServiceCIDR",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, ServiceCIDRSpec).doc("The ranges."),
    status: struct(3, ServiceCIDRStatus).doc("Whether they are in use."),
  },
  { doc: "Ranges for the cluster IPs of Services, as clients older than v1 know them." },
);
export interface ServiceCIDR extends Infer<typeof ServiceCIDRSchema> {}

export const ServiceCIDR = defineKind<ServiceCIDR>({
  ...(Stored as never as Parameters<typeof defineKind<ServiceCIDR>>[0]),
  version: "v1beta1",
  schema: ServiceCIDRSchema,
  storedAs: { kind: Stored as never, to: asV1, from: (stored) => asV1beta1(stored) as ServiceCIDR },
});
