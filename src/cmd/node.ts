import { loadKubeconfig } from "../client/kubeconfig.ts";
import { whenApiReady } from "../cluster/api.ts";
import { type ImageServerOptions, serveImages } from "../cluster/images/imageServer.ts";
import { ImageStore } from "../cluster/images/imageStore.ts";
import { rotateLogs } from "../cluster/logs.ts";
import { runDns } from "../dns/index.ts";
import { runKubelet } from "../kubelet/index.ts";
import { enforcePolicies, runProxy } from "../proxy/index.ts";
import { runRoutes } from "../routes/index.ts";
import { type FlagValues, port } from "./flags.ts";
import { KUBELET_FLAGS, kubeletCertificates, kubeletOptions, renewals } from "./kubeletWiring.ts";
import { leaveWhenTold } from "./leaving.ts";
import { keepCompiled, type ProcessContext, processCommand, runTogether } from "./process.ts";
import { connect, KUBECONFIG_FLAG } from "./remote.ts";
import {
  DNS_FLAGS,
  dnsOptions,
  PROXY_FLAGS,
  policyOptions,
  proxyOptions,
  ROUTES_FLAGS,
  routesOptions,
} from "./serviceWiring.ts";

const FLAGS = {
  ...KUBECONFIG_FLAG,
  "proxy-kubeconfig": {
    description: "the same for proxy and DNS, where they are another user",
  },
  ...KUBELET_FLAGS,
  ...PROXY_FLAGS,
  ...DNS_FLAGS,
  ...ROUTES_FLAGS,
  "leave-as": { description: "the cluster to take down on this machine when its Node is told to leave" },
  "images-port": { description: "port on which other nodes may pull the images that cox brought to this one" },
  "images-dir": { description: "folder in which the container runtime keeps what images are made of" },
  "component-logs-dir": { description: "folder of this cluster's own logs, to keep them small" },
} as const;

function imageServerOptions(flags: FlagValues<typeof FLAGS>, { logger }: ProcessContext): ImageServerOptions {
  const store = new ImageStore(flags["container-runtime-endpoint"].replace("unix://", ""));
  return {
    source: {
      images: async () => (await store.list()).filter(({ isShared }) => isShared),
      blobs: flags["images-dir"] ?? "/var/lib/containerd/io.containerd.content.v1.content/blobs",
    },
    port: port(flags["images-port"] ?? "", "images-port"),
    tls: {
      cert: flags["tls-cert-file"] ?? "",
      key: flags["tls-private-key-file"] ?? "",
      clientCA: flags["client-ca-file"],
    },
    logger: logger.with({ part: "images" }),
  };
}

/** The agents of one node in one process. Proxy and DNS watch the same objects, so they share what they see of them. */
export const main = processCommand(
  "node-agents",
  "kubelet, proxy, network policies, DNS and routes in one process",
  FLAGS,
  async (flags, context) => {
    const { clock, signal } = context;
    const { server, ca } = await loadKubeconfig(flags.kubeconfig);
    // both are started at once: a connection refused now would only be tried again after a pause
    await whenApiReady(server, ca ?? "", clock, signal);
    const certificates = await kubeletCertificates(flags, context);
    const kubelet = await connect(flags.kubeconfig, "kubelet", context, { credentials: certificates.client });
    const services = await connect(flags["proxy-kubeconfig"] ?? flags.kubeconfig, "proxy", context, {
      credentials: certificates.client,
    });
    const dns = { ...services, logger: context.logger.with({ part: "dns" }) };
    const policies = { ...services, logger: context.logger.with({ part: "policies" }) };
    const routes = { ...services, logger: context.logger.with({ part: "routes" }) };
    const leaveAs = flags["leave-as"];
    const logs = flags["component-logs-dir"];
    clock.setTimer(5000, keepCompiled);
    await runTogether(signal, {
      "kubelet's informers": (ending) => kubelet.informers.run(ending),
      kubelet: (ending) => runKubelet(kubeletOptions(flags, kubelet, certificates), ending),
      ...renewals(certificates),
      "proxy's informers": (ending) => services.informers.run(ending),
      proxy: (ending) => runProxy(proxyOptions(flags, services), ending),
      policies: (ending) => enforcePolicies(policyOptions(flags, policies), ending),
      routes: (ending) => runRoutes(routesOptions(flags, routes), ending),
      dns: (ending) => runDns(dnsOptions(flags, dns), ending),
      ...(leaveAs !== undefined && {
        leaving: (ending: AbortSignal) => leaveWhenTold(kubelet.informers, flags["hostname-override"], leaveAs, ending),
      }),
      ...(flags["images-port"] !== undefined && {
        images: (ending: AbortSignal) => serveImages(imageServerOptions(flags, context), ending),
      }),
      ...(logs === undefined ? {} : { logs: (ending: AbortSignal) => rotateLogs(logs, clock, ending) }),
    });
  },
);
