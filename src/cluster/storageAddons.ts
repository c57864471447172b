import { LOCAL_PROVISIONER } from "../api/storage/v1/index.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";

const RBAC = "rbac.authorization.k8s.io";

/**
 * The default storage class, whose volumes are folders on the node where the Pod runs, and what nodes may do for it:
 * see their volumes, and (as admission restricts it) say that they have removed one.
 */
export function storageAddons(): KubernetesObject[] {
  const name = "system:local-volumes";
  return [
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: LOCAL_PROVISIONER,
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRole",
      metadata: { name },
      rules: [{ apiGroups: [""], resources: ["persistentvolumes"], verbs: ["get", "list", "watch", "patch"] }],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
      subjects: [{ apiGroup: RBAC, kind: "Group", name: "system:nodes" }],
    },
  ] as unknown as KubernetesObject[];
}
