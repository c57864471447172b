import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { servedKinds } from "../api/index.ts";
import { ensureClusterPki } from "../pki/clusterPki.ts";
import type { Backend } from "../store/backend.ts";
import { createMemoryBackend } from "../store/memory.ts";
import { realClock } from "../util/clock.ts";
import { type Logger, silentLogger } from "../util/logger.ts";
import { realRandom } from "../util/random.ts";
import { type ApiServer, createApiServer } from "./index.ts";
import type { ApiServerOptions } from "./options.ts";

/** An API server on a free loopback port, with keys and certificates of its own that go away with it. */
export interface DevServer {
  readonly server: ApiServer;
  /** https://127.0.0.1:port */
  readonly url: string;
  /** the folder of keys and certificates, by kubeadm's file names */
  readonly pki: string;
  close(): Promise<void>;
}

export interface DevServerOptions extends Partial<Pick<ApiServerOptions, "kinds" | "serviceCA" | "kubeletClient">> {
  readonly backend?: Backend;
  readonly logger?: Logger;
  readonly port?: number;
}

/** For tests that need HTTP, and for trying things out by hand. */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const pki = await mkdtemp(join(tmpdir(), "coxswain-apiserver-"));
  const addresses = ["127.0.0.1", "localhost"];
  await ensureClusterPki({
    directory: pki,
    clock: realClock,
    apiserverNames: addresses,
    clusterDomain: "cluster.local",
    nodeName: "node",
    nodeAddresses: addresses,
  });
  const backend = options.backend ?? createMemoryBackend();
  const file = (name: string) => join(pki, name);
  const server = await createApiServer({
    kinds: servedKinds,
    logger: silentLogger,
    kubeletClient: {
      certFile: file("apiserver-kubelet-client.crt"),
      keyFile: file("apiserver-kubelet-client.key"),
      caFile: file("ca.crt"),
    },
    frontProxy: {
      certFile: file("front-proxy-client.crt"),
      keyFile: file("front-proxy-client.key"),
      caFile: file("front-proxy-ca.crt"),
    },
    ...options,
    backend,
    clock: realClock,
    random: realRandom,
    tls: { certFile: file("apiserver.crt"), keyFile: file("apiserver.key"), clientCAFile: file("ca.crt") },
    serviceAccount: {
      issuer: "https://kubernetes.default.svc.cluster.local",
      keyFiles: [file("sa.pub")],
      signingKeyFile: file("sa.key"),
    },
    serviceCIDR: "10.96.0.0/16",
    bind: { address: "127.0.0.1", port: options.port ?? 0 },
    advertiseAddress: "127.0.0.1",
  });
  const { port } = await server.listen();
  return {
    server,
    url: `https://127.0.0.1:${port}`,
    pki,
    async close() {
      await server.close();
      if (!options.backend) await backend.close();
      await rm(pki, { recursive: true, force: true });
    },
  };
}
