import type { KubernetesObject } from "../apimachinery/meta.ts";
import { autoscalerAddons } from "./autoscalerAddons.ts";
import { cloudAddons } from "./cloudAddons.ts";
import type { ClusterNetwork } from "./layout.ts";
import { storageAddons } from "./storageAddons.ts";

/**
 * What a cluster has besides what the API server makes for itself: the Service of the DNS, and what the process that
 * runs it (as system:kube-proxy, or alone as system:kube-dns) may do; beside it NetworkPolicies are enforced. The DNS keeps its own EndpointSlice.
 * Whoever may see Pods and nodes may see what they use.
 */
export function addons(network: ClusterNetwork): KubernetesObject[] {
  const labels = { "k8s-app": "kube-dns", "kubernetes.io/name": "CoreDNS", "kubernetes.io/cluster-service": "true" };
  const subjects = ["system:kube-dns", "system:kube-proxy"].map((name) => ({
    apiGroup: "rbac.authorization.k8s.io",
    kind: "User",
    name,
  }));
  const rbac = "rbac.authorization.k8s.io/v1";
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns", namespace: "kube-system", labels },
      spec: {
        clusterIP: network.dnsIP,
        ports: [
          { name: "dns", port: 53, protocol: "UDP", targetPort: network.dnsPort },
          { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: network.dnsPort },
        ],
      },
    },
    {
      apiVersion: rbac,
      kind: "ClusterRole",
      metadata: { name: "system:kube-dns-reader" },
      rules: [
        {
          apiGroups: [""],
          resources: ["services", "endpoints", "pods", "namespaces", "nodes"],
          verbs: ["get", "list", "watch"],
        },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
        { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["get", "list", "watch"] },
      ],
    },
    {
      apiVersion: rbac,
      kind: "ClusterRoleBinding",
      metadata: { name: "system:kube-dns-reader" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:kube-dns-reader" },
      subjects,
    },
    {
      apiVersion: rbac,
      kind: "Role",
      metadata: { name: "system:kube-dns", namespace: "kube-system" },
      rules: [
        {
          apiGroups: ["discovery.k8s.io"],
          resources: ["endpointslices"],
          verbs: ["get", "create", "update", "patch", "delete"],
        },
      ],
    },
    {
      apiVersion: rbac,
      kind: "RoleBinding",
      metadata: { name: "system:kube-dns", namespace: "kube-system" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "system:kube-dns" },
      subjects,
    },
    {
      apiVersion: rbac,
      kind: "ClusterRole",
      metadata: {
        name: "system:aggregated-metrics-reader",
        labels: Object.fromEntries(
          ["admin", "edit", "view"].map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, "true"]),
        ),
      },
      rules: [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] }],
    },
    ...storageAddons(),
    ...cloudAddons(),
    ...autoscalerAddons(),
  ] as unknown as KubernetesObject[];
}
