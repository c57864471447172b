import { createHash } from "node:crypto";
import type { Kind } from "../../apimachinery/kind.ts";
import { mergedV2 } from "../aggregation/mergedV2.ts";
import type { RemoteApis } from "../aggregation/remoteApis.ts";
import type { OpenApi, OpenApiDocument } from "../openapi/index.ts";
import type { Answer, Call } from "../pipeline/call.ts";

type Module = typeof import("../openapi/index.ts");

/** The OpenAPI documents; neither they nor the code that makes them is loaded before someone asks. */
export class OpenAPI {
  #kinds: readonly Kind[];
  #remote: RemoteApis;
  #documents: Promise<{ openapi: OpenApi; module: Module }> | undefined;

  constructor(kinds: readonly Kind[], remote: RemoteApis) {
    this.#kinds = kinds;
    this.#remote = remote;
  }
  #load(): Promise<{ openapi: OpenApi; module: Module }> {
    this.#documents ??= import("../openapi/index.ts").then((module) => ({
      openapi: module.createOpenApi(this.#kinds),
      module,
    }));
    return this.#documents;
  }
  async v2(call: Call): Promise<Answer> {
    const { openapi, module } = await this.#load();
    const inProtobuf = module.wantsV2Protobuf(call.incoming.header("accept") ?? "");
    const others = await this.#remote.openapiV2();
    if (others.length > 0) {
      const merged = mergedV2(JSON.parse(openapi.v2().json.toString()), others);
      const json = inProtobuf ? module.encodeV2(merged) : Buffer.from(JSON.stringify(merged));
      return answer(call, { json, hash: hashOf(json) }, inProtobuf ? module.OPENAPI_V2_PROTOBUF : undefined);
    }
    if (!inProtobuf) return answer(call, openapi.v2());
    const { protobuf, hash } = openapi.v2Protobuf();
    return answer(call, { json: protobuf, hash }, module.OPENAPI_V2_PROTOBUF);
  }
  async v3Index(call: Call): Promise<Answer> {
    const local = (await this.#load()).openapi.v3Index();
    const others = this.#remote.available().filter(({ openapi }) => openapi !== undefined);
    if (others.length === 0) return answer(call, local);
    const index = JSON.parse(local.json.toString()) as { paths: Record<string, object> };
    for (const { service, openapi } of others) {
      index.paths[`apis/${service.spec.group}/${service.spec.version}`] = { serverRelativeURL: openapi };
    }
    const json = Buffer.from(JSON.stringify(index));
    return answer(call, { json, hash: hashOf(json) });
  }
  async v3(call: Call, path: string): Promise<Answer | undefined> {
    const document = (await this.#load()).openapi.v3(path);
    if (document) return answer(call, document);
    const body = await this.#remote.openapi(path);
    return body && { type: "raw", code: 200, contentType: "application/json", body };
  }
}

const hashOf = (bytes: Buffer) => createHash("sha512").update(bytes).digest("hex").toUpperCase();

/** Clients keep a document as long as its hash stays the same. */
function answer({ incoming }: Call, { json, hash }: OpenApiDocument, contentType = "application/json"): Answer {
  const etag = `"${hash}"`;
  if (incoming.header("if-none-match") === etag) {
    return { type: "raw", code: 304, contentType, body: "", headers: { etag } };
  }
  const forever = incoming.query.get("hash") === hash;
  const headers = { etag, vary: "Accept", ...(forever && { "cache-control": "public, immutable" }) };
  return { type: "raw", code: 200, contentType, body: json, headers };
}
