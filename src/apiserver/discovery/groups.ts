import type { Kind } from "../../apimachinery/kind.ts";

export interface GroupVersion {
  group: string;
  version: string;
  /** "v1" or "apps/v1" */
  groupVersion: string;
  kinds: Kind[];
}

export interface Group {
  name: string;
  /** most preferred first */
  versions: GroupVersion[];
}

/** The order in which Kubernetes lists its groups; others follow by name. */
const ORDER = [
  "apiregistration.k8s.io",
  "apps",
  "events.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "storage.k8s.io",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "scheduling.k8s.io",
  "coordination.k8s.io",
  "node.k8s.io",
  "discovery.k8s.io",
  "resource.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "internal.apiserver.k8s.io",
  "storagemigration.k8s.io",
];

const rank = (group: string) => (ORDER.includes(group) ? ORDER.indexOf(group) : ORDER.length);

/** The groups of the kinds in the order of discovery; the core group, whose name is empty, among them. */
export function groupsOf(kinds: readonly Kind[]): Group[] {
  const groups = new Map<string, Map<string, GroupVersion>>();
  for (const kind of kinds) {
    const versions = groups.get(kind.group) ?? new Map<string, GroupVersion>();
    groups.set(kind.group, versions);
    const version = versions.get(kind.version) ?? {
      group: kind.group,
      version: kind.version,
      groupVersion: kind.apiVersion,
      kinds: [],
    };
    versions.set(kind.version, version);
    version.kinds.push(kind);
  }
  return [...groups]
    .map(([name, versions]) => ({
      name,
      versions: [...versions.values()].sort((a, b) => compareVersions(b.version, a.version)),
    }))
    .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
}

/** Negative when `a` is less mature or older than `b`: v1alpha1 < v1beta1 < v1 < v2; other names come before all. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  if (!left || !right) return left ? 1 : right ? -1 : b.localeCompare(a);
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return left[i]! - right[i]!;
  return 0;
}

const STABILITY: Record<string, number> = { alpha: 0, beta: 1 };

function parse(version: string): number[] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (!match) return undefined;
  return [match[2] ? STABILITY[match[2]]! : 2, Number(match[1]), Number(match[3] ?? 0)];
}
