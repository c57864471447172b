import { type Pod, type Taint, tolerates } from "../../api/core/v1/index.ts";
import { taintsChanged } from "../clusterEvents.ts";
import { normalize, type Plugin, type Refusal } from "../framework.ts";

const UNTOLERATED: Refusal = {
  plugin: "TaintToleration",
  reasons: ["node(s) had untolerated taint(s)"],
  isFinal: true,
};

/** Whether the Pod bears all taints that keep Pods away. */
export function bears({ spec }: Pod, taints: readonly Taint[]): boolean {
  return taints.every(
    (taint) =>
      (taint.effect !== "NoSchedule" && taint.effect !== "NoExecute") ||
      spec.tolerations?.some((toleration) => tolerates(toleration, taint)),
  );
}

export const taintToleration: Plugin = {
  name: "TaintToleration",
  filter({ pod }, { table }) {
    if (!table.hasHardTaints) return undefined;
    return {
      refuse(slot) {
        const taints = table.hardTaints(slot);
        return taints.length === 0 || bears(pod, taints) ? undefined : UNTOLERATED;
      },
    };
  },
  score({ pod }, { table }) {
    if (!table.hasSoftTaints) return undefined;
    const tolerations = (pod.spec.tolerations ?? []).filter((t) => !t.effect || t.effect === "PreferNoSchedule");
    const isDisliked = (taint: Taint) => !tolerations.some((toleration) => tolerates(toleration, taint));
    return (slots, out) => {
      for (let i = 0; i < slots.length; i++) out[i] = table.softTaints(slots[i]!).filter(isDisliked).length;
      normalize(out, true);
    };
  },
  hint: (pod, event) => event.resource === "Node" && taintsChanged(event) && bears(pod, event.new!.spec.taints ?? []),
};
