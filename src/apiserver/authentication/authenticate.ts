import { forbidden, unauthorized } from "../../apimachinery/errors.ts";
import { failure } from "../../apimachinery/status.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import type { Incoming, User } from "../pipeline/call.ts";
import type { TokenIssuer } from "./tokens.ts";

const AUTHENTICATED = "system:authenticated";

export const ANONYMOUS: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

function withAuthenticated(user: User): User {
  return user.groups.includes(AUTHENTICATED) ? user : { ...user, groups: [...user.groups, AUTHENTICATED] };
}

/**
 * Who asks: by client certificate, by bearer token (a service account's, or one that `others` knows), or nobody in
 * particular. A bad token is refused, not ignored.
 */
export function authenticate(
  incoming: Incoming,
  tokens: TokenIssuer | undefined,
  others: (token: string) => User | undefined,
): User {
  if (incoming.user) return withAuthenticated(incoming.user);
  const { certificate } = incoming;
  if (certificate && certificate.commonName !== "") {
    const { commonName: name, organizations, sha256 } = certificate;
    const extra = { "authentication.kubernetes.io/credential-id": [`X509SHA256=${sha256}`] };
    return { name, groups: [...organizations, AUTHENTICATED], extra };
  }
  const token = bearerToken(incoming);
  if (token === undefined) return ANONYMOUS;
  const user = tokens?.verify(token)?.user ?? others(token);
  if (!user) throw unauthorized();
  return withAuthenticated(user);
}

function bearerToken(incoming: Incoming): string | undefined {
  const header = incoming.header("authorization");
  if (header !== undefined) return /^bearer\s+(\S+)$/i.exec(header)?.[1];
  // Browsers cannot set headers on a WebSocket; they put the token among the subprotocols.
  const prefix = "base64url.bearer.authorization.k8s.io.";
  for (const protocol of (incoming.header("sec-websocket-protocol") ?? "").split(",")) {
    const text = protocol.trim();
    if (text.startsWith(prefix)) return Buffer.from(text.slice(prefix.length), "base64url").toString();
  }
  return undefined;
}

/** Takes on the user named by the Impersonate-* headers, if `user` may do so for each part of it. */
export function impersonate(incoming: Incoming, user: User, authorizer: Authorizer): User | undefined {
  const name = incoming.header("impersonate-user");
  const groups = incoming.headers("impersonate-group");
  const uid = incoming.header("impersonate-uid");
  const extra = extraHeaders(incoming);
  if (name === undefined) {
    if (groups.length === 0 && uid === undefined && Object.keys(extra).length === 0) return undefined;
    throw failure(
      500,
      "InternalError",
      "Internal error occurred: requested impersonation without impersonating a user",
      {
        causes: [{ message: "requested impersonation without impersonating a user" }],
      },
    );
  }
  const may = (
    resource: string,
    asked: string,
    more: { group?: string; namespace?: string; subresource?: string } = {},
  ) => {
    const access = {
      user,
      isResource: true,
      path: "",
      verb: "impersonate",
      group: "",
      subresource: "",
      namespace: "",
      resource,
      name: asked,
      ...more,
    };
    if (authorizer.authorize(access).allowed) return;
    const why = `User ${JSON.stringify(user.name)} cannot impersonate resource ${JSON.stringify(resource)} in API group ${JSON.stringify(access.group)} ${access.namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(access.namespace)}`}`;
    throw forbidden({ group: access.group, kind: resource, plural: resource }, asked, why);
  };
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  if (account) may("serviceaccounts", account[2]!, { namespace: account[1]! });
  else may("users", name);
  const group = "authentication.k8s.io";
  for (const asked of groups) may("groups", asked);
  if (uid !== undefined) may("uids", uid, { group });
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) may("userextras", value, { group, subresource: key });
  }
  const implied =
    account && groups.length === 0 ? ["system:serviceaccounts", `system:serviceaccounts:${account[1]}`] : [];
  const all = [...groups, ...implied];
  const last = name === ANONYMOUS.name ? "system:unauthenticated" : AUTHENTICATED;
  if (!all.includes(last)) all.push(last);
  return { name, groups: all, ...(uid !== undefined && { uid }), ...(Object.keys(extra).length > 0 && { extra }) };
}

function extraHeaders(incoming: Incoming): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const name of incoming.headerNames("impersonate-extra-")) {
    extra[decodeURIComponent(name.slice("impersonate-extra-".length))] = [...incoming.headers(name)];
  }
  return extra;
}
