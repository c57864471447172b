import type { Plugin } from "../framework.ts";

/** A Pod with gates waits until somebody takes the last one away. */
export const schedulingGates: Plugin = {
  name: "SchedulingGates",
  gate({ spec }) {
    const gates = spec.schedulingGates ?? [];
    if (gates.length === 0) return undefined;
    return `waiting for scheduling gates: [${gates.map(({ name }) => name).join(" ")}]`;
  },
};
