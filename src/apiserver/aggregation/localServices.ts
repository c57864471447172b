/** The APIServices of what this server answers itself. */
import { APIService } from "../../api/apiregistration/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { Wanted } from "../bootstrap/policy.ts";
import { compareVersions } from "../discovery/groups.ts";

/** Where each group stands in discovery. */
const GROUPS: Readonly<Record<string, number>> = {
  "": 18000,
  apps: 17800,
  "events.k8s.io": 17750,
  "authentication.k8s.io": 17700,
  "authorization.k8s.io": 17600,
  autoscaling: 17500,
  batch: 17400,
  "certificates.k8s.io": 17300,
  "networking.k8s.io": 17200,
  policy: 17100,
  "rbac.authorization.k8s.io": 17000,
  "storage.k8s.io": 16800,
  "apiextensions.k8s.io": 16700,
  "admissionregistration.k8s.io": 16700,
  "scheduling.k8s.io": 16600,
  "coordination.k8s.io": 16500,
  "node.k8s.io": 16300,
  "discovery.k8s.io": 16200,
  "resource.k8s.io": 16200,
  "flowcontrol.apiserver.k8s.io": 16100,
};
/** Where a version stands in its group, when not at 15. */
const VERSIONS: Readonly<Record<string, number>> = {
  "v1.": 1,
  "v2.autoscaling": 30,
  "v1.resource.k8s.io": 21,
  "v1.flowcontrol.apiserver.k8s.io": 21,
};
const USUAL = 15;

/** Groups that others add to come after all of these. */
export const groupPriority = (group: string): number => GROUPS[group] ?? 1000;

/** One for each group-version of the kinds; those of groups that may as well be another server's are left out. */
export function localServices(kinds: readonly Kind[]): Wanted[] {
  const versions = new Map(kinds.map(({ group, version }) => [`${version}.${group}`, { group, version }]));
  return [...versions]
    .filter(([, { group }]) => GROUPS[group] !== undefined)
    .sort(([, a], [, b]) => compareVersions(b.version, a.version))
    .map(([name, { group, version }]) => ({
      kind: APIService as never,
      object: {
        apiVersion: APIService.apiVersion,
        kind: APIService.kind,
        metadata: { name, labels: { "kube-aggregator.kubernetes.io/automanaged": "onstart" } },
        spec: {
          ...(group && { group }),
          version,
          groupPriorityMinimum: GROUPS[group],
          versionPriority: VERSIONS[name] ?? USUAL,
        },
      } as never,
      reconcile: () => undefined,
    }));
}
