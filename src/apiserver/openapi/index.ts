import { createHash } from "node:crypto";
import type { Kind } from "../../apimachinery/kind.ts";
import { allPathsOf, type Facts, factsOf } from "./facts.ts";
import { encodeV2 } from "./gnostic.ts";
import { buildV2 } from "./v2.ts";
import { buildV3 } from "./v3.ts";

export { encodeV2, OPENAPI_V2_PROTOBUF } from "./gnostic.ts";

/** A document as it is sent: serialised once, kept as bytes. */
export interface OpenApiDocument {
  json: Buffer;
  /** the content's hash in upper-case hexadecimal: for the ETag, and for `?hash=` of v3 documents */
  hash: string;
}

/** The OpenAPI documents of an API server, each built when first asked for. */
export interface OpenApi {
  /** GET /openapi/v2 */
  v2(): OpenApiDocument;
  /** GET /openapi/v2 for those who accept `OPENAPI_V2_PROTOBUF` (older clients write an @ for its second dot) */
  v2Protobuf(): { protobuf: Buffer; hash: string };
  /** GET /openapi/v3 */
  v3Index(): OpenApiDocument;
  /** GET /openapi/v3/<path>, where `path` is such as "api/v1" or "apis/apps/v1" */
  v3(path: string): OpenApiDocument | undefined;
}

export function createOpenApi(kinds: readonly Kind[], version = "v1.36.2"): OpenApi {
  const documents = new Map<string, OpenApiDocument | undefined>();
  const once = (key: string, make: () => object | undefined) => {
    if (!documents.has(key)) {
      const made = make();
      documents.set(key, made && serialise(made));
    }
    return documents.get(key);
  };
  const facts = () => factsOf(kinds, version);
  const v3 = (path: string) => once(`v3 ${path}`, () => buildV3(facts(), path));
  let protobuf: { protobuf: Buffer; hash: string } | undefined;
  const encode = () => {
    const bytes = encodeV2(buildV2(facts()));
    return { protobuf: bytes, hash: hashOf(bytes) };
  };
  return {
    v2Protobuf: () => (protobuf ??= encode()),
    v2: () => once("v2", () => buildV2(facts()))!,
    v3,
    v3Index: () => once("v3", () => indexOf(facts(), v3))!,
  };
}

function serialise(document: object): OpenApiDocument {
  const json = Buffer.from(JSON.stringify(document));
  return { json, hash: hashOf(json) };
}

const hashOf = (bytes: Buffer) => createHash("sha512").update(bytes).digest("hex").toUpperCase();

/** Whether an Accept header asks for OpenAPI v2 in protobuf. */
export const wantsV2Protobuf = (accept: string): boolean =>
  /application\/com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf/.test(accept);

/** Clients keep a v3 document for good under its hash, and ask again when the index names another. */
function indexOf(facts: Facts, v3: (path: string) => OpenApiDocument | undefined): object {
  const names = [...new Set(allPathsOf(facts).map(({ document }) => document))].sort();
  return {
    paths: Object.fromEntries(
      names.map((name) => [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${v3(name)!.hash}` }]),
    ),
  };
}

export const openapiV2 = (kinds: readonly Kind[]): object => buildV2(factsOf(kinds, "v1.36.2"));

/** `groupVersion` is "v1" or "apps/v1". */
export const openapiV3 = (kinds: readonly Kind[], groupVersion: string): object | undefined =>
  buildV3(factsOf(kinds, "v1.36.2"), groupVersion.includes("/") ? `apis/${groupVersion}` : `api/${groupVersion}`);

export const openapiV3Index = (kinds: readonly Kind[]): object =>
  JSON.parse(createOpenApi(kinds).v3Index().json.toString());
