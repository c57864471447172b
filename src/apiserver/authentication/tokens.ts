import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { Node, Pod, Secret, ServiceAccount } from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { Clock } from "../../util/clock.ts";
import type { Random } from "../../util/random.ts";
import type { WatchCache } from "../cache/watchCache.ts";
import type { User } from "../pipeline/call.ts";

interface Named {
  readonly name: string;
  readonly uid: string;
}

/** What a token lives and dies with, besides its account. */
export interface Binding {
  readonly pod?: Named;
  readonly secret?: Named;
  readonly node?: Named;
}

interface Claims {
  iss: string;
  sub: string;
  aud: string[];
  exp: number;
  iat: number;
  nbf: number;
  jti: string;
  "kubernetes.io": Binding & { namespace: string; serviceaccount: Named };
}

interface Key {
  readonly id: string;
  readonly algorithm: "RS256" | "ES256";
  readonly key: KeyObject;
}

const MOST_REMEMBERED = 4_096;

function algorithmOf(key: KeyObject): Key["algorithm"] {
  return key.asymmetricKeyType === "ec" ? "ES256" : "RS256";
}

/** The hash of the public key, as Kubernetes names its keys. */
function keyId(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("base64url");
}

function publicKey(pem: string): Key {
  const key = createPublicKey(pem);
  return { id: keyId(key), algorithm: algorithmOf(key), key };
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const parse = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());

/** ES256 signatures are plain r and s in JWTs, not DER. */
const withKey = (key: KeyObject) => ({ key, dsaEncoding: "ieee-p1363" as const });

/** Issues and checks service account tokens (JWT, KEP-1205). */
export class TokenIssuer {
  readonly issuer: string;
  /** what a token without a named audience is for: this API server */
  readonly audiences: readonly string[];
  #signing: Key;
  #keys: readonly Key[];
  #clock: Clock;
  #random: Random;
  #cache: WatchCache;
  /** tokens whose signature has been checked */
  #verified = new Map<string, Claims>();

  constructor(options: {
    issuer: string;
    signingKey: string;
    publicKeys: readonly string[];
    clock: Clock;
    random: Random;
    cache: WatchCache;
  }) {
    const key = createPrivateKey(options.signingKey);
    const own = publicKey(createPublicKey(key).export({ type: "spki", format: "pem" }) as string);
    this.#signing = { ...own, key };
    const others = options.publicKeys.map(publicKey).filter(({ id }) => id !== own.id);
    this.#keys = [own, ...others];
    this.issuer = options.issuer;
    this.audiences = [options.issuer];
    this.#clock = options.clock;
    this.#random = options.random;
    this.#cache = options.cache;
  }
  issue(request: {
    account: Named & { namespace: string };
    audiences: readonly string[];
    seconds: number;
    binding: Binding;
  }): { token: string; expires: number } {
    const { account, audiences, seconds, binding } = request;
    const now = Math.floor(this.#clock.now() / 1000);
    const { name, namespace, uid } = account;
    const claims: Claims = {
      aud: [...audiences],
      exp: now + seconds,
      iat: now,
      iss: this.issuer,
      jti: this.#random.uuid(),
      "kubernetes.io": { namespace, ...binding, serviceaccount: { name, uid } },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${name}`,
    };
    const { id, algorithm, key } = this.#signing;
    const text = `${encode({ alg: algorithm, kid: id })}.${encode(claims)}`;
    const signature = sign("sha256", Buffer.from(text), withKey(key)).toString("base64url");
    return { token: `${text}.${signature}`, expires: (now + seconds) * 1000 };
  }
  /** Whom a token stands for; undefined when it is not ours, has expired, or what it was bound to is gone. */
  verify(token: string, wanted?: readonly string[]): { user: User; audiences: string[] } | undefined {
    const claims = this.#claims(token);
    const now = this.#clock.now() / 1000;
    if (!claims || claims.iss !== this.issuer || claims.exp <= now || claims.nbf > now + 60) return undefined;
    const meant = (wanted ?? []).length > 0 ? wanted! : this.audiences;
    const audiences = claims.aud.filter((audience) => meant.includes(audience));
    if (audiences.length === 0 || !this.#isAlive(claims)) return undefined;
    return { user: userOf(claims), audiences };
  }
  #claims(token: string): Claims | undefined {
    const known = this.#verified.get(token);
    if (known) return known;
    const parts = token.split(".");
    if (parts.length !== 3) return undefined;
    try {
      const { kid, alg } = parse(parts[0]!) as { kid?: string; alg?: string };
      const signature = Buffer.from(parts[2]!, "base64url");
      const text = Buffer.from(`${parts[0]}.${parts[1]}`);
      const keys = this.#keys.filter((k) => k.algorithm === alg && (kid === undefined || k.id === kid));
      if (!keys.some(({ key }) => verify("sha256", text, withKey(key), signature))) return undefined;
      const claims = parse(parts[1]!) as Claims;
      if (!claims["kubernetes.io"]?.serviceaccount || !Array.isArray(claims.aud)) return undefined;
      if (this.#verified.size >= MOST_REMEMBERED) this.#verified.clear();
      this.#verified.set(token, claims);
      return claims;
    } catch {
      return undefined; // not a JWT at all: then it is none of ours
    }
  }
  #isAlive({ "kubernetes.io": about }: Claims): boolean {
    const { namespace, serviceaccount, pod, secret, node } = about;
    return (
      this.#exists(ServiceAccount as never, `${namespace}/${serviceaccount.name}`, serviceaccount.uid) &&
      (!pod || this.#exists(Pod as never, `${namespace}/${pod.name}`, pod.uid)) &&
      (!secret || this.#exists(Secret as never, `${namespace}/${secret.name}`, secret.uid)) &&
      (pod !== undefined || !node || this.#exists(Node as never, node.name, node.uid))
    );
  }
  #exists(kind: Kind, key: string, uid: string): boolean {
    return this.#cache.of(kind).get(key)?.object.metadata.uid === uid;
  }
  /** /openid/v1/jwks */
  jwks(): object {
    const keys = this.#keys.map(({ id, algorithm, key }) => ({
      use: "sig",
      kid: id,
      alg: algorithm,
      ...key.export({ format: "jwk" }),
    }));
    return { keys };
  }
  /** /.well-known/openid-configuration */
  discovery(jwksURI: string): object {
    return {
      issuer: this.issuer,
      jwks_uri: jwksURI,
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: [...new Set(this.#keys.map(({ algorithm }) => algorithm))],
    };
  }
}

function userOf({ sub, jti, "kubernetes.io": { namespace, serviceaccount, pod, node } }: Claims): User {
  const extra: Record<string, string[]> = { "authentication.kubernetes.io/credential-id": [`JTI=${jti}`] };
  if (pod) {
    extra["authentication.kubernetes.io/pod-name"] = [pod.name];
    extra["authentication.kubernetes.io/pod-uid"] = [pod.uid];
  }
  if (node) {
    extra["authentication.kubernetes.io/node-name"] = [node.name];
    extra["authentication.kubernetes.io/node-uid"] = [node.uid];
  }
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { name: sub, uid: serviceaccount.uid, groups, extra };
}
