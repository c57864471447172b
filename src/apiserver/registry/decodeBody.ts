import { decodeProtobuf } from "../../apimachinery/codec/protobuf.ts";
import { parseYaml } from "../../apimachinery/codec/yaml.ts";
import { type Decoded, decodeJson, decodeYaml, normalize, parseJson } from "../../apimachinery/decode.ts";
import { badRequest, unsupportedMediaType } from "../../apimachinery/errors.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Scheme } from "../../apimachinery/scheme.ts";
import type { Body, Call } from "../pipeline/call.ts";
import type { FieldValidation } from "./writeOptions.ts";

export const JSON_TYPE = "application/json";
export const YAML_TYPE = "application/yaml";
export const PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf";
const ACCEPTED = [JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE];

/** "application/json; charset=utf-8" → "application/json" */
export function mediaType(contentType: string): string {
  const end = contentType.indexOf(";");
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

function decodeBytes(
  { bytes, contentType }: Body & { type: "bytes" },
  kind: Kind,
  fieldValidation: FieldValidation,
  scheme: Scheme,
): Decoded {
  const type = mediaType(contentType);
  if (bytes.length === 0 && (type === "" || ACCEPTED.includes(type))) {
    throw badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: EOF`);
  }
  if (type === "" || type === JSON_TYPE) return decodeJson(kind, bytes, { fieldValidation, scheme });
  if (type === YAML_TYPE) return decodeYaml(kind, bytes, { fieldValidation, scheme });
  if (type === PROTOBUF_TYPE) return { object: decodeProtobuf(kind, bytes), warnings: [] };
  throw unsupportedMediaType(ACCEPTED);
}

/** The value of a small body, such as DeleteOptions, before it is held against a schema; undefined without a body. */
export async function readValue(call: Call, kind: Kind): Promise<unknown> {
  const body = await call.incoming.body();
  if (body.type === "none") return undefined;
  if (body.type === "object") return body.object;
  if (body.bytes.length === 0) return undefined;
  const type = mediaType(body.contentType);
  if (type === PROTOBUF_TYPE) return decodeProtobuf(kind, body.bytes);
  if (type === YAML_TYPE) return parseYaml(body.bytes.toString());
  return parseJson(kind, body.bytes);
}

/** Decodes a request's body as `kind`, normalised; unknown fields are refused, warned of or dropped as asked. */
export async function decodeBody(
  call: Call,
  kind: Kind,
  fieldValidation: FieldValidation,
  scheme: Scheme,
): Promise<KubernetesObject> {
  const body = await call.incoming.body();
  if (body.type === "object") return decodeTrusted(kind, body.object);
  const bytes = body.type === "bytes" ? body : ({ type: "bytes", bytes: Buffer.alloc(0), contentType: "" } as const);
  const { object, warnings } = decodeBytes(bytes, kind, fieldValidation, scheme);
  call.warnings.push(...warnings);
  return object;
}

/** What a component in this process hands over: its own types, so only brought to normal form. */
export function decodeTrusted(kind: Kind, value: unknown): KubernetesObject {
  const object = normalize(kind.schema, value) as KubernetesObject;
  const names = { apiVersion: kind.apiVersion, kind: kind.kind };
  return Object.assign({ ...names, metadata: object.metadata }, object, names);
}
