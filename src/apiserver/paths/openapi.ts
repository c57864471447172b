import type { Kind } from "../../apimachinery/kind.ts";
import type { Answer, Call } from "../pipeline/call.ts";

type Documents = typeof import("../openapi/index.ts");

/** The OpenAPI documents; neither they nor the code that makes them is loaded before someone asks. */
export class OpenAPI {
  #kinds: readonly Kind[];
  #documents: Promise<Documents> | undefined;

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds;
  }
  #load(): Promise<Documents> {
    this.#documents ??= import("../openapi/index.ts");
    return this.#documents;
  }
  async v2(_call: Call): Promise<Answer> {
    const { openapiV2 } = await this.#load();
    return json(openapiV2(this.#kinds));
  }
  async v3Index(): Promise<Answer> {
    const { openapiV3Index } = await this.#load();
    return json(openapiV3Index(this.#kinds));
  }
  async v3(_call: Call, groupVersion: string): Promise<Answer | undefined> {
    const { openapiV3 } = await this.#load();
    const document = openapiV3(this.#kinds, groupVersion);
    return document && json(document);
  }
}

function json(document: object): Answer {
  return { type: "raw", code: 200, contentType: "application/json", body: JSON.stringify(document) };
}
