/** Reads every source file as text and holds it against the rules that no compiler knows: layers, and banned words. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Which folders under `src/` each folder may import; `util` is open to all, as is a folder to itself. */
const LAYERS: Record<string, readonly string[] | "everything"> = {
  cmd: "everything",
  testing: "everything",
  cli: ["client", "cri", "pki", "api", "apimachinery"],
  dashboard: ["client", "cri", "pki", "api", "apimachinery"],
  cluster: ["client", "cri", "pki", "api", "apimachinery"],
  apiserver: ["store", "client", "streaming", "pki", "api", "apimachinery"],
  controllers: ["client", "pki", "api", "apimachinery"],
  scheduler: ["client", "pki", "api", "apimachinery"],
  proxy: ["client", "pki", "api", "apimachinery"],
  dns: ["client", "pki", "api", "apimachinery"],
  cloud: ["client", "pki", "api", "apimachinery"],
  routes: ["client", "pki", "api", "apimachinery"],
  simulation: ["client", "pki", "api", "apimachinery"],
  kubelet: ["cri", "client", "streaming", "pki", "api", "apimachinery"],
  client: ["api", "apimachinery"],
  store: [],
  cri: [],
  streaming: [],
  pki: [],
  api: ["apimachinery"],
  apimachinery: [],
  util: [],
};

interface Ban {
  pattern: RegExp;
  instead: string;
  /** paths where it may appear */
  except: RegExp;
}

const OUTSIDE_TIME = /^(src\/util\/|test\/|bench\/|scripts\/)/;
const BANNED: readonly Ban[] = [
  { pattern: /\bDate\.now\(|\bnew Date\(\)/, instead: "Clock.now()", except: OUTSIDE_TIME },
  { pattern: /\bMath\.random\b/, instead: "Random", except: OUTSIDE_TIME },
  { pattern: /\b(setTimeout|setInterval)\(/, instead: "Clock.setTimer() or Clock.sleep()", except: OUTSIDE_TIME },
  { pattern: /:\s*any\b|\bas any\b|<any>/, instead: "unknown and a parse", except: /^$/ },
  { pattern: /@ts-(ignore|nocheck)/, instead: "a type that is right", except: /^$/ },
  { pattern: /^\s*(export )?(const )?enum \b/m, instead: "a union of strings", except: /^$/ },
];

function sources(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
    .map((file) => join(folder, file));
}

const files = [...sources("src"), ...sources("test"), ...sources("bench"), ...sources("scripts")];
const self = relative(root, fileURLToPath(import.meta.url));

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => match[1]!);
}

test("imports point down the layers only", () => {
  const wrong: string[] = [];
  for (const file of files.filter((f) => f.startsWith("src/") && !f.endsWith(".test.ts"))) {
    const folder = file.split("/")[1]!;
    const allowed = LAYERS[folder];
    if (allowed === undefined) wrong.push(`${file}: src/${folder} is not in the layer table`);
    for (const specifier of importsOf(readFileSync(join(root, file), "utf8"))) {
      const target = relative(root, join(root, dirname(file), specifier)).split("/");
      if (target[0] !== "src") wrong.push(`${file} imports ${specifier}, outside src`);
      else if (
        allowed !== "everything" &&
        target[1] !== folder &&
        target[1] !== "util" &&
        !allowed?.includes(target[1]!)
      ) {
        wrong.push(`${file} imports ${specifier}: src/${folder} may not import src/${target[1]}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test("time, chance and types go through their one door", () => {
  const wrong: string[] = [];
  for (const file of files.filter((f) => f !== self)) {
    const lines = readFileSync(join(root, file), "utf8").split("\n");
    for (const ban of BANNED.filter((b) => !b.except.test(file))) {
      lines.forEach((line, i) => {
        const code = line.replace(/^\s*(\*|\/\/|\/\*).*/, "");
        if (ban.pattern.test(code)) wrong.push(`${file}:${i + 1}: ${line.trim()} — use ${ban.instead}`);
      });
    }
  }
  assert.deepEqual(wrong, []);
});

test("no file has a name that says nothing", () => {
  const vague = files.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\.test)?\.ts$/.test(file));
  assert.deepEqual(vague, []);
});

test("each folder under src says its role", () => {
  const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const silent = folders.filter((entry) => {
    const inside = readdirSync(join(root, "src", entry.name));
    return inside.some((name) => name.endsWith(".ts")) && !inside.includes("README.md");
  });
  assert.deepEqual(
    silent.map((entry) => entry.name),
    [],
  );
});
