/** Holds the documentation against the tree: what it names must be there. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const there = (path: string) => existsSync(join(root, path));

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file));
}

const sources = ["src", "test", "bench", "examples"].flatMap(filesUnder);
const folderReadmes = sources.filter((file) => file.endsWith("README.md"));
const guides = ["README.md", "ARCHITECTURE.md", ...filesUnder("docs").filter((file) => file.endsWith(".md"))];
const concepts = filesUnder("docs/concepts").filter((file) => !file.endsWith("README.md"));

/** Blocks of code are examples, not claims about the tree. */
const withoutCode = (text: string) => text.replace(/^```.*?^```/gms, "").replace(/^ {4}.*$/gm, "");

function linksOf(text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!.replace(/#.*$/, ""));
  return targets.filter((target) => target !== "" && !/^[a-z]+:/.test(target));
}

function backticked(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].flatMap((match) => match[1]!.split(/[\s,;:()]+/));
}

/** `src/api/<group>/` and `test/*.test.ts` stand for many: what can be held against the tree ends before the variable. */
const fixedPart = (path: string) => path.replace(/[^/]*[<*{…].*$/, "");

test("links and paths in the documentation lead somewhere", () => {
  const missing = [...guides, ...folderReadmes].flatMap((file) => {
    const text = withoutCode(read(file));
    const links = linksOf(text).filter((target) => !there(join(dirname(file), target)));
    const paths = backticked(text)
      .filter((word) => /^(src|test|bench|docs|designs|examples)\/./.test(word))
      .filter((path) => !there(fixedPart(path)));
    return [...links, ...paths].map((path) => `${file}: ${path}`);
  });
  assert.deepEqual(missing, []);
});

test("a folder's README names only files that are there", () => {
  const missing = folderReadmes.flatMap((readme) => {
    const folder = dirname(readme);
    const found = (name: string) =>
      [join(folder, name), join("src", name), name].some(there) ||
      sources.some((file) => file.startsWith(`${folder}/`) && file.endsWith(`/${name}`));
    const names = backticked(withoutCode(read(readme))).filter((word) => /^[\w./-]+\.(ts|sh|md)$/.test(word));
    return names.filter((name) => !found(name)).map((name) => `${readme}: ${name}`);
  });
  assert.deepEqual(missing, []);
});

test("each concept says at its end where it lives and which test shows it", () => {
  for (const page of concepts) {
    const sections = read(page).split(/^## /m).slice(-2);
    assert.deepEqual(
      sections.map((section) => section.split("\n")[0]),
      ["Where it lives", "The test that shows it"],
      page,
    );
    assert.match(sections[0]!, /^- `src\//m, `${page} names no file`);
  }
});

test("the tests that concepts name are there, under these names", () => {
  for (const page of concepts) {
    const section = read(page).split("## The test that shows it\n")[1] ?? "";
    const claims = section.split(/^- /m).slice(1);
    assert.ok(claims.length > 0, `${page} names no test`);
    for (const claim of claims) {
      const [, file, name] = /`([^`]+)`.*?"([^"]+)"/s.exec(claim) ?? [];
      assert.ok(file && name, `${page}: "${claim.trim()}" does not name a file and a test`);
      assert.ok(read(file).includes(name.replace(/\s+/g, " ")), `${page}: ${file} has no test "${name}"`);
    }
  }
});

test("the index of concepts has every page", () => {
  const listed = linksOf(read("docs/concepts/README.md")).map((target) => join("docs/concepts", target));
  assert.deepEqual(listed.toSorted(), concepts.toSorted());
});
