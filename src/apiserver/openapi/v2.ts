import type { ScalarName } from "../../apimachinery/schema.ts";
import { patchDefinition, scalarDefinitions } from "./definitions.ts";
import { allPathsOf, type Facts, scalarSchemas } from "./facts.ts";
import type { Operation, PathItem } from "./operations.ts";
import type { Parameter } from "./parameters.ts";
import { type Dialect, definitionSchema } from "./schemas.ts";

const V2: Dialect = { version: 2, ref: (name) => `#/definitions/${name}` };

/** The OpenAPI v2 document of everything that is served (GET /openapi/v2). */
export function buildV2(facts: Facts): object {
  return {
    swagger: "2.0",
    info: { title: "Kubernetes", version: facts.version },
    paths: Object.fromEntries(allPathsOf(facts).map((item) => [item.path, pathItem(item)])),
    definitions: definitions(facts),
    securityDefinitions: {
      BearerToken: { description: "A bearer token.", type: "apiKey", name: "authorization", in: "header" },
    },
    security: [{ BearerToken: [] }],
  };
}

function definitions(facts: Facts): object {
  const messages = [...facts.definitions.values()].map((one) => [one.message.name, definitionSchema(one, V2)] as const);
  const scalars = scalarSchemas(2).filter(([name]) => name === patchDefinition.name || isReferred(facts, name));
  return Object.fromEntries([...messages, ...scalars].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether some field is of the type that is defined under `name`. */
function isReferred(facts: Facts, name: string): boolean {
  const types = new Set(
    [...facts.definitions.values()].flatMap(({ message }) =>
      Object.values(message.fields).map((field) => field.spec.type),
    ),
  );
  return Object.entries(scalarDefinitions).some(
    ([type, scalar]) => scalar.name === name && types.has(type as ScalarName),
  );
}

const pathItem = (item: PathItem) => ({
  ...Object.fromEntries(item.operations.map((one) => [one.method, operation(one)])),
  ...(item.parameters.length > 0 && { parameters: item.parameters.map(parameter) }),
});

const parameter = ({ name, in: place, type, description }: Parameter) => ({
  uniqueItems: true,
  type,
  description,
  name,
  in: place,
  ...(place === "path" && { required: true }),
});

function operation(of: Operation): object {
  const body = of.body && {
    name: "body",
    in: "body",
    schema: { $ref: V2.ref(of.body.definition) },
    ...(of.body.required && { required: true }),
  };
  const parameters = [...(body ? [body] : []), ...of.parameters.map(parameter)];
  return {
    description: of.description,
    consumes: of.consumes,
    produces: of.produces,
    schemes: ["https"],
    tags: [of.tag],
    operationId: of.operationId,
    ...(parameters.length > 0 && { parameters }),
    responses: responses(of),
    ...(of.action && { "x-kubernetes-action": of.action }),
    ...(of.gvk && { "x-kubernetes-group-version-kind": of.gvk }),
  };
}

const MEANING: Record<number, string> = { 200: "OK", 201: "Created", 202: "Accepted" };

function responses({ answer, codes }: Operation): object {
  const schema = answer === "string" ? { type: "string" } : { $ref: V2.ref(answer) };
  const fine = codes.map((code) => [code, { description: MEANING[code], schema }]);
  return Object.fromEntries([...fine, [401, { description: "Unauthorized" }]]);
}
