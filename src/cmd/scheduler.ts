import { defaultConfiguration, runScheduler } from "../scheduler/index.ts";
import { processCommand, runTogether } from "./process.ts";
import { connect, KUBECONFIG_FLAG } from "./remote.ts";

const FLAGS = {
  ...KUBECONFIG_FLAG,
  "scheduler-name": { description: "which Pods to schedule, by their schedulerName", default: "default-scheduler" },
} as const;

export const main = processCommand("scheduler", "the scheduler", FLAGS, async (flags, context) => {
  const connected = await connect(flags.kubeconfig, "scheduler", context);
  await runTogether(context.signal, {
    informers: (ending) => connected.informers.run(ending),
    scheduler: (ending) =>
      runScheduler({ ...connected, configuration: defaultConfiguration(flags["scheduler-name"]) }, ending),
  });
});
