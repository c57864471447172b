import type { Pod, Toleration } from "../../api/core/v1/index.ts";
import type { AdmissionPlugin } from "./chain.ts";

const SECONDS = 300;
const TAINTS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

function tolerates({ key, effect }: Toleration, taint: string): boolean {
  return (key === taint || !key) && (effect === "NoExecute" || !effect);
}

/** A Pod stays five minutes on a node that has fallen silent, unless it says otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  handles: ({ resource, subresource, operation }) =>
    resource.kind.resource === "pods" && subresource === "" && operation !== "DELETE",
  mutate(_write, object) {
    const { spec } = object as Pod;
    for (const key of TAINTS) {
      if (spec.tolerations?.some((toleration) => tolerates(toleration, key))) continue;
      spec.tolerations = [
        ...(spec.tolerations ?? []),
        { key, operator: "Exists", effect: "NoExecute", tolerationSeconds: SECONDS },
      ];
    }
  },
};
