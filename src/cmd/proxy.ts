import { enforcePolicies, runProxy } from "../proxy/index.ts";
import { processCommand, runTogether } from "./process.ts";
import { connect, KUBECONFIG_FLAG } from "./remote.ts";
import { NODE_FLAGS, PROXY_FLAGS, policyOptions, proxyOptions } from "./serviceWiring.ts";

const FLAGS = { ...KUBECONFIG_FLAG, ...NODE_FLAGS, ...PROXY_FLAGS };

export const main = processCommand(
  "proxy",
  "what leads Service addresses to Pods, and enforces network policies",
  FLAGS,
  async (flags, context) => {
    const connected = await connect(flags.kubeconfig, "proxy", context);
    const policies = { ...connected, logger: context.logger.with({ part: "policies" }) };
    await runTogether(context.signal, {
      informers: (ending) => connected.informers.run(ending),
      proxy: (ending) => runProxy(proxyOptions(flags, connected), ending),
      policies: (ending) => enforcePolicies(policyOptions(flags, policies), ending),
    });
  },
);
