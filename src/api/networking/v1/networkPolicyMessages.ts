import { LabelSelector } from "../../../apimachinery/meta.ts";
import { type Infer, int32, intOrString, list, message, string, struct } from "../../../apimachinery/schema.ts";

export const NetworkPolicyPort = message(
  "io.k8s.api.networking.v1.NetworkPolicyPort",
  {
    protocol: string(1).named("Protocol").optional.doc("TCP (default), UDP or SCTP."),
    port: intOrString(2).optional.doc("A port by number, or by the name of a container's port. Absent: every port."),
    endPort: int32(3).optional.doc("The last port of a range that begins with port."),
  },
  { doc: "Ports of Pods or of other peers." },
);
export interface NetworkPolicyPort extends Infer<typeof NetworkPolicyPort> {}

export const IPBlock = message(
  "io.k8s.api.networking.v1.IPBlock",
  {
    cidr: string(1).always.required.doc("A range, such as 192.168.1.0/24 or 2001:db8::/64."),
    except: list(2, "string").atomicList.doc("Parts of that range that are not meant."),
  },
  { doc: "A range of addresses with holes." },
);
export interface IPBlock extends Infer<typeof IPBlock> {}

export const NetworkPolicyPeer = message(
  "io.k8s.api.networking.v1.NetworkPolicyPeer",
  {
    podSelector: struct(1, LabelSelector).optional.doc(
      "Pods by label, in the policy's namespace or, together with namespaceSelector, in those that it selects.",
    ),
    namespaceSelector: struct(2, LabelSelector).optional.doc("Namespaces by label: all their Pods, or those selected."),
    ipBlock: struct(3, IPBlock).optional.doc("Addresses by range; excludes both selectors."),
  },
  { doc: "Whom a rule lets through." },
);
export interface NetworkPolicyPeer extends Infer<typeof NetworkPolicyPeer> {}

export const NetworkPolicyEgressRule = message(
  "io.k8s.api.networking.v1.NetworkPolicyEgressRule",
  {
    ports: list(1, NetworkPolicyPort).atomicList.doc("To which ports. Empty: to every port."),
    to: list(2, NetworkPolicyPeer).atomicList.doc("To whom. Empty: to everyone."),
  },
  { doc: "What selected Pods may reach: a destination that both lists name." },
);
export interface NetworkPolicyEgressRule extends Infer<typeof NetworkPolicyEgressRule> {}

export const NetworkPolicyIngressRule = message(
  "io.k8s.api.networking.v1.NetworkPolicyIngressRule",
  {
    ports: list(1, NetworkPolicyPort).atomicList.doc("At which ports. Empty: at every port."),
    from: list(2, NetworkPolicyPeer).atomicList.doc("From whom. Empty: from everyone."),
  },
  { doc: "What may reach selected Pods: a source and a port that both lists name." },
);
export interface NetworkPolicyIngressRule extends Infer<typeof NetworkPolicyIngressRule> {}

export const NetworkPolicySpec = message(
  "io.k8s.api.networking.v1.NetworkPolicySpec",
  {
    podSelector: struct(1, LabelSelector).doc("To which Pods of its namespace the policy applies. Empty: to all."),
    ingress: list(2, NetworkPolicyIngressRule).atomicList.doc("What may reach them: whatever one of the rules allows."),
    egress: list(3, NetworkPolicyEgressRule).atomicList.doc("What they may reach: whatever one of the rules allows."),
    policyTypes: list(4, "string")
      .named("PolicyType")
      .atomicList.doc(
        "Ingress, Egress or both: which direction is restricted to what the rules allow. By default Ingress, and Egress if there are rules for it.",
      ),
  },
  { doc: "Who may talk to some Pods, and to whom they may." },
);
export interface NetworkPolicySpec extends Infer<typeof NetworkPolicySpec> {}
