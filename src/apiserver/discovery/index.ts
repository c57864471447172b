import type { Kind } from "../../apimachinery/kind.ts";
import { type Group, type GroupVersion, groupsOf } from "./groups.ts";
import { aggregatedResource, apiResources } from "./resources.ts";

/** The documents by which clients learn what is served. Each is built when first asked for. */
export interface Discovery {
  /** GET /api */
  api(): object;
  /** GET /apis */
  apis(): object;
  /** GET /apis/<group> */
  group(name: string): object | undefined;
  /** GET /api/v1 and /apis/<group>/<version>; `groupVersion` is "v1" or "apps/v1" */
  groupVersion(groupVersion: string): object | undefined;
  /** GET /api as `AGGREGATED_TYPE` */
  aggregatedCore(): object;
  /** GET /apis as `AGGREGATED_TYPE` */
  aggregatedGroups(): object;
}

/** What a client accepts to be given everything in two documents (KEP-3352). */
export const AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** Whether an Accept header asks for aggregated discovery v2 before plain JSON. */
export function wantsAggregated(accept: string): boolean {
  for (const range of accept.split(",")) {
    const parts = range.split(";").map((part) => part.trim());
    if (parts.includes("as=APIGroupDiscoveryList") && parts.includes("v=v2")) return parts[0] === "application/json";
    if (parts[0] === "application/json" && !parts.some((part) => part.startsWith("as="))) return false;
  }
  return false;
}

/** `serverAddress` is "host:port", told to clients that come from anywhere. */
export function discoveryDocuments(kinds: readonly Kind[], serverAddress: string): Discovery {
  const groups = groupsOf(kinds);
  const core = groups.filter((group) => group.name === "");
  const named = groups.filter((group) => group.name !== "");
  const versions = new Map(groups.flatMap((group) => group.versions).map((one) => [one.groupVersion, one]));
  const byName = new Map(named.map((group) => [group.name, group]));
  return {
    api: once(() => ({
      kind: "APIVersions",
      versions: core.flatMap((group) => group.versions.map(({ version }) => version)),
      serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
    })),
    apis: once(() => ({ kind: "APIGroupList", apiVersion: "v1", groups: named.map(apiGroup) })),
    group: onceEach((name) => {
      const group = byName.get(name);
      return group && { kind: "APIGroup", apiVersion: "v1", ...apiGroup(group) };
    }),
    groupVersion: onceEach((groupVersion) => {
      const version = versions.get(groupVersion);
      return version && resourceList(version);
    }),
    aggregatedCore: once(() => aggregated(core)),
    aggregatedGroups: once(() => aggregated(named)),
  };
}

function apiGroup({ name, versions }: Group): object {
  const list = versions.map(({ groupVersion, version }) => ({ groupVersion, version }));
  return { name, versions: list, preferredVersion: list[0] };
}

function resourceList({ group, groupVersion, kinds }: GroupVersion): object {
  const resources = kinds.flatMap(apiResources).sort((a, b) => (a.name < b.name ? -1 : 1));
  // the core group's list has no apiVersion, for clients older than that field
  return { kind: "APIResourceList", ...(group !== "" && { apiVersion: "v1" }), groupVersion, resources };
}

function aggregated(groups: Group[]): object {
  const items = groups.map(({ name, versions }) => ({
    metadata: { ...(name !== "" && { name }) },
    versions: versions.map(({ version, kinds }) => ({
      version,
      resources: [...kinds].sort((a, b) => (a.plural < b.plural ? -1 : 1)).map(aggregatedResource),
      freshness: "Current",
    })),
  }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function onceEach<T>(make: (key: string) => T | undefined): (key: string) => T | undefined {
  const made = new Map<string, T>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    if (known !== undefined) made.set(key, known);
    return known;
  };
}
