import { type Pod, Secret } from "../../../api/core/v1/index.ts";
import type { CSIDriver } from "../../../api/storage/v1/index.ts";
import { formatTime } from "../../../apimachinery/time.ts";
import type { Client } from "../../../client/client.ts";
import type { TokenWish } from "../payload.ts";
import type { Tokens } from "../tokens.ts";

const TOKENS = "csi.storage.k8s.io/serviceAccount.tokens";

/** What a Secret holds, as text; nothing when none is named. */
export async function secretsOf(
  client: Client,
  reference: { name?: string; namespace?: string } | undefined,
): Promise<Record<string, string>> {
  if (!reference?.name) return {};
  const { data = {} } = await client.get(Secret, { namespace: reference.namespace, name: reference.name });
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]));
}

interface Context {
  volume: Record<string, string>;
  secrets: Record<string, string>;
}

/** What a driver wants to know of the Pod that a volume is for, as its CSIDriver says. */
export async function podContext(
  pod: Pod,
  { info, isInline, tokens }: { info: CSIDriver["spec"] | undefined; isInline: boolean; tokens: Tokens },
): Promise<Context> {
  const { name = "", namespace = "", uid = "" } = pod.metadata;
  const about = {
    "csi.storage.k8s.io/pod.name": name,
    "csi.storage.k8s.io/pod.namespace": namespace,
    "csi.storage.k8s.io/pod.uid": uid,
    "csi.storage.k8s.io/serviceAccount.name": pod.spec.serviceAccountName ?? "",
    "csi.storage.k8s.io/ephemeral": String(isInline),
  };
  const context: Context = { volume: info?.podInfoOnMount ? about : {}, secrets: {} };
  if (!info?.tokenRequests?.length) return context;
  const given = { [TOKENS]: await tokensFor(pod, info.tokenRequests, tokens) };
  Object.assign(info.serviceAccountTokenInSecrets ? context.secrets : context.volume, given);
  return context;
}

async function tokensFor(
  pod: Pod,
  requests: NonNullable<CSIDriver["spec"]["tokenRequests"]>,
  tokens: Tokens,
): Promise<string> {
  const wishes = requests.map(
    ({ audience = "", expirationSeconds = 3600 }): TokenWish => ({ audience, expirationSeconds }),
  );
  await tokens.prepare(pod, wishes);
  const all = wishes.map((wish) => [
    wish.audience,
    { token: tokens.get(pod, wish), expirationTimestamp: formatTime(tokens.expiry(pod, wish)) },
  ]);
  return JSON.stringify(Object.fromEntries(all));
}
