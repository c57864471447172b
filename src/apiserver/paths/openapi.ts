import type { Kind } from "../../apimachinery/kind.ts";
import type { OpenApi, OpenApiDocument } from "../openapi/index.ts";
import type { Answer, Call } from "../pipeline/call.ts";

/** The OpenAPI documents; neither they nor the code that makes them is loaded before someone asks. */
export class OpenAPI {
  #kinds: readonly Kind[];
  #documents: Promise<OpenApi> | undefined;

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds;
  }
  #load(): Promise<OpenApi> {
    this.#documents ??= import("../openapi/index.ts").then(({ createOpenApi }) => createOpenApi(this.#kinds));
    return this.#documents;
  }
  async v2(call: Call): Promise<Answer> {
    return answer(call, (await this.#load()).v2());
  }
  async v3Index(call: Call): Promise<Answer> {
    return answer(call, (await this.#load()).v3Index());
  }
  async v3(call: Call, path: string): Promise<Answer | undefined> {
    const document = (await this.#load()).v3(path);
    return document && answer(call, document);
  }
}

/** Clients keep a document as long as its hash stays the same. */
function answer({ incoming }: Call, { json, hash }: OpenApiDocument): Answer {
  const etag = `"${hash}"`;
  if (incoming.header("if-none-match") === etag) {
    return { type: "raw", code: 304, contentType: "application/json", body: "", headers: { etag } };
  }
  const forever = incoming.query.get("hash") === hash;
  const headers = { etag, vary: "Accept", ...(forever && { "cache-control": "public, immutable" }) };
  return { type: "raw", code: 200, contentType: "application/json", body: json, headers };
}
