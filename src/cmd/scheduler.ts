import { defaultConfiguration, runScheduler } from "../scheduler/index.ts";
import { LEADER_FLAGS } from "./leading.ts";
import { processCommand, runTogether } from "./process.ts";
import { KUBECONFIG_FLAG, runElected } from "./remote.ts";
import { readConfiguration } from "./schedulerConfiguration.ts";

const FLAGS = {
  ...KUBECONFIG_FLAG,
  ...LEADER_FLAGS,
  config: { description: "a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1), as YAML" },
  "scheduler-name": {
    description: "without a configuration: which Pods to schedule, by their schedulerName",
    default: "default-scheduler",
  },
} as const;

export const main = processCommand("scheduler", "the scheduler", FLAGS, async (flags, context) => {
  const configuration = flags.config
    ? await readConfiguration(flags.config, "config")
    : defaultConfiguration(flags["scheduler-name"]);
  await runElected({ part: "scheduler", lease: "kube-scheduler", flags, context }, (connected, _, signal) =>
    runTogether(signal, {
      informers: (ending) => connected.informers.run(ending),
      scheduler: (ending) => runScheduler({ ...connected, configuration }, ending),
    }),
  );
});
