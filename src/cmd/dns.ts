import { runDns } from "../dns/index.ts";
import { processCommand, runTogether } from "./process.ts";
import { connect, KUBECONFIG_FLAG } from "./remote.ts";
import { DNS_FLAGS, dnsOptions, NODE_FLAGS } from "./serviceWiring.ts";

const FLAGS = { ...KUBECONFIG_FLAG, ...NODE_FLAGS, ...DNS_FLAGS };

export const main = processCommand("dns", "the DNS of Services and Pods", FLAGS, async (flags, context) => {
  const connected = await connect(flags.kubeconfig, "dns", context);
  await runTogether(context.signal, {
    informers: (ending) => connected.informers.run(ending),
    dns: (ending) => runDns(dnsOptions(flags, connected), ending),
  });
});
