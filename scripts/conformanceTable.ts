/**
 * Writes docs/reference/conformance.md: each sentence of Kubernetes' conformance suite, and where a test of ours holds
 * it. A test holds a sentence when its title is the sentence's name; tags in brackets do not count.
 *
 *     node scripts/conformanceTable.ts [--check]
 *
 * Needs ../shared. With --check nothing is written: exit code 1 tells that the table is out of date.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const root = join(import.meta.dirname, "..");
const SENTENCES = join(root, "../shared/upstream/conformance-1.36.yaml");
const TABLE = join(root, "docs/reference/conformance.md");

/** The sentences are facts of Kubernetes' own suite, which only a developer's machine has. */
export const canGenerate = (): boolean => existsSync(SENTENCES);

export interface Sentence {
  /** "sig-apps" */
  group: string;
  /** without tags, such as "Job should delete a job" */
  title: string;
  /** the test files that hold it */
  tests: readonly string[];
}

const withoutTags = (name: string) =>
  name
    .replace(/\[[^\]]*\]/g, " ")
    .replace(/\s+/g, " ")
    .trim();

function testFiles(): string[] {
  return ["src", "test"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".test.ts"))
      .map((file) => join(folder, file))
      .sort(),
  );
}

/** What a test may be called: any text of one line in quotes. */
function textsIn(file: string): string[] {
  const literals = readFileSync(join(root, file), "utf8").matchAll(/"((?:[^"\\\n]|\\.)+)"|`([^`\n]+)`|'([^'\n]+)'/g);
  return [...literals].map((found) => withoutTags((found[1] ?? found[2] ?? found[3] ?? "").replace(/\\(.)/g, "$1")));
}

export function sentences(): Sentence[] {
  const files = new Map<string, Set<string>>();
  for (const file of testFiles()) {
    for (const text of textsIn(file)) files.set(text, (files.get(text) ?? new Set()).add(file));
  }
  const known = parse(readFileSync(SENTENCES, "utf8")) as { codename: string }[];
  return known.map(({ codename }) => {
    const title = withoutTags(codename);
    const group = /^\[([a-z-]+)\]/.exec(codename)?.[1] ?? "other";
    return { group, title, tests: [...(files.get(title) ?? [])] };
  });
}

export function conformanceTable(all: readonly Sentence[]): string {
  const groups = Map.groupBy(all, ({ group }) => group);
  const held = (some: readonly Sentence[]) => some.filter(({ tests }) => tests.length > 0).length;
  const link = (file: string) => `[${file.split("/").at(-1)}](../../${file})`;
  const lines = [
    "# Conformance",
    "",
    "The sentences of Kubernetes 1.36's conformance suite by name, and the tests of ours that hold them, made by",
    "`node scripts/conformanceTable.ts` from the titles of tests. A sentence without a test here may hold all the same;",
    "one with a test holds in our own words, which the official suite has the last word on.",
    "",
    "| group | sentences | with a test |",
    "|---|---|---|",
    ...[...groups].sort().map(([group, some]) => `| ${group} | ${some.length} | ${held(some)} |`),
    `| all | ${all.length} | ${held(all)} |`,
  ];
  for (const [group, some] of [...groups].sort()) {
    lines.push("", `## ${group}`, "", "| sentence | tests |", "|---|---|");
    const rows = some.toSorted((a, b) => (a.title < b.title ? -1 : 1));
    lines.push(
      ...rows.map(({ title, tests }) => `| ${title.replaceAll("|", "\\|")} | ${tests.map(link).join(", ")} |`),
    );
  }
  return `${lines.join("\n")}\n`;
}

export const isCurrent = (): boolean =>
  existsSync(TABLE) && readFileSync(TABLE, "utf8") === conformanceTable(sentences());

if (import.meta.main) {
  if (process.argv.includes("--check")) process.exit(isCurrent() ? 0 : 1);
  writeFileSync(TABLE, conformanceTable(sentences()));
}
