/** The parts of an image reference such as "registry.local:5000/team/app:1.2@sha256:…". */
export interface ImageReference {
  /** "docker.io" when the reference names none */
  registry: string;
  /** as pulled: with the tag "latest" when it had neither tag nor digest */
  text: string;
}

const DOMAIN = /^(?:localhost|[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9-]+(?=:\d)|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** Takes a reference apart; undefined when it is not one. */
export function parseImageReference(text: string): ImageReference | undefined {
  const [named = "", digest, ...more] = text.split("@");
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) return undefined;
  const slash = named.indexOf("/");
  const first = named.slice(0, Math.max(slash, 0));
  const hasDomain = slash > 0 && DOMAIN.test(first);
  const rest = hasDomain ? named.slice(slash + 1) : named;
  const colon = rest.lastIndexOf(":");
  const path = colon >= 0 ? rest.slice(0, colon) : rest;
  const tag = colon >= 0 ? rest.slice(colon + 1) : undefined;
  if (!PATH.test(path) || (tag !== undefined && !TAG.test(tag))) return undefined;
  return { registry: hasDomain ? first : "docker.io", text: tag || digest ? text : `${text}:latest` };
}
