import type { Ingress, ServiceCIDR } from "../../api/networking/v1/index.ts";
import type { Strategy } from "./resource.ts";

/** Keeps a ServiceCIDR until nobody holds an address of it. */
export const SERVICE_CIDR_FINALIZER = "networking.k8s.io/service-cidr-finalizer";

export const ingressStrategy: Strategy<Ingress> = {
  prepareCreate(ingress) {
    ingress.status = { loadBalancer: {} };
  },
};

export const serviceCIDRStrategy: Strategy<ServiceCIDR> = {
  prepareCreate(range) {
    range.status = {};
  },
};
