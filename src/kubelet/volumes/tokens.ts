import type { TokenRequest } from "../../api/authentication/v1/index.ts";
import { type Pod, ServiceAccount } from "../../api/core/v1/index.ts";
import { parseTime } from "../../apimachinery/time.ts";
import type { Client } from "../../client/client.ts";
import type { Clock } from "../../util/clock.ts";
import type { TokenWish } from "./payload.ts";

interface Token {
  token: string;
  /** from this instant on a new one is asked for */
  renewAt: number;
  expires: number;
}

/** Service-account tokens bound to pods, asked for by TokenRequest and renewed at 80 % of their life (or after a day). */
export class Tokens {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, Token>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Fetches what is missing or due; answers when the next one is due, or undefined. */
  async prepare(pod: Pod, wishes: readonly TokenWish[]): Promise<number | undefined> {
    const tokens = await Promise.all(wishes.map((wish) => this.#current(pod, wish)));
    return tokens.length > 0 ? Math.min(...tokens.map((it) => it.renewAt)) : undefined;
  }

  get(pod: Pod, wish: TokenWish): string {
    return this.#prepared(pod, wish).token;
  }
  /** the instant at which it is no longer good */
  expiry(pod: Pod, wish: TokenWish): number {
    return this.#prepared(pod, wish).expires;
  }
  #prepared(pod: Pod, wish: TokenWish): Token {
    const token = this.#tokens.get(keyOf(pod, wish));
    if (!token) throw new Error("a token was used before it was prepared");
    return token;
  }

  forget(podUid: string): void {
    for (const key of this.#tokens.keys()) if (key.startsWith(`${podUid}/`)) this.#tokens.delete(key);
  }

  async #current(pod: Pod, wish: TokenWish): Promise<Token> {
    const key = keyOf(pod, wish);
    const known = this.#tokens.get(key);
    const now = this.#clock.now();
    if (known && now < known.renewAt) return known;
    try {
      const fresh = await this.#request(pod, wish);
      this.#tokens.set(key, fresh);
      return fresh;
    } catch (error) {
      // An old token that is still good beats a pod that cannot be synced.
      if (known && now < known.expires) return { ...known, renewAt: now + 10_000 };
      throw error;
    }
  }

  async #request(pod: Pod, { audience, expirationSeconds }: TokenWish): Promise<Token> {
    const { namespace, name, uid } = pod.metadata;
    const request = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      metadata: {},
      spec: {
        ...(audience ? { audiences: [audience] } : {}),
        expirationSeconds,
        boundObjectRef: { kind: "Pod", apiVersion: "v1", name, uid },
      },
      status: {},
    } as unknown as TokenRequest;
    const account = { namespace, name: pod.spec.serviceAccountName || "default" };
    const asked = this.#clock.now();
    const { status } = await this.#client.createSubresource(ServiceAccount, account, "token", request);
    const expires = status.expirationTimestamp
      ? parseTime(status.expirationTimestamp)
      : asked + expirationSeconds * 1000;
    const life = Math.min((expires - asked) * 0.8, 24 * 3600_000);
    return { token: status.token ?? "", renewAt: asked + life, expires };
  }
}

const keyOf = (pod: Pod, wish: TokenWish) => `${pod.metadata.uid}/${wish.audience}/${wish.expirationSeconds}`;

/** The tokens a pod's projected volumes ask for. */
export function tokenWishes(pod: Pod): TokenWish[] {
  return (pod.spec.volumes ?? [])
    .flatMap((volume) => volume.projected?.sources ?? [])
    .flatMap(({ serviceAccountToken: it }) =>
      it ? [{ audience: it.audience ?? "", expirationSeconds: it.expirationSeconds ?? 3600 }] : [],
    );
}
