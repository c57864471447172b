import type { TokenRequest } from "../../api/authentication/v1/index.ts";
import { Secret, ServiceAccount } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import {
  type Controller,
  controller,
  done,
  type ObjectKey,
  type ReconcileContext,
  type View,
  watch,
} from "../../client/index.ts";

const TYPE = "kubernetes.io/service-account-token";
const ACCOUNT_NAME = "kubernetes.io/service-account.name";
const ACCOUNT_UID = "kubernetes.io/service-account.uid";
/** Such tokens are meant to last; this is as long as a TokenRequest can ask for. */
const LIFETIME_SECONDS = 2 ** 32;

const isToken = (secret: Secret) => secret.type === TYPE;
const base64 = (text: string) => Buffer.from(text).toString("base64");

/**
 * Fills Secrets that ask for a long-lived token of a ServiceAccount, and removes them with their ServiceAccount. The
 * token is bound to its Secret: it ends when the Secret does.
 */
export function tokenController(rootCA: string): Controller {
  return controller({
    name: "service-account-token",
    for: Secret,
    watches: [watch(ServiceAccount, tokensOf, () => false)],
    async reconcile(secret, context) {
      if (!isToken(secret) || secret.metadata.deletionTimestamp) return done;
      const account = accountOf(secret, context.view);
      if (!account) await removeOrphan(secret, context);
      else if (!secret.data?.token || !secret.data["ca.crt"]) await fill(secret, account, rootCA, context);
      return done;
    },
  });
}

function tokensOf({ metadata }: ServiceAccount, view: View): ObjectKey[] {
  const ours = view
    .list(Secret, metadata.namespace)
    .filter((secret) => isToken(secret) && secret.metadata.annotations?.[ACCOUNT_NAME] === metadata.name);
  return ours.map(({ metadata: { namespace, name = "" } }) => ({ namespace, name }));
}

function belongsTo(secret: Secret, account: ServiceAccount): boolean {
  const uid = secret.metadata.annotations?.[ACCOUNT_UID];
  return !uid || uid === account.metadata.uid;
}

function accountOf(secret: Secret, view: View): ServiceAccount | undefined {
  const name = secret.metadata.annotations?.[ACCOUNT_NAME] ?? "";
  const account = view.get(ServiceAccount, { namespace: secret.metadata.namespace, name });
  return account && belongsTo(secret, account) ? account : undefined;
}

async function removeOrphan(secret: Secret, { client }: ReconcileContext): Promise<void> {
  const { namespace, name = "", uid } = secret.metadata;
  const account = await client
    .get(ServiceAccount, { namespace, name: secret.metadata.annotations?.[ACCOUNT_NAME] || " " })
    .catch((error) => {
      if (!isNotFound(error)) throw error;
      return undefined;
    });
  if (account && belongsTo(secret, account)) return;
  await client.delete(Secret, { namespace, name }, { preconditions: { uid } }).catch((error) => {
    if (!isNotFound(error)) throw error; // gone already, as wanted
  });
}

async function fill(secret: Secret, account: ServiceAccount, rootCA: string, context: ReconcileContext): Promise<void> {
  const { namespace = "", name = "", uid } = secret.metadata;
  const key = { namespace, name: account.metadata.name ?? "" };
  const request = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    metadata: {},
    spec: {
      audiences: [],
      expirationSeconds: LIFETIME_SECONDS,
      boundObjectRef: { apiVersion: "v1", kind: "Secret", name, uid },
    },
  } as unknown as TokenRequest;
  const { status } = await context.client.createSubresource(ServiceAccount, key, "token", request);
  const annotations = { ...secret.metadata.annotations, [ACCOUNT_UID]: account.metadata.uid ?? "" };
  const data = {
    ...secret.data,
    token: base64(status.token ?? ""),
    namespace: base64(namespace),
    "ca.crt": base64(rootCA),
  };
  await context.client.update(Secret, { ...secret, metadata: { ...secret.metadata, annotations }, data });
}
