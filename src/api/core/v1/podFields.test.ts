/** No field of a Pod is passed over in silence: a component uses it, or the reference says that none does. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Message } from "../../../apimachinery/schema.ts";
import { PodSpec } from "./podSpec.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const COMPONENTS = ["apiserver", "controllers", "dns", "kubelet", "proxy", "scheduler"];
const DOCUMENT = "docs/reference/pod-fields.md";

function wordsOf(folder: string): string[] {
  const files = readdirSync(join(ROOT, "src", folder), { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  return sources.flatMap((file) => readFileSync(join(ROOT, "src", folder, file), "utf8").match(/\w+/g) ?? []);
}

/** Paths in the reference's tables, such as "volumes.iscsi" for `volumes[].iscsi`. */
function documentedPaths(): string[] {
  const quoted = readFileSync(join(ROOT, DOCUMENT), "utf8").match(/`[\w.[\]]+/g) ?? [];
  return quoted.map((text) => text.slice(1).replaceAll("[]", ""));
}

const SORTS = /^spec\.(initContainers|ephemeralContainers)/;

test("every field of a Pod is used, or documented as not acted on", () => {
  const used = new Set(COMPONENTS.flatMap(wordsOf));
  const documented = documentedPaths();
  const isDocumented = (path: string) => documented.some((one) => path === `spec.${one}` || path.endsWith(`.${one}`));
  /** Fields that nothing uses, those below a documented one left out. */
  const silent = (message: Message, path: string, seen: readonly Message[]): string[] => {
    if (seen.includes(message) || !message.name.startsWith("io.k8s.api.core.")) return [];
    return Object.entries(message.fields).flatMap(([name, { spec }]) => {
      const inline = spec.presence === "inline";
      const at = inline ? path : `${path}.${name}`.replace(SORTS, "spec.containers");
      if (!inline && isDocumented(at)) return [];
      const below = typeof spec.type === "string" ? [] : silent(spec.type, at, [...seen, message]);
      return inline || used.has(name) ? below : [at, ...below];
    });
  };
  assert.deepEqual([...new Set(silent(PodSpec, "spec", []))], []);
});
