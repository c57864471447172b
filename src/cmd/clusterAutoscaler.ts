import { parseDuration } from "../cli/print.ts";
import { runClusterAutoscaler } from "../cloud/autoscaler/index.ts";
import { FlagError, type FlagValues } from "./flags.ts";
import { localNodeGroups } from "./localNodeGroup.ts";
import { processCommand, runTogether } from "./process.ts";
import { connect, KUBECONFIG_FLAG } from "./remote.ts";

/** The field's flags. */
const FLAGS = {
  ...KUBECONFIG_FLAG,
  "cluster-name": { description: "name of the cluster on this host", required: true },
  nodes: { description: "fewest and most nodes that it makes, as min:max", required: true },
  "scan-interval": { description: "between two looks", default: "10s" },
  "scale-down-unneeded-time": { description: "how long a node must be idle before it goes", default: "10m" },
  "scale-down-delay-after-add": { description: "none goes so long after one was added", default: "10m" },
  "scale-down-utilization-threshold": {
    description: "idle is a node of which a smaller share is requested",
    default: "0.5",
  },
} as const;
type Values = FlagValues<typeof FLAGS>;

/** Works on this host's machines, and is so a process of the host, wherever the control planes are. */
export const main = processCommand(
  "cluster-autoscaler",
  "makes nodes for Pods that wait, and takes idle ones away",
  FLAGS,
  async (flags, context) => {
    const [min, max] = sizes(flags.nodes);
    const times = {
      scanInterval: milliseconds(flags, "scan-interval"),
      unneededTime: milliseconds(flags, "scale-down-unneeded-time"),
      delayAfterAdd: milliseconds(flags, "scale-down-delay-after-add"),
      utilizationThreshold: Number(flags["scale-down-utilization-threshold"]),
    };
    const connected = await connect(flags.kubeconfig, "cluster-autoscaler", context);
    const { informers } = connected;
    const nodeGroups = localNodeGroups({ cluster: flags["cluster-name"], min, max, informers, context });
    await runTogether(context.signal, {
      informers: (ending) => informers.run(ending),
      autoscaler: (ending) => runClusterAutoscaler({ ...connected, ...times, nodeGroups }, ending),
    });
  },
);

function sizes(text: string): [number, number] {
  const match = /^(\d+):(\d+)$/.exec(text);
  const [min, max] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || min > max) throw new FlagError(`--nodes: "${text}" is not min:max`);
  return [min, max];
}

function milliseconds(flags: Values, name: "scan-interval" | `scale-down-${"unneeded-time" | "delay-after-add"}`) {
  const ms = parseDuration(flags[name]);
  if (ms === undefined) throw new FlagError(`--${name}: "${flags[name]}" is no duration, such as 10m`);
  return ms;
}
