import { LabelSelector } from "../../../apimachinery/meta.ts";
import { type Infer, int32, intOrString, list, message, string, struct } from "../../../apimachinery/schema.ts";

export const NetworkPolicyPort = message("io.k8s.api.networking.v1.NetworkPolicyPort", {
  protocol: string(1),
  port: intOrString(2).optional,
  endPort: int32(3).optional,
});
export interface NetworkPolicyPort extends Infer<typeof NetworkPolicyPort> {}

export const IPBlock = message("io.k8s.api.networking.v1.IPBlock", {
  cidr: string(1).always.required,
  except: list(2, "string").atomicList,
});
export interface IPBlock extends Infer<typeof IPBlock> {}

export const NetworkPolicyPeer = message("io.k8s.api.networking.v1.NetworkPolicyPeer", {
  podSelector: struct(1, LabelSelector).optional,
  namespaceSelector: struct(2, LabelSelector).optional,
  ipBlock: struct(3, IPBlock).optional,
});
export interface NetworkPolicyPeer extends Infer<typeof NetworkPolicyPeer> {}

export const NetworkPolicyEgressRule = message("io.k8s.api.networking.v1.NetworkPolicyEgressRule", {
  ports: list(1, NetworkPolicyPort).atomicList,
  to: list(2, NetworkPolicyPeer).atomicList,
});
export interface NetworkPolicyEgressRule extends Infer<typeof NetworkPolicyEgressRule> {}

export const NetworkPolicyIngressRule = message("io.k8s.api.networking.v1.NetworkPolicyIngressRule", {
  ports: list(1, NetworkPolicyPort).atomicList,
  from: list(2, NetworkPolicyPeer).atomicList,
});
export interface NetworkPolicyIngressRule extends Infer<typeof NetworkPolicyIngressRule> {}

export const NetworkPolicySpec = message("io.k8s.api.networking.v1.NetworkPolicySpec", {
  podSelector: struct(1, LabelSelector).optional,
  ingress: list(2, NetworkPolicyIngressRule).atomicList,
  egress: list(3, NetworkPolicyEgressRule).atomicList,
  policyTypes: list(4, "string").atomicList,
});
export interface NetworkPolicySpec extends Infer<typeof NetworkPolicySpec> {}
