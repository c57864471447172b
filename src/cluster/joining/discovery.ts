import { createHash, X509Certificate } from "node:crypto";
import { parse } from "yaml";
import { StatusError } from "../../apimachinery/status.ts";
import { httpsTransport } from "../../client/https.ts";
import { isDetachedSignature } from "../../pki/index.ts";
import type { Clock } from "../../util/clock.ts";
import { ClusterError } from "../errors.ts";
import { CLUSTER_INFO } from "./permissions.ts";

/** The cluster as a joining machine may believe it to be. */
export interface Discovered {
  /** "https://host:port" */
  server: string;
  /** PEM of its authority */
  ca: string;
}

interface Token {
  id: string;
  secret: string;
}

/** "host", "host:port" or a URL. */
export function serverUrl(text: string): string {
  const isUrl = text.includes("://");
  const url = URL.parse(isUrl ? text : `https://${text}`);
  if (url?.protocol !== "https:" || url.pathname !== "/" || url.username !== "")
    throw new ClusterError(`"${text}" is no server: say host, host:port or https://host:port`);
  // a URL does not say its protocol's own port
  const port = url.port || (isUrl || text.endsWith(":443") ? "443" : "6443");
  return `https://${url.hostname}:${port}`;
}

/** "sha256:…" of an authority's public key, as kubeadm has it. */
export function authorityHash(ca: string): string {
  const key = new X509Certificate(ca).publicKey.export({ type: "spki", format: "der" });
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

/**
 * Asks the server what its authority is, and believes it only when the token's holder has signed the answer, and when
 * the authority's hash is the one that was told, where one was. Only then is the connection itself trusted.
 */
export async function discover(
  server: string,
  token: Token,
  { caCertHash, clock }: { caCertHash?: string; clock: Clock },
): Promise<Discovered> {
  // who has no authority yet cannot check the connection; what comes through it is checked instead
  const data = await clusterInfo(server, { insecureSkipTlsVerify: true }, clock);
  const found = checkClusterInfo(data, token, caCertHash);
  await clusterInfo(server, { ca: found.ca }, clock);
  return { server, ca: found.ca };
}

type Data = Readonly<Record<string, string>>;
type Trust = { ca: string } | { insecureSkipTlsVerify: true };

/** A server that is reached at all answers within this time (ms). */
const ANSWERS_WITHIN = 10_000;

async function clusterInfo(server: string, trust: Trust, clock: Clock): Promise<Data> {
  const transport = httpsTransport({ server, ...trust });
  const enough = new AbortController();
  const timer = clock.setTimer(ANSWERS_WITHIN, () => enough.abort());
  const path = `/api/v1/namespaces/kube-public/configmaps/${CLUSTER_INFO}`;
  try {
    return ((await transport.request({ method: "GET", path, signal: enough.signal })) as { data?: Data }).data ?? {};
  } catch (error) {
    throw explained(server, enough.signal.aborted ? new Error(`no answer for ${ANSWERS_WITHIN / 1000} s`) : error);
  } finally {
    timer.cancel();
    await transport.close();
  }
}

function explained(server: string, error: unknown): ClusterError {
  const reached = error instanceof StatusError && error.code !== 503;
  const cause = error instanceof Error ? error.message.replace("cannot reach the API server: ", "") : String(error);
  if (reached) return new ClusterError(`${server} does not tell joining machines what cluster it is: ${cause}`);
  return new ClusterError(`cannot reach the API server ${server}: ${cause}`, {
    hint: "the server is the one that cox token create printed; is its port open to this machine?",
  });
}

/** The authority that cluster-info names. Throws when the token does not vouch for it. */
export function checkClusterInfo(data: Data, token: Token, hash: string | undefined): Discovered {
  const { kubeconfig = "" } = data;
  const signature = data[`jws-kubeconfig-${token.id}`];
  if (signature === undefined) {
    throw new ClusterError(`the cluster knows no token ${token.id}: it has expired, or belongs to another cluster`, {
      hint: "make one with: cox token create",
    });
  }
  if (!isDetachedSignature(signature, kubeconfig, token)) {
    throw new ClusterError(
      `the token ${token.id}.… is wrong behind the dot, or this is not the cluster it was made for`,
    );
  }
  const { server, ca } = contentOf(kubeconfig);
  if (hash !== undefined && authorityHash(ca) !== hash)
    throw new ClusterError(`the cluster's authority is ${authorityHash(ca)}, not ${hash}`);
  return { server, ca };
}

function contentOf(kubeconfig: string): Discovered {
  const { clusters } = (parse(kubeconfig) ?? {}) as {
    clusters?: { cluster?: { server?: string; "certificate-authority-data"?: string } }[];
  };
  const { server = "", "certificate-authority-data": ca = "" } = clusters?.[0]?.cluster ?? {};
  return { server, ca: Buffer.from(ca, "base64").toString() };
}
