import { runRoutes } from "../routes/index.ts";
import { processCommand, runTogether } from "./process.ts";
import { connect, KUBECONFIG_FLAG } from "./remote.ts";
import { NODE_FLAGS, ROUTES_FLAGS, routesOptions } from "./serviceWiring.ts";

const FLAGS = { ...KUBECONFIG_FLAG, ...NODE_FLAGS, ...ROUTES_FLAGS };

export const main = processCommand("routes", "the routes to other nodes' Pods", FLAGS, async (flags, context) => {
  const connected = await connect(flags.kubeconfig, "routes", context);
  await runTogether(context.signal, {
    informers: (ending) => connected.informers.run(ending),
    routes: (ending) => runRoutes(routesOptions(flags, connected), ending),
  });
});
