import type { KubernetesObject } from "../apimachinery/meta.ts";

const RBAC = "rbac.authorization.k8s.io";
const NAME = "cluster-autoscaler";
const NAMESPACE = "kube-system";
const READ = ["get", "list", "watch"];

const rule = (apiGroup: string, resources: string[], verbs: string[], resourceNames?: string[]) => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
  ...(resourceNames ? { resourceNames } : {}),
});

/** What the scheduler's filters look at, and what is written to nodes and Pods that are to go. */
const clusterRules = [
  rule("", ["nodes"], [...READ, "update"]),
  rule("", ["pods/eviction"], ["create"]),
  rule("", ["namespaces", "pods", "services", "replicationcontrollers"], READ),
  rule("", ["persistentvolumeclaims", "persistentvolumes"], READ),
  rule("apps", ["daemonsets", "replicasets", "statefulsets"], READ),
  rule("policy", ["poddisruptionbudgets"], READ),
  rule(
    "storage.k8s.io",
    ["storageclasses", "csinodes", "csidrivers", "csistoragecapacities", "volumeattachments"],
    READ,
  ),
  rule("resource.k8s.io", ["resourceclaims", "resourceslices", "deviceclasses"], ["get", "list", "watch"]),
  rule("", ["events"], ["create", "patch", "update"]),
  rule("events.k8s.io", ["events"], ["create", "patch", "update"]),
];
/** Its status, and the Lease of the one that leads. */
const ownRules = [
  rule("", ["configmaps"], ["create"]),
  rule("", ["configmaps"], ["get", "update", "delete"], [`${NAME}-status`]),
  rule("coordination.k8s.io", ["leases"], ["create"]),
  rule("coordination.k8s.io", ["leases"], ["get", "update", "watch"], [NAME]),
];

/** The account of the cluster autoscaler, wherever that runs, and what it may do. */
export function autoscalerAddons(): KubernetesObject[] {
  const metadata = { name: NAME };
  const own = { name: NAME, namespace: NAMESPACE };
  const subjects = [{ kind: "ServiceAccount", ...own }];
  const ref = (kind: string) => ({ apiGroup: RBAC, kind, name: NAME });
  const apiVersion = `${RBAC}/v1`;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: own },
    { apiVersion, kind: "ClusterRole", metadata, rules: clusterRules },
    { apiVersion, kind: "ClusterRoleBinding", metadata, roleRef: ref("ClusterRole"), subjects },
    { apiVersion, kind: "Role", metadata: own, rules: ownRules },
    { apiVersion, kind: "RoleBinding", metadata: own, roleRef: ref("Role"), subjects },
  ] as unknown as KubernetesObject[];
}
