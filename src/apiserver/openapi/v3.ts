import { allPathsOf, type Facts, scalarSchemas } from "./facts.ts";
import type { Operation, PathItem } from "./operations.ts";
import type { Parameter } from "./parameters.ts";
import { type Dialect, definitionSchema } from "./schemas.ts";

const V3: Dialect = { version: 3, ref: (name) => `#/components/schemas/${name}` };

/** The OpenAPI v3 document of one group-version (GET /openapi/v3/apis/apps/v1), with only the schemas it needs. */
export function buildV3(facts: Facts, document: string): object | undefined {
  const items = allPathsOf(facts).filter((item) => item.document === document);
  if (items.length === 0) return undefined;
  const paths = Object.fromEntries(items.map((item) => [item.path, pathItem(item)]));
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: facts.version },
    paths,
    components: {
      schemas: neededSchemas(facts, paths, ownKinds(facts, document)),
      securitySchemes: {
        BearerToken: { type: "apiKey", description: "A bearer token.", name: "authorization", in: "header" },
      },
    },
    security: [{ BearerToken: [] }],
  };
}

/** The definitions of a group-version's kinds, which are shown even when no path needs them. */
function ownKinds(facts: Facts, document: string): string[] {
  const groupVersion = document.replace(/^apis?\//, "");
  return facts.kinds.filter((kind) => kind.apiVersion === groupVersion).map((kind) => kind.schema.name);
}

function neededSchemas(facts: Facts, paths: object, more: string[]): Record<string, object> {
  const scalars = new Map(scalarSchemas(3));
  const schemas = new Map<string, object>();
  const waiting = [...refsIn(paths), ...more];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (schemas.has(name)) continue;
    const definition = facts.definitions.get(name);
    const schema = definition ? definitionSchema(definition, V3) : scalars.get(name)!;
    schemas.set(name, schema);
    waiting.push(...refsIn(schema));
  }
  return Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const PREFIX = V3.ref("");

function refsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const out: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (key === "$ref" && typeof item === "string") out.push(item.slice(PREFIX.length));
    else out.push(...refsIn(item));
  }
  return out;
}

const pathItem = (item: PathItem) => ({
  ...Object.fromEntries(item.operations.map((one) => [one.method, operation(one)])),
  ...(item.parameters.length > 0 && { parameters: item.parameters.map(parameter) }),
});

const parameter = ({ name, in: place, type, description }: Parameter) => ({
  name,
  in: place,
  description,
  ...(place === "path" && { required: true }),
  schema: { type, uniqueItems: true },
});

function operation(of: Operation): object {
  return {
    tags: [of.tag],
    description: of.description,
    operationId: of.operationId,
    ...(of.parameters.length > 0 && { parameters: of.parameters.map(parameter) }),
    ...(of.body && { requestBody: requestBody(of) }),
    responses: responses(of),
    ...(of.action && { "x-kubernetes-action": of.action }),
    ...(of.gvk && { "x-kubernetes-group-version-kind": of.gvk }),
  };
}

function requestBody({ body, consumes }: Operation): object {
  const schema = { $ref: V3.ref(body!.definition) };
  return {
    content: Object.fromEntries(consumes.map((type) => [type, { schema }])),
    ...(body!.required && { required: true }),
  };
}

const MEANING: Record<number, string> = { 200: "OK", 201: "Created", 202: "Accepted" };

function responses({ answer, codes, produces }: Operation): object {
  const schema = answer === "string" ? { type: "string" } : { $ref: V3.ref(answer) };
  const content = Object.fromEntries(produces.map((type) => [type, { schema }]));
  const fine = codes.map((code) => [code, { description: MEANING[code], content }]);
  return Object.fromEntries([...fine, [401, { description: "Unauthorized" }]]);
}
