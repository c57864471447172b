import {
  BOOTSTRAP_TOKEN,
  BOOTSTRAP_TOKEN_PREFIX,
  BOOTSTRAP_TOKEN_TYPE,
  type BootstrapToken,
  readBootstrapToken,
  type Secret,
} from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Transport } from "../../client/transport.ts";
import { secretBytes } from "../../util/random.ts";
import { ClusterError } from "../errors.ts";
import { JOINERS } from "./permissions.ts";

const SECRETS = "/api/v1/namespaces/kube-system/secrets";
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Both halves of a token as it is typed. */
export function parseToken(token: string): { id: string; secret: string } {
  const [, id, secret] = BOOTSTRAP_TOKEN.exec(token) ?? [];
  if (id && secret) return { id, secret };
  throw new ClusterError(`"${token}" is no token: one looks like abcdef.0123456789abcdef`, {
    hint: "cox token create, on a machine of the cluster's administrator, makes one",
  });
}

/** A text of letters and digits, each as likely as any other. */
function secretText(length: number): string {
  let text = "";
  while (text.length < length) {
    // bytes beyond the last whole multiple would favour the first letters
    for (const byte of secretBytes(length)) if (byte < 252 && text.length < length) text += LETTERS[byte % 36];
  }
  return text;
}

/** Makes a token that lets machines join until it expires (`ttl` in ms; 0: never); answers it as it is typed. */
export async function createToken(
  api: Transport,
  options: { ttl: number; description: string; now: number },
): Promise<string> {
  const [id, secret] = [secretText(6), secretText(16)];
  const { ttl, description, now } = options;
  const stringData = {
    "token-id": id,
    "token-secret": secret,
    "usage-bootstrap-authentication": "true",
    "usage-bootstrap-signing": "true",
    "auth-extra-groups": JOINERS,
    ...(description !== "" && { description }),
    ...(ttl > 0 && { expiration: formatTime(now + ttl) }),
  };
  const metadata = { name: BOOTSTRAP_TOKEN_PREFIX + id };
  const body = { apiVersion: "v1", kind: "Secret", metadata, type: BOOTSTRAP_TOKEN_TYPE, stringData };
  await api.request({ method: "POST", path: SECRETS, body });
  return `${id}.${secret}`;
}

export async function listTokens(api: Transport): Promise<BootstrapToken[]> {
  const query = { fieldSelector: `type=${BOOTSTRAP_TOKEN_TYPE}` };
  const { items } = (await api.request({ method: "GET", path: SECRETS, query })) as { items: Secret[] };
  return items.flatMap((secret) => readBootstrapToken(secret) ?? []);
}

/** Deletes a token, named by its public half or as a whole. */
export async function deleteToken(api: Transport, token: string): Promise<void> {
  const id = token.split(".")[0]!;
  try {
    await api.request({ method: "DELETE", path: `${SECRETS}/${BOOTSTRAP_TOKEN_PREFIX}${id}` });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new ClusterError(`there is no token ${id}`, { hint: "cox token list shows those there are" });
  }
}
