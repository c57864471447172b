import type { Node } from "../../api/core/v1/index.ts";
import type { AdmissionPlugin } from "./chain.ts";

const NOT_READY = "node.kubernetes.io/not-ready";

/** A new node takes no Pods until the node lifecycle controller has seen it ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: "TaintNodesByCondition",
  handles: ({ resource, operation, subresource }) =>
    resource.kind.resource === "nodes" && subresource === "" && operation === "CREATE",
  mutate(_write, object) {
    const { spec } = object as Node;
    if (spec.taints?.some(({ key, effect }) => key === NOT_READY && effect === "NoSchedule")) return;
    spec.taints = [...(spec.taints ?? []), { key: NOT_READY, effect: "NoSchedule" }];
  },
};
