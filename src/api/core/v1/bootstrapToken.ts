import { parseTime } from "../../../apimachinery/time.ts";
import type { Secret } from "./secret.ts";

/** The Secrets in kube-system by which a machine that knows nothing but a token joins the cluster. */

export const BOOTSTRAP_TOKEN_TYPE = "bootstrap.kubernetes.io/token";
export const BOOTSTRAP_TOKEN_PREFIX = "bootstrap-token-";
export const BOOTSTRAPPERS_GROUP = "system:bootstrappers";
/** "abcdef.0123456789abcdef": what is public, and what is secret */
export const BOOTSTRAP_TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;

const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export interface BootstrapToken {
  id: string;
  secret: string;
  description: string;
  /** ms since the epoch; undefined: it does not expire */
  expires?: number;
  /** whether it may be used to authenticate, and to sign the ConfigMap cluster-info */
  authentication: boolean;
  signing: boolean;
  /** the groups of who comes with it, besides `system:bootstrappers` */
  groups: readonly string[];
}

/** What the Secret says; undefined when it is no well-formed token. */
export function readBootstrapToken({ metadata, type, data = {} }: Secret): BootstrapToken | undefined {
  if (type !== BOOTSTRAP_TOKEN_TYPE || metadata.deletionTimestamp) return undefined;
  const text = (key: string) => Buffer.from(data[key] ?? "", "base64").toString();
  const [id, secret] = [text("token-id"), text("token-secret")];
  if (!BOOTSTRAP_TOKEN.test(`${id}.${secret}`) || metadata.name !== BOOTSTRAP_TOKEN_PREFIX + id) return undefined;
  const expiration = text("expiration");
  const expires = expiration === "" ? undefined : parseTime(expiration);
  if (Number.isNaN(expires)) return undefined;
  const groups = text("auth-extra-groups")
    .split(",")
    .filter((group) => group !== "");
  if (!groups.every((group) => EXTRA_GROUP.test(group))) return undefined;
  return {
    id,
    secret,
    description: text("description"),
    ...(expires !== undefined && { expires }),
    authentication: text("usage-bootstrap-authentication") === "true",
    signing: text("usage-bootstrap-signing") === "true",
    groups,
  };
}
