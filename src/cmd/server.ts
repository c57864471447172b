import { readFile } from "node:fs/promises";
import { createClient, createInformers } from "../client/index.ts";
import { runControllers } from "../controllers/index.ts";
import { runScheduler } from "../scheduler/index.ts";
import { APISERVER_FLAGS, openApiServer } from "./apiserverWiring.ts";
import { CONTROLLER_FLAGS } from "./controllerManager.ts";
import { keepCompiled, processCommand, runTogether } from "./process.ts";

const { kubeconfig: _, ...controllerFlags } = CONTROLLER_FLAGS;

/** The control plane in one process: controllers and scheduler call the API server directly, as the users they are. */
export const main = processCommand(
  "server",
  "API server, controllers and scheduler in one process",
  { ...APISERVER_FLAGS, ...controllerFlags },
  async (flags, context) => {
    const { clock, random, logger, signal } = context;
    const api = await openApiServer(flags, context);
    try {
      await api.listen();
      logger.info("listening", { port: flags["secure-port"] });
      const as = (name: string) => createClient(api.directTransport({ name, groups: ["system:authenticated"] }));
      const client = as("system:kube-controller-manager");
      const informers = createInformers(client, { clock, random, logger });
      const common = { informers, clock, random };
      const controllers = {
        ...common,
        client,
        clientAs: (account: string) => createClient(api.directTransport(serviceAccountUser(account))),
        logger: logger.with({ part: "controllers" }),
        rootCA: await readFile(flags["root-ca-file"], "utf8"),
        clusterCIDR: flags["cluster-cidr"],
        nodeCIDRMaskSize: Number(flags["node-cidr-mask-size"]),
      };
      const scheduler = { ...common, client: as("system:kube-scheduler"), logger: logger.with({ part: "scheduler" }) };
      clock.setTimer(5000, keepCompiled);
      await runTogether(signal, {
        informers: (ending) => informers.run(ending),
        controllers: (ending) => runControllers(controllers, ending),
        scheduler: (ending) => runScheduler(scheduler, ending),
      });
    } finally {
      await api.close();
    }
  },
);

/** A service account of kube-system, as its token would make it known. */
function serviceAccountUser(account: string) {
  const groups = ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"];
  return { name: `system:serviceaccount:kube-system:${account}`, groups };
}
