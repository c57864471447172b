import { APIService } from "../../api/apiregistration/v1/index.ts";
import { SYSTEM } from "../pipeline/systemCall.ts";
import type { Registry } from "../registry/registry.ts";
import { availableOf } from "./availability.ts";
import type { RemoteV2, V2Document } from "./mergedV2.ts";
import type { Reach } from "./reach.ts";

/** One resource as /apis/<group>/<version> lists it. */
interface ListedResource {
  name: string;
  singularName?: string;
  namespaced?: boolean;
  kind: string;
  group?: string;
  version?: string;
  verbs?: string[];
  shortNames?: string[];
  categories?: string[];
}

/** What is known of a group-version that another server answers. */
export interface RemoteApi {
  readonly service: APIService;
  /** as it last listed them */
  readonly resources: readonly ListedResource[];
  /** of its OpenAPI v3 document, with the hash in it; undefined: it has none */
  readonly openapi: string | undefined;
}

/** What other servers have, as last heard of them. */
export class RemoteApis {
  readonly #registry: Registry;
  readonly #reach: Reach;
  readonly #known = new Map<string, RemoteApi>();

  constructor(registry: Registry, reach: Reach) {
    this.#registry = registry;
    this.#reach = reach;
  }

  /** Forgets all but these. */
  keep(services: readonly APIService[]): void {
    const names = new Set(services.map(({ metadata }) => metadata.name));
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
    for (const service of services) {
      const known = this.#known.get(service.metadata.name!) ?? { resources: [], openapi: undefined };
      this.#known.set(service.metadata.name!, { ...known, service });
    }
  }

  /** Asks one of them what it has. */
  async refresh(service: APIService): Promise<void> {
    const { name = "" } = service.metadata;
    const { group, version } = service.spec;
    const [list, index] = await Promise.all([
      this.#json<{ resources?: ListedResource[] }>(service, `/apis/${group}/${version}`),
      this.#json<{ paths?: Record<string, { serverRelativeURL: string }> }>(service, "/openapi/v3"),
    ]);
    const openapi = index?.paths?.[`apis/${group}/${version}`]?.serverRelativeURL;
    const before = this.#known.get(name);
    this.#known.set(name, { service, resources: list?.resources ?? before?.resources ?? [], openapi });
  }

  async #json<T>(service: APIService, path: string): Promise<T | undefined> {
    try {
      const { code, body } = await this.#reach.ask(service, path, { user: SYSTEM });
      return code === 200 ? (JSON.parse(body.toString()) as T) : undefined;
    } catch (error) {
      this.#registry.logger.debug("an API's document is not to be had", { path, error: (error as Error).message });
      return undefined;
    }
  }

  all(): readonly RemoteApi[] {
    return [...this.#known.values()];
  }
  /** Those that can be reached. */
  available(): readonly RemoteApi[] {
    return this.all().filter(({ service }) => this.isAvailable(service));
  }
  isAvailable({ metadata }: APIService): boolean {
    const entry = this.#registry.cache.of(APIService as never).get(metadata.name!);
    return entry !== undefined && availableOf(entry.object as APIService)?.status === "True";
  }

  /** What each of those that can be reached tells in OpenAPI v2. */
  async openapiV2(): Promise<RemoteV2[]> {
    const told = await Promise.all(
      this.available().map(async ({ service }) => {
        const document = await this.#json<V2Document>(service, "/openapi/v2");
        const { group = "", version = "" } = service.spec;
        return document?.paths ? [{ group, version, document }] : [];
      }),
    );
    return told.flat();
  }

  /** The OpenAPI v3 document of "apis/<group>/<version>". */
  async openapi(path: string): Promise<Buffer | undefined> {
    const api = this.available().find(({ service: { spec } }) => path === `apis/${spec.group}/${spec.version}`);
    if (!api?.openapi) return undefined;
    const { code, body } = await this.#reach.ask(api.service, api.openapi, { user: SYSTEM });
    return code === 200 ? body : undefined;
  }
}
