import { readFile } from "node:fs/promises";
import { runControllers } from "../controllers/index.ts";
import { accountClients } from "./accountClients.ts";
import { list } from "./flags.ts";
import { processCommand, runTogether } from "./process.ts";
import { connect, KUBECONFIG_FLAG } from "./remote.ts";

export const CONTROLLER_FLAGS = {
  ...KUBECONFIG_FLAG,
  "root-ca-file": { description: "the authority that Pods find in ConfigMap kube-root-ca.crt", required: true },
  "cluster-cidr": { description: "addresses of Pods", default: "10.244.0.0/16" },
  "node-cidr-mask-size": { description: "size of each node's share of them", default: "24" },
  controllers: { description: "which to run, separated by commas; all when left out" },
} as const;

export const main = processCommand(
  "controller-manager",
  "the controllers",
  CONTROLLER_FLAGS,
  async (flags, context) => {
    const connected = await connect(flags.kubeconfig, "controllers", context);
    const rootCA = await readFile(flags["root-ca-file"], "utf8");
    const only = flags.controllers === undefined || flags.controllers === "*" ? undefined : list(flags.controllers);
    const clusterCIDR = flags["cluster-cidr"];
    const nodeCIDRMaskSize = Number(flags["node-cidr-mask-size"]);
    const clientAs = accountClients(connected.client, connected.access, context.clock);
    const options = { ...connected, clientAs, rootCA, clusterCIDR, nodeCIDRMaskSize, only };
    await runTogether(context.signal, {
      informers: (ending) => connected.informers.run(ending),
      controllers: (ending) => runControllers(options, ending),
    });
  },
);
