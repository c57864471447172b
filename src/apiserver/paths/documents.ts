import type { Scheme } from "../../apimachinery/scheme.ts";
import { type Discovery, discoveryDocuments } from "../discovery/index.ts";
import { OpenAPI } from "./openapi.ts";

/** What clients read to learn what is served: made anew when that has changed, and someone asks. */
export class Documents {
  readonly #served: { readonly scheme: Scheme };
  readonly #address: string;
  #made: { scheme: Scheme; discovery: Discovery; openapi: OpenAPI } | undefined;

  /** `address` is "host:port", told to clients that come from anywhere. */
  constructor(served: { readonly scheme: Scheme }, address: string) {
    this.#served = served;
    this.#address = address;
  }
  get discovery(): Discovery {
    return this.#current.discovery;
  }
  get openapi(): OpenAPI {
    return this.#current.openapi;
  }
  get #current() {
    const { scheme } = this.#served;
    if (this.#made?.scheme !== scheme) {
      const { kinds } = scheme;
      this.#made = { scheme, discovery: discoveryDocuments(kinds, this.#address), openapi: new OpenAPI(kinds) };
    }
    return this.#made;
  }
}
