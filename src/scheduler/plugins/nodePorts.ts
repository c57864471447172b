import { isGone, isNew } from "../clusterEvents.ts";
import type { Plugin, Refusal } from "../framework.ts";
import { factsOf } from "../podFacts.ts";

const TAKEN: Refusal = {
  plugin: "NodePorts",
  reasons: ["node(s) didn't have free ports for the requested pod ports"],
  isFinal: false,
};

export const nodePorts: Plugin = {
  name: "NodePorts",
  filter({ hostPorts }, { table }) {
    if (hostPorts.length === 0) return undefined;
    return { refuse: (slot) => (hostPorts.some((port) => table.portTaken(slot, port)) ? TAKEN : undefined) };
  },
  hint(pod, event) {
    if (event.resource === "Node") return isNew(event);
    if (event.resource !== "AssignedPod" || !isGone(event)) return false;
    const freed = factsOf(event.old!).hostPorts;
    return factsOf(pod).hostPorts.some((wanted) => freed.some(({ port }) => port === wanted.port));
  },
};
