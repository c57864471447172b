/** Discovery of this server's groups and of those that others answer, as one. */

import { compareVersions } from "../discovery/groups.ts";
import type { Discovery } from "../discovery/index.ts";
import { groupPriority } from "./localServices.ts";
import type { RemoteApi, RemoteApis } from "./remoteApis.ts";

interface GroupVersion {
  groupVersion: string;
  version: string;
}
interface Group {
  name: string;
  versions: GroupVersion[];
  preferredVersion: GroupVersion;
}
interface AggregatedGroup {
  metadata: { name?: string };
  versions: { version: string; resources: unknown[]; freshness: string }[];
}

const byPriority = (a: RemoteApi, b: RemoteApi): number =>
  b.service.spec.versionPriority - a.service.spec.versionPriority ||
  compareVersions(b.service.spec.version ?? "", a.service.spec.version ?? "");

function groupsOf(apis: readonly RemoteApi[]): Map<string, RemoteApi[]> {
  const groups = new Map<string, RemoteApi[]>();
  for (const api of [...apis].sort(byPriority)) {
    const { group = "" } = api.service.spec;
    groups.set(group, [...(groups.get(group) ?? []), api]);
  }
  return groups;
}

/** Others' groups by their priority among ours, whose order stands. */
function placed<T>(ours: readonly T[], others: readonly [T, number][], nameOf: (item: T) => string): T[] {
  const all = [...ours];
  for (const [item, priority] of [...others].sort(([, a], [, b]) => b - a)) {
    const at = all.findIndex((one) => ours.includes(one) && groupPriority(nameOf(one)) < priority);
    if (at < 0) all.push(item);
    else all.splice(at, 0, item);
  }
  return all;
}

const priorityOf = (apis: readonly RemoteApi[]) =>
  Math.max(...apis.map(({ service }) => service.spec.groupPriorityMinimum));

export function mergedDiscovery(local: Discovery, remote: RemoteApis): Discovery {
  if (remote.all().length === 0) return local;
  return {
    ...local,
    apis() {
      const list = local.apis() as { groups: Group[] };
      const merged = mergeGroups(list.groups, groupsOf(remote.available()));
      return { ...list, groups: merged };
    },
    group(name) {
      const ours = local.group(name) as (Group & object) | undefined;
      const apis = groupsOf(remote.available()).get(name);
      if (!apis) return ours;
      return { kind: "APIGroup", apiVersion: "v1", ...mergeGroup(ours, name, apis) };
    },
    aggregatedGroups() {
      const list = local.aggregatedGroups() as { items: AggregatedGroup[] };
      const groups = groupsOf(remote.all());
      const items = list.items.map((item) => {
        const apis = groups.get(item.metadata.name ?? "");
        return apis ? { ...item, versions: [...item.versions, ...versionsOf(apis, remote)] } : item;
      });
      const names = new Set(items.map(({ metadata }) => metadata.name));
      const others = [...groups].filter(([name]) => !names.has(name));
      const added = others.map(([name, apis]): [AggregatedGroup, number] => [
        { metadata: { name }, versions: versionsOf(apis, remote) },
        priorityOf(apis),
      ]);
      return { ...list, items: placed(items, added, ({ metadata }) => metadata.name ?? "") };
    },
  };
}

function mergeGroups(ours: readonly Group[], groups: ReadonlyMap<string, RemoteApi[]>): Group[] {
  const mixed = ours.map((group) => {
    const apis = groups.get(group.name);
    return apis ? mergeGroup(group, group.name, apis) : group;
  });
  const names = new Set(ours.map(({ name }) => name));
  const others = [...groups].filter(([name]) => !names.has(name));
  const added = others.map(([name, apis]): [Group, number] => [mergeGroup(undefined, name, apis), priorityOf(apis)]);
  return placed(mixed, added, ({ name }) => name);
}

function mergeGroup(ours: Group | undefined, name: string, apis: readonly RemoteApi[]): Group {
  const theirs = apis.map(({ service: { spec } }) => ({
    groupVersion: `${spec.group}/${spec.version}`,
    version: spec.version ?? "",
  }));
  const known = new Set(theirs.map(({ version }) => version));
  const versions = [...(ours?.versions ?? []).filter(({ version }) => !known.has(version)), ...theirs];
  return { name, versions, preferredVersion: versions[0]! };
}

const versionsOf = (apis: readonly RemoteApi[], remote: RemoteApis) =>
  apis.map((api) => ({
    version: api.service.spec.version ?? "",
    resources: aggregatedResources(api),
    freshness: remote.isAvailable(api.service) ? "Current" : "Stale",
  }));

/** Resources with their subresources beneath them, from the list in which they stand side by side. */
function aggregatedResources({ service, resources }: RemoteApi): unknown[] {
  const { group = "", version = "" } = service.spec;
  const kindOf = (one: (typeof resources)[number]) => ({
    group: one.group ?? group,
    version: one.version ?? version,
    kind: one.kind,
  });
  return resources
    .filter(({ name }) => !name.includes("/"))
    .map((one) => {
      const below = resources.filter(({ name }) => name.startsWith(`${one.name}/`));
      const subresources = below.map((sub) => ({
        subresource: sub.name.slice(one.name.length + 1),
        responseKind: kindOf(sub),
        verbs: sub.verbs ?? [],
      }));
      return {
        resource: one.name,
        responseKind: kindOf(one),
        scope: one.namespaced ? "Namespaced" : "Cluster",
        singularResource: one.singularName ?? "",
        verbs: one.verbs ?? [],
        ...(one.shortNames && { shortNames: one.shortNames }),
        ...(one.categories && { categories: one.categories }),
        ...(subresources.length > 0 && { subresources }),
      };
    });
}
