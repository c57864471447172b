import { mkdir, open, readFile, realpath, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type Document, isMap, isSeq, parseDocument, stringify } from "yaml";
import type { Clock } from "../util/clock.ts";
import { replaceFile } from "./config.ts";
import { ClusterError, errorCode } from "./errors.ts";

export interface KubeconfigEntry {
  /** the name of context, cluster and user alike */
  name: string;
  server: string;
  /** PEM */
  ca: string;
  /** who asks; nobody in particular when left out */
  cert?: string;
  key?: string;
  token?: string;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

function parts(entry: KubeconfigEntry) {
  const { name } = entry;
  return {
    clusters: { name, cluster: { server: entry.server, "certificate-authority-data": base64(entry.ca) } },
    users: { name, user: userOf(entry) },
    contexts: { name, context: { cluster: name, user: name } },
  };
}

function userOf({ cert, key, token }: KubeconfigEntry) {
  return {
    ...(cert !== undefined && { "client-certificate-data": base64(cert) }),
    ...(key !== undefined && { "client-key-data": base64(key) }),
    ...(token !== undefined && { token }),
  };
}

/** A kubeconfig with nothing but this entry. */
export function kubeconfigText(entry: KubeconfigEntry): string {
  const { clusters, users, contexts } = parts(entry);
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [clusters],
    contexts: [contexts],
    "current-context": entry.name,
    users: [users],
  });
}

/** The file kubectl would change: the first of $KUBECONFIG, or ~/.kube/config. */
export function defaultKubeconfig(): string {
  const [first] = (process.env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  return first ?? join(homedir(), ".kube", "config");
}

/** Adds or replaces the entry and makes it current; all else in the file stays as it is, comments too. */
export async function mergeKubeconfig(
  file: string,
  entry: KubeconfigEntry,
  clock: Clock,
): Promise<{ previousContext?: string }> {
  return changeKubeconfig(file, clock, (document) => {
    const previous = document.get("current-context");
    if (!document.has("apiVersion")) document.set("apiVersion", "v1");
    if (!document.has("kind")) document.set("kind", "Config");
    for (const [section, value] of Object.entries(parts(entry))) {
      removeNamed(document, section, entry.name);
      if (isSeq(document.get(section))) document.addIn([section], document.createNode(value));
      else document.set(section, document.createNode([value]));
    }
    document.set("current-context", entry.name);
    return { previousContext: typeof previous === "string" && previous !== entry.name ? previous : undefined };
  });
}

/** Takes the entry out again; if it was current, the context before it is current once more, when it still exists. */
export async function removeFromKubeconfig(
  file: string,
  name: string,
  previous: string | undefined,
  clock: Clock,
): Promise<void> {
  if ((await readFile(file, "utf8").catch(() => "")) === "") return; // nothing to take out
  await changeKubeconfig(file, clock, (document) => {
    for (const section of ["clusters", "users", "contexts"]) removeNamed(document, section, name);
    if (document.get("current-context") !== name) return;
    if (previous !== undefined && hasNamed(document, "contexts", previous)) document.set("current-context", previous);
    else document.delete("current-context");
  });
}

function items(document: Document, section: string): unknown[] {
  const list = document.get(section);
  return isSeq(list) ? list.items : [];
}
const isNamed = (item: unknown, name: string) => isMap(item) && item.get("name") === name;

function hasNamed(document: Document, section: string, name: string): boolean {
  return items(document, section).some((item) => isNamed(item, name));
}
function removeNamed(document: Document, section: string, name: string): void {
  const list = items(document, section);
  for (let i = list.length - 1; i >= 0; i--) if (isNamed(list[i], name)) list.splice(i, 1);
}

/** Reads, changes and replaces the file in one step, under the lock file that kubectl uses too. */
async function changeKubeconfig<T>(file: string, clock: Clock, change: (document: Document) => T): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const path = await realpath(file).catch(() => file); // it does not exist yet
  const unlock = await lockFile(`${path}.lock`, clock);
  try {
    const text = await readFile(path, "utf8").catch((error) => {
      if (errorCode(error) === "ENOENT") return "";
      throw error;
    });
    const document = parseDocument(text.trim() === "" ? "{}" : text);
    if (document.errors.length > 0 || !isMap(document.contents)) {
      throw new ClusterError(
        `${file} is not a kubeconfig: ${document.errors[0]?.message.split("\n")[0] ?? "not a mapping"}`,
        {
          hint: "mend or move the file, or set KUBECONFIG to another one",
        },
      );
    }
    if (text.trim() === "") document.contents.flow = false;
    const answer = change(document as Document);
    const after = document.toString({ lineWidth: 0 });
    if (after !== text) await replaceFile(path, after, 0o600);
    return answer;
  } finally {
    await unlock();
  }
}

async function lockFile(path: string, clock: Clock): Promise<() => Promise<void>> {
  const deadline = clock.now() + 5000;
  for (;;) {
    try {
      await (await open(path, "wx")).close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    if (clock.now() > deadline)
      throw new ClusterError(`${path} is held by another program`, { hint: `if none runs, remove it: rm ${path}` });
    await clock.sleep(20);
  }
}
