import { runKubelet } from "../kubelet/index.ts";
import { KUBELET_FLAGS, kubeletCertificates, kubeletOptions, renewals } from "./kubeletWiring.ts";
import { processCommand, runTogether } from "./process.ts";
import { connect, KUBECONFIG_FLAG } from "./remote.ts";

export const main = processCommand(
  "kubelet",
  "the node agent",
  { ...KUBECONFIG_FLAG, ...KUBELET_FLAGS },
  async (flags, context) => {
    const certificates = await kubeletCertificates(flags, context);
    const connected = await connect(flags.kubeconfig, "kubelet", context, { credentials: certificates.client });
    await runTogether(context.signal, {
      informers: (ending) => connected.informers.run(ending),
      kubelet: (ending) => runKubelet(kubeletOptions(flags, connected, certificates), ending),
      ...renewals(certificates),
    });
  },
);
