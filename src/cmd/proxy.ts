import { runProxy } from "../proxy/index.ts";
import { processCommand, runTogether } from "./process.ts";
import { connect, KUBECONFIG_FLAG } from "./remote.ts";
import { NODE_FLAGS, PROXY_FLAGS, proxyOptions } from "./serviceWiring.ts";

const FLAGS = { ...KUBECONFIG_FLAG, ...NODE_FLAGS, ...PROXY_FLAGS };

export const main = processCommand(
  "proxy",
  "what leads Service addresses to Pods, by nftables,",
  FLAGS,
  async (flags, context) => {
    const connected = await connect(flags.kubeconfig, "proxy", context);
    await runTogether(context.signal, {
      informers: (ending) => connected.informers.run(ending),
      proxy: (ending) => runProxy(proxyOptions(flags, connected), ending),
    });
  },
);
