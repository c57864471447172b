import type { Scheme } from "../../apimachinery/scheme.ts";
import { mergedDiscovery } from "../aggregation/mergedDocuments.ts";
import type { RemoteApis } from "../aggregation/remoteApis.ts";
import { type Discovery, discoveryDocuments } from "../discovery/index.ts";
import { OpenAPI } from "./openapi.ts";

/** What clients read to learn what is served: made anew when that has changed, and someone asks. */
export class Documents {
  readonly #served: { readonly scheme: Scheme };
  readonly #address: string;
  readonly #remote: RemoteApis;
  #made: { scheme: Scheme; discovery: Discovery; openapi: OpenAPI } | undefined;

  /** `address` is "host:port", told to clients that come from anywhere. */
  constructor(served: { readonly scheme: Scheme }, remote: RemoteApis, address: string) {
    this.#served = served;
    this.#remote = remote;
    this.#address = address;
  }
  get discovery(): Discovery {
    return mergedDiscovery(this.#current.discovery, this.#remote);
  }
  get openapi(): OpenAPI {
    return this.#current.openapi;
  }
  get #current() {
    const { scheme } = this.#served;
    if (this.#made?.scheme !== scheme) {
      const { kinds } = scheme;
      this.#made = {
        scheme,
        discovery: discoveryDocuments(kinds, this.#address),
        openapi: new OpenAPI(kinds, this.#remote),
      };
    }
    return this.#made;
  }
}
