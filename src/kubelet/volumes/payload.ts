import type {
  ConfigMap,
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  Secret,
  Volume,
  VolumeProjection,
} from "../../api/core/v1/index.ts";
import { fieldValue, type NodeFacts, resourceValue } from "../pod/fieldRefs.ts";
import { allContainers } from "../pod/spec.ts";
import type { PayloadFile } from "./atomicWriter.ts";

/** What a volume needs is not there (yet): the pod waits, and is told so by a FailedMount event. */
export class VolumeError extends Error {
  override readonly name = "VolumeError";
}

/** A service-account token to be asked for. */
export interface TokenWish {
  audience: string;
  expirationSeconds: number;
}

/** Where a payload's content comes from; all answer at once, from what has been fetched before. */
export interface PayloadSources {
  configMap(name: string): ConfigMap | undefined;
  secret(name: string): Secret | undefined;
  token(wish: TokenWish): string;
  facts: NodeFacts;
}

/** The files of a configMap, secret, downwardAPI or projected volume. Throws VolumeError. */
export function volumePayload(pod: Pod, volume: Volume, sources: PayloadSources): Map<string, PayloadFile> {
  const files = new Map<string, PayloadFile>();
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap) {
    const { name = "", items, optional, defaultMode = 0o644 } = configMap;
    addConfigMap(files, { namespace: pod.metadata.namespace, name, items, optional, mode: defaultMode }, sources);
  } else if (secret) {
    const { secretName: name = "", items, optional, defaultMode = 0o644 } = secret;
    addSecret(files, { namespace: pod.metadata.namespace, name, items, optional, mode: defaultMode }, sources);
  } else if (downwardAPI) {
    addDownward(files, pod, downwardAPI.items ?? [], downwardAPI.defaultMode ?? 0o644, sources.facts);
  } else if (projected) {
    for (const source of projected.sources ?? [])
      addProjection(files, pod, source, projected.defaultMode ?? 0o644, sources);
  }
  return files;
}

function addProjection(
  files: Map<string, PayloadFile>,
  pod: Pod,
  source: VolumeProjection,
  mode: number,
  sources: PayloadSources,
): void {
  const { namespace } = pod.metadata;
  if (source.configMap) addConfigMap(files, { namespace, mode, ...named(source.configMap) }, sources);
  else if (source.secret) addSecret(files, { namespace, mode, ...named(source.secret) }, sources);
  else if (source.downwardAPI) addDownward(files, pod, source.downwardAPI.items ?? [], mode, sources.facts);
  else if (source.serviceAccountToken) {
    const { path, audience = "", expirationSeconds = 3600 } = source.serviceAccountToken;
    const token = sources.token({ audience, expirationSeconds });
    files.set(safePath(path), { content: Buffer.from(token), mode: tokenMode(pod, mode) });
  } else {
    const kind = Object.keys(source)[0] ?? "empty";
    throw new VolumeError(`projected volume source ${kind} is not supported on this node`);
  }
}

/** Only root may read a token, unless the pod has other users: then whoever the volume is open to. */
function tokenMode(pod: Pod, mode: number): number {
  const shared = pod.spec.securityContext ?? {};
  if (shared.fsGroup !== undefined) return 0o600;
  const users = allContainers(pod).map((it) => it.securityContext?.runAsUser ?? shared.runAsUser);
  return users.every((user) => user === 0) ? 0o600 : mode;
}

const named = ({ name = "", items, optional }: { name?: string; items?: KeyToPath[]; optional?: boolean }) => ({
  name,
  items,
  optional,
});

interface ObjectWish {
  namespace: string | undefined;
  name: string;
  items: readonly KeyToPath[] | undefined;
  optional: boolean | undefined;
  mode: number;
}

function addConfigMap(files: Map<string, PayloadFile>, wish: ObjectWish, sources: PayloadSources): void {
  const found = sources.configMap(wish.name);
  if (!found && !wish.optional) throw new VolumeError(`configmap "${wish.name}" not found`);
  const data = new Map<string, Buffer>();
  for (const [key, text] of Object.entries(found?.data ?? {})) data.set(key, Buffer.from(text));
  for (const [key, text] of Object.entries(found?.binaryData ?? {})) data.set(key, Buffer.from(text, "base64"));
  addKeys(files, data, wish);
}

function addSecret(files: Map<string, PayloadFile>, wish: ObjectWish, sources: PayloadSources): void {
  const found = sources.secret(wish.name);
  if (!found && !wish.optional) throw new VolumeError(`secret "${wish.name}" not found`);
  const data = Object.entries(found?.data ?? {}).map(([key, text]) => [key, Buffer.from(text, "base64")] as const);
  addKeys(files, new Map(data), wish);
}

function addKeys(files: Map<string, PayloadFile>, data: ReadonlyMap<string, Buffer>, wish: ObjectWish): void {
  if (!wish.items?.length) {
    for (const [key, content] of data) files.set(key, { content, mode: wish.mode });
    return;
  }
  for (const { key, path, mode } of wish.items) {
    const content = data.get(key);
    if (content) files.set(safePath(path), { content, mode: mode ?? wish.mode });
    else if (!wish.optional) throw new VolumeError(`references non-existent config key: ${key}`);
  }
}

function addDownward(
  files: Map<string, PayloadFile>,
  pod: Pod,
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number,
  facts: NodeFacts,
): void {
  for (const { path, fieldRef, resourceFieldRef, mode } of items) {
    const own = pod.spec.containers[0]!;
    const text = fieldRef
      ? fieldValue(pod, fieldRef.fieldPath, facts)
      : resourceValue(pod, own, resourceFieldRef!, facts);
    files.set(safePath(path), { content: Buffer.from(text), mode: mode ?? defaultMode });
  }
}

/** The API refuses paths that leave the volume; a node does not rely on it. */
function safePath(path: string): string {
  const parts = path.split("/");
  if (path.startsWith("/") || parts.includes("..")) throw new VolumeError(`path ${path} leaves the volume`);
  return path;
}
