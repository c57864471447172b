import { servedKinds } from "../api/index.ts";
import { type ApiServer, createApiServer } from "../apiserver/index.ts";
import { type FlagValues, list, port } from "./flags.ts";
import type { ProcessContext } from "./process.ts";
import { ETCD_FLAGS, openStore } from "./storeWiring.ts";

/** kube-apiserver's flags, as far as they apply; `data-dir` may take the place of `etcd-servers`. */
export const APISERVER_FLAGS = {
  "data-dir": { description: "folder of the embedded store; either this or --etcd-servers" },
  ...ETCD_FLAGS,
  "bind-address": { description: "address to listen on", default: "0.0.0.0" },
  "secure-port": { description: "port to listen on", default: "6443" },
  "advertise-address": { description: "address other members of the cluster reach the server by", required: true },
  "client-ca-file": { description: "authority of client certificates", required: true },
  "tls-cert-file": { description: "the server's certificate", required: true },
  "tls-private-key-file": { description: "the server's key", required: true },
  "kubelet-certificate-authority": { description: "authority of the kubelets' certificates", required: true },
  "requestheader-client-ca-file": { description: "authority of this server's certificate for servers of further APIs" },
  "proxy-client-cert-file": { description: "certificate to show to servers of further APIs" },
  "proxy-client-key-file": { description: "its key" },
  "kubelet-client-certificate": { description: "certificate to show to kubelets", required: true },
  "kubelet-client-key": { description: "key to show to kubelets", required: true },
  "service-account-issuer": {
    description: "issuer of service-account tokens",
    default: "https://kubernetes.default.svc.cluster.local",
  },
  "service-account-key-file": {
    description: "public keys of service-account tokens, separated by commas",
    required: true,
  },
  "service-account-signing-key-file": { description: "key that signs service-account tokens", required: true },
  "service-cluster-ip-range": { description: "addresses of Services", default: "10.96.0.0/16" },
  "service-node-port-range": { description: "ports of NodePort Services", default: "30000-32767" },
} as const;

/** Opens the store and the server, not yet listening. */
export async function openApiServer(
  flags: FlagValues<typeof APISERVER_FLAGS>,
  context: ProcessContext,
  parts: readonly string[] = [],
): Promise<ApiServer> {
  const { clock, random, logger } = context;
  const backend = await openStore(flags, context);
  return createApiServer({
    backend,
    clock,
    random,
    logger: logger.with({ part: "apiserver" }),
    kinds: servedKinds,
    tls: {
      certFile: flags["tls-cert-file"],
      keyFile: flags["tls-private-key-file"],
      clientCAFile: flags["client-ca-file"],
    },
    serviceAccount: {
      issuer: flags["service-account-issuer"],
      keyFiles: list(flags["service-account-key-file"]),
      signingKeyFile: flags["service-account-signing-key-file"],
    },
    kubeletClient: {
      certFile: flags["kubelet-client-certificate"],
      keyFile: flags["kubelet-client-key"],
      caFile: flags["kubelet-certificate-authority"],
    },
    frontProxy: frontProxy(flags),
    serviceCIDR: flags["service-cluster-ip-range"],
    nodePortRange: flags["service-node-port-range"],
    bind: { address: flags["bind-address"], port: port(flags["secure-port"], "secure-port") },
    advertiseAddress: flags["advertise-address"],
    parts,
  });
}

function frontProxy(flags: FlagValues<typeof APISERVER_FLAGS>): Parameters<typeof createApiServer>[0]["frontProxy"] {
  const [certFile, keyFile] = [flags["proxy-client-cert-file"], flags["proxy-client-key-file"]];
  const caFile = flags["requestheader-client-ca-file"];
  return certFile && keyFile && caFile ? { certFile, keyFile, caFile } : undefined;
}
