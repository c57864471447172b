import { tolerates } from "../../api/core/v1/index.ts";
import { isNew, taintsChanged } from "../clusterEvents.ts";
import type { Plugin, Refusal } from "../framework.ts";

const UNSCHEDULABLE: Refusal = {
  plugin: "NodeUnschedulable",
  reasons: ["node(s) were unschedulable"],
  isFinal: true,
};
const TAINT = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

export const nodeUnschedulable: Plugin = {
  name: "NodeUnschedulable",
  filter({ pod }, { table }) {
    if (!table.hasUnschedulable) return undefined;
    let tolerated: boolean | undefined;
    return {
      refuse(slot) {
        if (!table.isUnschedulable(slot)) return undefined;
        tolerated ??= pod.spec.tolerations?.some((toleration) => tolerates(toleration, TAINT)) ?? false;
        return tolerated ? undefined : UNSCHEDULABLE;
      },
    };
  },
  hint: (_, event) => event.resource === "Node" && taintsChanged(event) && !event.new!.spec.unschedulable,
};

const OTHER_NAME: Refusal = {
  plugin: "NodeName",
  reasons: ["node(s) didn't match the requested node name"],
  isFinal: true,
};

export const nodeName: Plugin = {
  name: "NodeName",
  filter({ pod }, { table }) {
    const wanted = pod.spec.nodeName;
    if (!wanted) return undefined;
    return { refuse: (slot) => (table.nameOf(slot) === wanted ? undefined : OTHER_NAME) };
  },
  hint: (pod, event) => event.resource === "Node" && isNew(event) && event.new!.metadata.name === pod.spec.nodeName,
};
