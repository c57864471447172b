import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { allKinds } from "../../api/index.ts";
import { Reader } from "../../apimachinery/codec/protobuf/reader.ts";
import { createOpenApi, openapiV2, wantsV2Protobuf } from "./index.ts";

type Json = Record<string, unknown>;
interface Swagger {
  definitions: Record<string, Json>;
  paths: Record<string, Record<string, Json>>;
  parameters: Record<string, Json>;
}

const oracle = join(import.meta.dirname, "../../../../shared/upstream/openapi/swagger-1.36.json");
const skip = !existsSync(oracle) && "the facts about Kubernetes 1.36 are not here";
const theirs = () => JSON.parse(readFileSync(oracle, "utf8")) as Swagger;
const ours = JSON.parse(JSON.stringify(openapiV2(allKinds))) as Swagger;

/** What is compared: everything but prose and the order of sets. */
function facts(value: unknown, parent = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => facts(item));
    return parent === "required" ? items.sort() : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key, item]) => !(key === "description" && typeof item === "string"));
  return Object.fromEntries(entries.map(([key, item]) => [key, facts(item, key)]));
}

const groupVersions = new Set(allKinds.map(({ group, version }) => `${group}/${version}`));
type Gvk = { group: string; version: string; kind: string };
/** DeleteOptions and WatchEvent name every group-version that is served. */
function declaredOnly(definition: Json): Json {
  const gvks = definition["x-kubernetes-group-version-kind"] as Gvk[] | undefined;
  if (!gvks) return definition;
  const kept = gvks.filter(({ group, version }) => groupVersions.has(`${group}/${version}`) || gvks.length === 1);
  const sorted = kept.sort((a, b) => `${a.group}/${a.version}`.localeCompare(`${b.group}/${b.version}`));
  return { ...definition, "x-kubernetes-group-version-kind": sorted };
}

test("defines every message with Kubernetes' names, types, formats, required fields and extensions", { skip }, () => {
  const expected = theirs().definitions;
  const wrong: string[] = [];
  for (const [name, definition] of Object.entries(ours.definitions)) {
    const fact = expected[name];
    if (!fact) wrong.push(`${name} is not Kubernetes'`);
    else {
      try {
        assert.deepEqual(declaredOnly(facts(definition) as Json), declaredOnly(facts(fact) as Json));
      } catch (error) {
        wrong.push(`${name}: ${(error as Error).message.split("\n").slice(0, 24).join("\n")}`);
      }
    }
  }
  assert.equal(
    wrong.length,
    0,
    `${wrong.length} of ${Object.keys(ours.definitions).length}:\n${wrong.slice(0, 8).join("\n")}`,
  );
});

/** An operation without what we do not serve (CBOR), with shared parameters in place, in order of name. */
function comparable(operation: Json, shared: Record<string, Json>): unknown {
  const { produces, consumes, parameters, ...rest } = operation as { [K in string]?: unknown };
  const types = (list: unknown) => (list as string[] | undefined)?.filter((type) => !type.includes("cbor"));
  return facts({
    ...rest,
    produces: types(produces),
    consumes: types(consumes),
    parameters: sorted(parameters, shared),
  });
}

function sorted(parameters: unknown, shared: Record<string, Json>): Json[] {
  const list = (parameters ?? []) as Json[];
  const resolved = list.map((one) => (one.$ref ? shared[String(one.$ref).split("/").at(-1)!]! : one));
  return resolved.sort((a, b) => `${a.in} ${a.name}`.localeCompare(`${b.in} ${b.name}`));
}

test("serves the paths of every declared kind with Kubernetes' operations", { skip }, () => {
  const { paths, parameters } = theirs();
  const wrong: string[] = [];
  for (const [path, item] of Object.entries(ours.paths)) {
    const fact = paths[path];
    if (!fact) {
      wrong.push(`${path} is not Kubernetes'`);
      continue;
    }
    assert.deepEqual(Object.keys(item).sort(), Object.keys(fact).sort(), path);
    for (const [method, operation] of Object.entries(item)) {
      const compare = (one: Json, shared: Record<string, Json>) =>
        method === "parameters" ? facts(sorted(one, shared)) : comparable(one, shared);
      const have = compare(operation, {});
      const want = compare(fact[method]!, parameters);
      try {
        assert.deepEqual(have, want);
      } catch (error) {
        wrong.push(`${method} ${path}: ${(error as Error).message.split("\n").slice(0, 24).join("\n")}`);
      }
    }
  }
  assert.equal(wrong.length, 0, `${wrong.length} differ:\n${wrong.slice(0, 8).join("\n")}`);
});

test("leaves out no path of a declared kind", { skip }, () => {
  const declared = allKinds.map((kind) => ({
    base: kind.group === "" ? `/api/v1` : `/apis/${kind.apiVersion}`,
    plural: kind.plural,
  }));
  const missing = Object.keys(theirs().paths)
    .filter((path) =>
      declared.some(({ base, plural }) =>
        new RegExp(`^${base}/(watch/)?(namespaces/\\{namespace\\}/)?${plural}(/\\{name\\}.*)?$`).test(path),
      ),
    )
    .filter((path) => !ours.paths[path]);
  assert.deepEqual(missing, []);
});

test("every reference of a v3 document leads to one of its schemas", () => {
  const openapi = createOpenApi(allKinds);
  const index = JSON.parse(openapi.v3Index().json.toString()) as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  for (const [path, { serverRelativeURL }] of Object.entries(index.paths)) {
    const document = openapi.v3(path)!;
    assert.equal(serverRelativeURL, `/openapi/v3/${path}?hash=${document.hash}`);
    const text = document.json.toString();
    const { components } = JSON.parse(text) as { components: { schemas: Json } };
    for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      assert.ok(components.schemas[name], name);
    }
  }
  assert.equal(openapi.v3("apis/nothing.example.com/v1"), undefined);
});

test("tells the same in gnostic's protobuf, for clients that ask for it", () => {
  assert.ok(wantsV2Protobuf("application/com.github.proto-openapi.spec.v2@v1.0+protobuf"));
  assert.ok(!wantsV2Protobuf("application/json"));
  const reader = new Reader(createOpenApi(allKinds).v2Protobuf().protobuf);
  const fields: number[] = [];
  const definitions: string[] = [];
  const nameOnly = (entry: Reader) => entry.only(1, () => definitions.push(entry.string()));
  reader.fields((number) => {
    fields.push(number);
    if (number === 9) reader.nested((inner) => inner.only(1, () => inner.nested(nameOnly)));
    return number === 9;
  });
  // swagger, info, paths, definitions, security, securityDefinitions
  assert.deepEqual(fields, [1, 2, 8, 9, 12, 13]);
  assert.deepEqual(definitions, Object.keys(ours.definitions));
});
