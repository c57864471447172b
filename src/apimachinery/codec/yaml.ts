import {
  type Document,
  type DocumentOptions,
  isNode,
  isScalar,
  LineCounter,
  type ParseOptions,
  parseAllDocuments,
  parseDocument,
  type SchemaOptions,
  stringify,
  visit,
} from "yaml";

/** YAML 1.1 as Kubernetes' tools read it: yes and on are booleans and `<<` merges, but "22:22" and dates stay text. */
const OPTIONS: DocumentOptions & SchemaOptions & ParseOptions = {
  version: "1.1",
  merge: true,
  prettyErrors: true,
  uniqueKeys: false,
  customTags: (tags) =>
    tags.filter(
      (tag) =>
        typeof tag === "string" || !(tag.tag.endsWith(":timestamp") || ("format" in tag && tag.format === "TIME")),
    ),
};

function value(document: Document.Parsed): unknown {
  const [error] = document.errors;
  if (error)
    throw new Error(
      `error converting YAML to JSON: yaml: ${where(error.linePos?.[0]?.line)}${error.message.split("\n")[0]}`,
    );
  return jsonShaped(document.toJS({ maxAliasCount: 1000 }));
}

const where = (line: number | undefined) => (line === undefined ? "" : `line ${line}: `);

/** What JSON has no form for becomes text (dates, binary), and keys become strings. */
function jsonShaped(from: unknown): unknown {
  if (typeof from === "bigint") return Number(from);
  if (typeof from !== "object" || from === null) return from;
  if (from instanceof Date) return from.toISOString();
  if (from instanceof Uint8Array) return Buffer.from(from).toString("base64");
  if (Array.isArray(from)) return from.map(jsonShaped);
  const entries = from instanceof Map ? from.entries() : Object.entries(from);
  return Object.fromEntries([...entries].map(([key, item]) => [String(key), jsonShaped(item)]));
}

/** The value of a text with one document. Throws an Error that names the line. */
export function parseYaml(text: string): unknown {
  return value(parseDocument(text, OPTIONS) as Document.Parsed);
}

/** What Kubernetes says of keys that stand twice in one mapping; undefined when none does. */
export function duplicateYamlKeys(text: string): string | undefined {
  const lines = new LineCounter();
  const found: string[] = [];
  visit(parseDocument(text, { ...OPTIONS, lineCounter: lines }), {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : String(key);
        const at = isNode(key) ? lines.linePos(key.range?.[0] ?? 0).line : 0;
        if (seen.has(name)) found.push(`  line ${at}: key ${JSON.stringify(name)} already set in map`);
        seen.add(name);
      }
    },
  });
  return found.length === 0 ? undefined : `yaml: unmarshal errors:\n${found.join("\n")}`;
}

/** The values of all documents of a text; empty ones are left out. */
export function parseYamlDocuments(text: string): unknown[] {
  const documents = parseAllDocuments(text, OPTIONS);
  return [...documents]
    .map((document) => value(document as Document.Parsed))
    .filter((v) => v !== null && v !== undefined);
}

/** A value as YAML, keys sorted, as kubectl prints it. */
export function printYaml(from: unknown): string {
  return stringify(from, {
    version: "1.1",
    sortMapEntries: true,
    lineWidth: 0,
    indentSeq: false,
    aliasDuplicateObjects: false,
  });
}
