import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import type { HttpsOptions } from "./https.ts";

interface Cluster {
  server?: string;
  "certificate-authority"?: string;
  "certificate-authority-data"?: string;
  "insecure-skip-tls-verify"?: boolean;
  "tls-server-name"?: string;
}
interface User {
  "client-certificate"?: string;
  "client-certificate-data"?: string;
  "client-key"?: string;
  "client-key-data"?: string;
  token?: string;
  tokenFile?: string;
}
interface Context {
  cluster?: string;
  user?: string;
  namespace?: string;
}
interface Kubeconfig {
  clusters?: ({ name: string } & { cluster?: Cluster })[];
  users?: ({ name: string } & { user?: User })[];
  contexts?: ({ name: string } & { context?: Context })[];
  "current-context"?: string;
}

/** How to reach the cluster of a kubeconfig's context, ready for `httpsTransport`, and the context's namespace. */
export interface ClusterAccess extends HttpsOptions {
  context: string;
  namespace: string;
}

/** Reads the context (the current one when left out) of a kubeconfig file; files it names are relative to it. */
export async function loadKubeconfig(path: string, context?: string): Promise<ClusterAccess> {
  const config = (parse(await readFile(path, "utf8")) ?? {}) as Kubeconfig;
  const name = context ?? config["current-context"] ?? "";
  const chosen = config.contexts?.find((c) => c.name === name)?.context;
  if (!chosen) throw new Error(`${path}: there is no context "${name}"`);
  const cluster = config.clusters?.find((c) => c.name === chosen.cluster)?.cluster;
  if (!cluster?.server)
    throw new Error(`${path}: the cluster "${chosen.cluster ?? ""}" of context "${name}" has no server`);
  const user = config.users?.find((u) => u.name === chosen.user)?.user ?? {};
  const read = contentReader(dirname(path));
  return {
    context: name,
    namespace: chosen.namespace ?? "default",
    server: cluster.server,
    ca: await read(cluster["certificate-authority-data"], cluster["certificate-authority"]),
    insecureSkipTlsVerify: cluster["insecure-skip-tls-verify"],
    tlsServerName: cluster["tls-server-name"],
    cert: await read(user["client-certificate-data"], user["client-certificate"]),
    key: await read(user["client-key-data"], user["client-key"]),
    token: user.token,
    tokenFile: user.tokenFile && resolve(dirname(path), user.tokenFile),
  };
}

function contentReader(folder: string) {
  return async (data: string | undefined, file: string | undefined): Promise<Buffer | undefined> => {
    if (data) return Buffer.from(data, "base64");
    return file ? readFile(resolve(folder, file)) : undefined;
  };
}
