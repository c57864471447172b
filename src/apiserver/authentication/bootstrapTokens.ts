import { timingSafeEqual } from "node:crypto";
import {
  BOOTSTRAP_TOKEN,
  BOOTSTRAP_TOKEN_PREFIX,
  BOOTSTRAPPERS_GROUP,
  readBootstrapToken,
  Secret,
} from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { Clock } from "../../util/clock.ts";
import type { WatchCache } from "../cache/watchCache.ts";
import type { User } from "../pipeline/call.ts";

/** Whom a bootstrap token stands for; undefined when there is none such, or it may not be used to authenticate. */
export function bootstrapUser(token: string, cache: WatchCache, clock: Clock): User | undefined {
  const [, id, secret] = BOOTSTRAP_TOKEN.exec(token) ?? [];
  if (!id || !secret) return undefined;
  const entry = cache.of(Secret as unknown as Kind).get(`kube-system/${BOOTSTRAP_TOKEN_PREFIX}${id}`);
  const known = entry && readBootstrapToken(entry.object as Secret);
  if (!known?.authentication || !timingSafeEqual(Buffer.from(known.secret), Buffer.from(secret))) return undefined;
  if (known.expires !== undefined && known.expires <= clock.now()) return undefined;
  return { name: `system:bootstrap:${id}`, groups: [BOOTSTRAPPERS_GROUP, ...known.groups] };
}
