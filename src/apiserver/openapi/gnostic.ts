import { encodeMessage } from "../../apimachinery/codec/protobuf.ts";
import { bool, type Field, list, type Message, message, recursive, string, struct } from "../../apimachinery/schema.ts";

/**
 * The OpenAPI v2 document in protobuf, as gnostic's openapi.v2 messages: the form that older clients ask for. Only what
 * our documents use is declared. Values of any type are carried as YAML, of which JSON is a part.
 */
export const OPENAPI_V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/** Every field is left out when not set. */
const text = (number: number) => string(number).optional;
const flag = (number: number) => bool(number).optional;
const one = <M extends Message>(number: number, of: M) => struct(number, of).optional;
const texts = (number: number) => list(number, "string");
const gnostic = <const F extends Record<string, Field>>(name: string, fields: F) =>
  message(`openapi.v2.${name}`, fields);
const named = (name: string, value: Message) => gnostic(name, { name: text(1), value: one(2, value) });

const Any = gnostic("Any", { yaml: text(2) });
const NamedAny = named("NamedAny", Any);
const TypeItem = gnostic("TypeItem", { value: texts(1) });

const Schema: Message = recursive("openapi.v2.Schema", (self) => ({
  ref: text(1),
  format: text(2),
  description: text(4),
  default: one(5, Any),
  required: texts(19),
  enum: list(20, Any),
  additionalProperties: one(21, gnostic("AdditionalPropertiesItem", { schema: one(1, self) })),
  type: one(22, TypeItem),
  items: one(23, gnostic("ItemsItem", { schema: list(1, self) })),
  properties: one(25, gnostic("Properties", { additionalProperties: list(1, named("NamedSchema", self)) })),
  vendorExtension: list(31, NamedAny),
}));

const BodyParameter = gnostic("BodyParameter", {
  description: text(1),
  name: text(2),
  in: text(3),
  required: flag(4),
  schema: one(5, Schema),
});
const QueryParameter = gnostic("QueryParameterSubSchema", {
  in: text(2),
  description: text(3),
  name: text(4),
  type: text(6),
  uniqueItems: flag(20),
});
const PathParameter = gnostic("PathParameterSubSchema", {
  required: flag(1),
  in: text(2),
  description: text(3),
  name: text(4),
  type: text(5),
  uniqueItems: flag(19),
});
const Parameter = gnostic("Parameter", {
  body: one(1, BodyParameter),
  other: one(2, gnostic("NonBodyParameter", { query: one(3, QueryParameter), path: one(4, PathParameter) })),
});
const ParametersItem = gnostic("ParametersItem", { parameter: one(1, Parameter) });
const Response = gnostic("Response", {
  description: text(1),
  schema: one(2, gnostic("SchemaItem", { schema: one(1, Schema) })),
});
const Responses = gnostic("Responses", {
  responseCode: list(1, named("NamedResponseValue", gnostic("ResponseValue", { response: one(1, Response) }))),
});
const Operation = gnostic("Operation", {
  tags: texts(1),
  description: text(3),
  operationId: text(5),
  produces: texts(6),
  consumes: texts(7),
  parameters: list(8, ParametersItem),
  responses: one(9, Responses),
  schemes: texts(10),
  vendorExtension: list(13, NamedAny),
});
const PathItem = gnostic("PathItem", {
  get: one(2, Operation),
  put: one(3, Operation),
  post: one(4, Operation),
  delete: one(5, Operation),
  options: one(6, Operation),
  head: one(7, Operation),
  patch: one(8, Operation),
  parameters: list(9, ParametersItem),
});
const ApiKeySecurity = gnostic("ApiKeySecurity", { type: text(1), name: text(2), in: text(3), description: text(4) });
const Document = gnostic("Document", {
  swagger: text(1),
  info: one(2, gnostic("Info", { title: text(1), version: text(2) })),
  paths: one(8, gnostic("Paths", { path: list(2, named("NamedPathItem", PathItem)) })),
  definitions: one(9, gnostic("Definitions", { additionalProperties: list(1, named("NamedSchema", Schema)) })),
  security: list(
    12,
    gnostic("SecurityRequirement", {
      additionalProperties: list(1, named("NamedStringArray", gnostic("StringArray", { value: texts(1) }))),
    }),
  ),
  securityDefinitions: one(
    13,
    gnostic("SecurityDefinitions", {
      additionalProperties: list(
        1,
        named("NamedSecurityDefinitionsItem", gnostic("SecurityDefinitionsItem", { apiKey: one(2, ApiKeySecurity) })),
      ),
    }),
  ),
});

type Json = Record<string, unknown>;

const yamlValue = (value: unknown) => ({ yaml: `${JSON.stringify(value)}\n` });
const entries = (value: unknown) => Object.entries((value ?? {}) as Json);
const namedList = (value: unknown, convert: (item: Json) => unknown) =>
  entries(value).map(([name, item]) => ({ name, value: convert(item as Json) }));
const extensions = (value: Json) =>
  entries(value)
    .filter(([key]) => key.startsWith("x-"))
    .map(([name, item]) => ({ name, value: yamlValue(item) }));

function schemaOf(value: Json): Json {
  const { $ref, type, items, properties, additionalProperties, default: initial, enum: values, ...rest } = value;
  return {
    ...rest,
    ref: $ref,
    type: type === undefined ? undefined : { value: [type] },
    items: items && { schema: [schemaOf(items as Json)] },
    properties: properties && { additionalProperties: namedList(properties, schemaOf) },
    additionalProperties: additionalProperties && { schema: schemaOf(additionalProperties as Json) },
    default: initial === undefined ? undefined : yamlValue(initial),
    enum: (values as unknown[] | undefined)?.map(yamlValue),
    vendorExtension: extensions(value),
  };
}

function parameterOf(value: Json): Json {
  if (value.in === "body") return { parameter: { body: { ...value, schema: schemaOf(value.schema as Json) } } };
  return { parameter: { other: { [value.in as string]: value } } };
}

function operationOf(value: Json): Json {
  return {
    ...value,
    parameters: (value.parameters as Json[] | undefined)?.map(parameterOf),
    responses: {
      responseCode: namedList(value.responses, ({ description, schema }) => ({
        response: { description, schema: schema && { schema: schemaOf(schema as Json) } },
      })),
    },
    vendorExtension: extensions(value),
  };
}

function pathItemOf({ parameters, ...operations }: Json): Json {
  return {
    ...Object.fromEntries(entries(operations).map(([method, operation]) => [method, operationOf(operation as Json)])),
    parameters: (parameters as Json[] | undefined)?.map(parameterOf),
  };
}

/** Encodes a document that `buildV2` made. */
export function encodeV2(document: object): Buffer {
  const { swagger, info, paths, definitions, security, securityDefinitions } = document as Json;
  return encodeMessage(Document as Message<Json>, {
    swagger,
    info,
    paths: { path: namedList(paths, pathItemOf) },
    definitions: { additionalProperties: namedList(definitions, schemaOf) },
    security: (security as Json[]).map((one) => ({
      additionalProperties: namedList(one, (value) => ({ value })),
    })),
    securityDefinitions: { additionalProperties: namedList(securityDefinitions, (apiKey) => ({ apiKey })) },
  });
}
