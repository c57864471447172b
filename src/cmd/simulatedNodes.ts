import { readFile } from "node:fs/promises";
import type { Pod } from "../api/core/v1/index.ts";
import {
  behaviourByRules,
  fleet,
  followRules,
  LARGEST_FLEET,
  type PodBehaviour,
  parseDelay,
  parseRules,
  runSimulatedNodes,
} from "../simulation/index.ts";
import { FlagError, type FlagValues, pairs } from "./flags.ts";
import { processCommand, runTogether } from "./process.ts";
import { connect, KUBECONFIG_FLAG } from "./remote.ts";

const FLAGS = {
  ...KUBECONFIG_FLAG,
  count: { description: "how many nodes", required: true },
  "name-prefix": { description: "before each node's number", default: "simulated" },
  capacity: { description: "what each has, such as cpu=4,memory=16Gi,pods=110" },
  "node-labels": { description: "labels of the nodes, as key=value,…" },
  zones: { description: "over how many zones they are spread; 0: none", default: "0" },
  "start-delay": { description: "from being bound to running", default: "0s" },
  "ready-delay": { description: "from running to ready", default: "0s" },
  "stop-delay": { description: "from being deleted to being gone", default: "0s" },
  rules: { description: "file of rules for certain Pods (src/simulation/rules.ts)" },
} as const;

type Values = FlagValues<typeof FLAGS>;

/** Nodes that only pretend, in one process: they need neither containers nor root. */
export const main = processCommand("simulated-nodes", "nodes that only pretend", FLAGS, async (flags, context) => {
  const behaviour = await behaviourFor(flags);
  const nodes = fleet({
    count: whole(flags.count, "count", LARGEST_FLEET),
    prefix: flags["name-prefix"],
    capacity: flags.capacity ? pairs(flags.capacity, "capacity") : undefined,
    labels: pairs(flags["node-labels"], "node-labels"),
    zones: whole(flags.zones, "zones", LARGEST_FLEET),
  });
  const connected = await connect(flags.kubeconfig, "simulated-nodes", context);
  const live = followRules(connected.informers, connected.logger);
  const byPod = (pod: Pod) => ({ ...behaviour(pod), ...behaviourByRules(live.rules, pod) });
  const names = new Set(nodes.map(({ name }) => name));
  const isLeftOver = (name: string) => /^(.*)-\d+$/.exec(name)?.[1] === flags["name-prefix"] && !names.has(name);
  await runTogether(context.signal, {
    informers: (ending) => connected.informers.run(ending),
    nodes: (ending) => runSimulatedNodes({ ...connected, nodes, behaviour: byPod, isLeftOver }, ending),
  });
});

async function behaviourFor(flags: Values): Promise<(pod: Pod) => Partial<PodBehaviour>> {
  const general = {
    startDelay: delay(flags, "start-delay"),
    readyDelay: delay(flags, "ready-delay"),
    stopDelay: delay(flags, "stop-delay"),
  };
  const rules = flags.rules ? parseRules(await readFile(flags.rules, "utf8")) : [];
  return (pod) => ({ ...general, ...behaviourByRules(rules, pod) });
}

function delay(flags: Values, name: "start-delay" | "ready-delay" | "stop-delay"): number {
  try {
    return parseDelay(flags[name]);
  } catch (error) {
    throw new FlagError(`--${name}: ${(error as Error).message}`);
  }
}

function whole(text: string, name: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most) throw new FlagError(`--${name}: "${text}" is no number from 0 to ${most}`);
  return value;
}
