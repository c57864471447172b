import { DISK_DRIVER, LOCAL_PROVISIONER } from "../api/storage/v1/index.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";

const RBAC = "rbac.authorization.k8s.io";

/**
 * The default storage class, whose volumes are folders on the node where the Pod runs, and what nodes may do for it:
 * see their volumes, and (as admission restricts it) say that they have removed one. Beside it the class of disks that
 * can move between machines.
 */
export function storageAddons(): KubernetesObject[] {
  const name = "system:local-volumes";
  const disks = "system:controller:disk-controller";
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
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "network" },
      provisioner: DISK_DRIVER,
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
      allowVolumeExpansion: true,
    },
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSIDriver",
      metadata: { name: DISK_DRIVER },
      spec: {
        attachRequired: true,
        podInfoOnMount: false,
        fsGroupPolicy: "File",
        volumeLifecycleModes: ["Persistent"],
      },
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRole",
      metadata: { name: disks },
      rules: [
        { apiGroups: [""], resources: ["persistentvolumes"], verbs: ["create", "delete", "update"] },
        { apiGroups: [""], resources: ["persistentvolumeclaims/status"], verbs: ["update"] },
        { apiGroups: ["storage.k8s.io"], resources: ["volumeattachments"], verbs: ["update"] },
        { apiGroups: ["storage.k8s.io"], resources: ["volumeattachments/status"], verbs: ["update"] },
        { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch", "update"] },
      ],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: disks },
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: disks },
      subjects: [{ kind: "ServiceAccount", name: "disk-controller", namespace: "kube-system" }],
    },
  ] as unknown as KubernetesObject[];
}
