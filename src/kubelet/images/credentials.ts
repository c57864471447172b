import type { Secret } from "../../api/core/v1/index.ts";
import type { AuthConfig } from "../../cri/index.ts";
import { parseImageReference } from "./reference.ts";

interface Entry {
  username?: string;
  password?: string;
  auth?: string;
  identitytoken?: string;
  registrytoken?: string;
}

/** The credentials that `secrets` (of type dockerconfigjson or dockercfg) hold for an image, the closest match first. */
export function credentialsFor(image: string, secrets: readonly Secret[]): AuthConfig[] {
  const reference = parseImageReference(image);
  if (!reference) return [];
  const found: { match: number; auth: AuthConfig }[] = [];
  for (const secret of secrets) {
    for (const [address, entry] of Object.entries(entriesOf(secret))) {
      const match = matchLength(address, reference.registry, reference.text);
      if (match > 0) found.push({ match, auth: toAuth(entry, address) });
    }
  }
  return found.toSorted((a, b) => b.match - a.match).map((it) => it.auth);
}

function entriesOf(secret: Secret): Record<string, Entry> {
  const full = secret.data?.[".dockerconfigjson"];
  const old = secret.data?.[".dockercfg"];
  try {
    if (full)
      return (JSON.parse(Buffer.from(full, "base64").toString()) as { auths?: Record<string, Entry> }).auths ?? {};
    if (old) return JSON.parse(Buffer.from(old, "base64").toString()) as Record<string, Entry>;
  } catch {
    // A secret that does not parse has no credentials; the pull itself then says what is missing.
  }
  return {};
}

/** An address may name a scheme, a version path, a repository, and `*` for one label of the host. */
function matchLength(address: string, registry: string, image: string): number {
  const bare = address
    .replace(/^https?:\/\//, "")
    .replace(/\/v[12]\/?$/, "")
    .replace(/\/$/, "");
  const [host = "", ...path] = bare.split("/");
  const pattern = new RegExp(`^${host.replace(/[.[\]]/g, "\\$&").replaceAll("*", "[^.:]+")}$`);
  const isHub = registry === "docker.io" && /(^|\.)docker\.io$/.test(host);
  if (!pattern.test(registry) && !isHub) return 0;
  const repository = path.join("/");
  const own = image.startsWith(`${registry}/`) ? image.slice(registry.length + 1) : image;
  if (repository && !own.startsWith(repository)) return 0;
  return bare.length;
}

function toAuth(entry: Entry, address: string): AuthConfig {
  const decoded = entry.auth ? Buffer.from(entry.auth, "base64").toString() : "";
  const colon = decoded.indexOf(":");
  return {
    username: entry.username ?? (colon >= 0 ? decoded.slice(0, colon) : ""),
    password: entry.password ?? (colon >= 0 ? decoded.slice(colon + 1) : ""),
    identityToken: entry.identitytoken ?? "",
    registryToken: entry.registrytoken ?? "",
    serverAddress: address,
  };
}
