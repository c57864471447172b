import { parseDuration } from "../cli/print.ts";
import { type AutoscalerOptions, expanderNames, isExpander, runClusterAutoscaler } from "../cloud/autoscaler/index.ts";
import type { NodeGroups } from "../cloud/index.ts";
import { Rehearsal } from "../scheduler/index.ts";
import { CLOUD_FLAGS, linodeOf } from "./cloud.ts";
import { FlagError, type FlagValues, list } from "./flags.ts";
import { LEADER_FLAGS } from "./leading.ts";
import { localNodeGroups } from "./localNodeGroup.ts";
import { type ProcessContext, processCommand, runTogether } from "./process.ts";
import { type Connected, KUBECONFIG_FLAG, runElected } from "./remote.ts";
import { readConfiguration } from "./schedulerConfiguration.ts";

/** The field's flags. */
const FLAGS = {
  ...KUBECONFIG_FLAG,
  ...LEADER_FLAGS,
  "cloud-provider": { description: "whose machines are made and taken away: local or linode", default: "local" },
  "cloud-config": CLOUD_FLAGS["cloud-config"],
  "cluster-name": { description: "name of the cluster on this host, for --cloud-provider=local" },
  nodes: { description: "fewest and most nodes that it makes, as min:max, for --cloud-provider=local" },
  expander: {
    description: `which group grows, one after the other: ${expanderNames}`,
    default: "most-pods,least-waste",
  },
  "scheduler-config-file": { description: "KubeSchedulerConfiguration whose first profile judges nodes" },
  "scan-interval": { description: "between two looks", default: "10s" },
  "scale-down-enabled": { description: "whether nodes are given back", default: "true" },
  "scale-down-unneeded-time": { description: "how long a node must be idle before it goes", default: "10m" },
  "scale-down-unready-time": { description: "the same of a node that is not ready", default: "20m" },
  "scale-down-delay-after-add": { description: "none goes so long after one was added", default: "10m" },
  "scale-down-delay-after-failure": { description: "nor so long after one could not be emptied", default: "3m" },
  "scale-down-utilization-threshold": {
    description: "idle is a node of which a smaller share is requested",
    default: "0.5",
  },
  "max-node-provision-time": { description: "a machine that is no node by then is given back", default: "15m" },
  "initial-node-group-backoff-duration": { description: "a group that could not grow is left alone", default: "5m" },
  "max-node-group-backoff-duration": { description: "the same when it fails again and again", default: "30m" },
  "node-group-backoff-reset-timeout": { description: "when its failures are forgotten", default: "3h" },
  "skip-nodes-with-local-storage": { description: "whether Pods with local volumes hold their node", default: "true" },
  "skip-nodes-with-system-pods": {
    description: "whether Pods of kube-system without a PodDisruptionBudget hold their node",
    default: "true",
  },
  "expendable-pods-priority-cutoff": {
    description: "Pods of a lower priority neither ask for a node nor hold one",
    default: "-10",
  },
  "ok-total-unready-count": { description: "so many nodes may be silent in any cluster", default: "3" },
  "max-total-unready-percentage": { description: "with more silent nodes than that nothing is done", default: "45" },
} as const;
type Values = FlagValues<typeof FLAGS>;

/** With `local`, it makes machines of this host and is so a process of the host, wherever the control planes are. */
export const main = processCommand(
  "cluster-autoscaler",
  "the cluster autoscaler, which makes nodes for Pods that wait and takes idle ones away,",
  FLAGS,
  async (flags, context) => {
    const options = optionsOf(flags);
    const groupsFor = nodeGroupsOf(flags, context);
    const file = flags["scheduler-config-file"];
    const configuration = file ? await readConfiguration(file, "scheduler-config-file") : undefined;
    const elected = { part: "cluster-autoscaler", lease: "cluster-autoscaler", flags, context };
    await runElected(elected, (connected, _, signal) => {
      const { informers } = connected;
      const rehearsal = new Rehearsal({ ...connected, configuration });
      const stage = { rehearsal, reads: Rehearsal.reads, nodeGroups: groupsFor(connected) };
      return runTogether(signal, {
        informers: (ending) => informers.run(ending),
        autoscaler: (ending) => runClusterAutoscaler({ ...connected, ...options, ...stage }, ending),
      });
    });
  },
);

/** What is wrong with the flags is told before there is a leader. */
function nodeGroupsOf(flags: Values, context: ProcessContext): (connected: Connected) => NodeGroups {
  const provider = flags["cloud-provider"];
  if (provider === "linode") {
    const { nodeGroups } = linodeOf(flags, context);
    return () => nodeGroups!;
  }
  if (provider !== "local")
    throw new FlagError(`--cloud-provider: there is no ${provider}; there are local and linode`);
  const cluster = flags["cluster-name"];
  if (cluster === undefined || flags.nodes === undefined)
    throw new FlagError("--cloud-provider=local needs --cluster-name and --nodes");
  const [min, max] = sizes(flags.nodes);
  return ({ informers }) => localNodeGroups({ cluster, min, max, informers, context });
}

function optionsOf(flags: Values): Partial<AutoscalerOptions> {
  const expanders = list(flags.expander).map((name) => {
    if (!isExpander(name)) throw new FlagError(`--expander: there is no ${name}; there are ${expanderNames}`);
    return name;
  });
  return {
    expanders,
    scanInterval: milliseconds(flags, "scan-interval"),
    scaleDown: yes(flags, "scale-down-enabled"),
    unneededTime: milliseconds(flags, "scale-down-unneeded-time"),
    unreadyTime: milliseconds(flags, "scale-down-unready-time"),
    delayAfterAdd: milliseconds(flags, "scale-down-delay-after-add"),
    delayAfterFailure: milliseconds(flags, "scale-down-delay-after-failure"),
    utilizationThreshold: number(flags, "scale-down-utilization-threshold"),
    provisionTime: milliseconds(flags, "max-node-provision-time"),
    backoff: milliseconds(flags, "initial-node-group-backoff-duration"),
    maxBackoff: milliseconds(flags, "max-node-group-backoff-duration"),
    backoffReset: milliseconds(flags, "node-group-backoff-reset-timeout"),
    localStorageHolds: yes(flags, "skip-nodes-with-local-storage"),
    systemPodsHold: yes(flags, "skip-nodes-with-system-pods"),
    expendablePriority: number(flags, "expendable-pods-priority-cutoff"),
    okUnready: number(flags, "ok-total-unready-count"),
    maxUnreadyPercentage: number(flags, "max-total-unready-percentage"),
  };
}

function sizes(text: string): [number, number] {
  const match = /^(\d+):(\d+)$/.exec(text);
  const [min, max] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || min > max) throw new FlagError(`--nodes: "${text}" is not min:max`);
  return [min, max];
}

function milliseconds(flags: Values, name: keyof Values): number {
  const ms = parseDuration(flags[name] ?? "");
  if (ms === undefined) throw new FlagError(`--${name}: "${flags[name]}" is no duration, such as 10m`);
  return ms;
}

function number(flags: Values, name: keyof Values): number {
  const value = Number(flags[name]);
  if (!Number.isFinite(value)) throw new FlagError(`--${name}: "${flags[name]}" is no number`);
  return value;
}

function yes(flags: Values, name: keyof Values): boolean {
  const text = flags[name];
  if (text !== "true" && text !== "false") throw new FlagError(`--${name}: "${text}" is neither true nor false`);
  return text === "true";
}
