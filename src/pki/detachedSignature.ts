import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * A detached JSON web signature (RFC 7515, appendix F) by HMAC with SHA-256: what proves to the holder of a bootstrap
 * token that the cluster's ConfigMap cluster-info comes from somebody who knows the token, too.
 */
export function detachedSignature(content: string, key: { id: string; secret: string }): string {
  const header = encode(JSON.stringify({ alg: "HS256", kid: key.id }));
  const signature = createHmac("sha256", key.secret)
    .update(`${header}.${encode(content)}`)
    .digest("base64url");
  return `${header}..${signature}`;
}

export function isDetachedSignature(signature: string, content: string, key: { id: string; secret: string }): boolean {
  const [found, wanted] = [signature, detachedSignature(content, key)].map((text) => Buffer.from(text));
  return found!.length === wanted!.length && timingSafeEqual(found!, wanted!);
}

const encode = (text: string) => Buffer.from(text).toString("base64url");
