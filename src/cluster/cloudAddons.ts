import type { KubernetesObject } from "../apimachinery/meta.ts";

const NAME = "system:cloud-controller-manager";
const RBAC = "rbac.authorization.k8s.io";

/** What the loops of the cloud controller manager may do; as everywhere, the cloud brings that along. */
export function cloudAddons(): KubernetesObject[] {
  const rule = (apiGroup: string, resources: string[], verbs: string[]) => ({
    apiGroups: [apiGroup],
    resources,
    verbs,
  });
  const role = {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRole",
    metadata: { name: NAME },
    rules: [
      rule("", ["nodes", "services"], ["get", "list", "watch", "update", "patch"]),
      rule("", ["nodes"], ["delete"]),
      rule("", ["nodes/status", "services/status"], ["update", "patch"]),
      rule("", ["events"], ["create", "update", "patch"]),
      rule("events.k8s.io", ["events"], ["create", "update", "patch"]),
      rule("", ["persistentvolumeclaims"], ["get", "list", "watch"]),
      rule("", ["persistentvolumeclaims/status"], ["update", "patch"]),
      rule("", ["persistentvolumes"], ["get", "list", "watch", "create", "delete", "update"]),
      rule("storage.k8s.io", ["storageclasses", "volumeattributesclasses"], ["get", "list", "watch"]),
      rule("storage.k8s.io", ["volumeattachments", "volumeattachments/status"], ["get", "list", "watch", "update"]),
      rule("coordination.k8s.io", ["leases"], ["get", "create", "update"]),
    ],
  };
  const binding = {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: NAME },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: NAME },
    subjects: [{ apiGroup: RBAC, kind: "User", name: NAME }],
  };
  return [role, binding];
}
