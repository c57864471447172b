import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { kubeconfigText } from "../kubeconfig.ts";
import type { ClusterNetwork } from "../layout.ts";

/** The groups of those who come with one of our tokens, besides `system:bootstrappers`. */
export const JOINERS = "system:bootstrappers:coxswain:default-node-token";
export const CLUSTER_INFO = "cluster-info";
/** What a joining node needs to know of the cluster's network. */
export const SETTINGS = "coxswain-settings";

const RBAC = "rbac.authorization.k8s.io";
const group = (name: string) => ({ apiGroup: RBAC, kind: "Group", name });
const user = (name: string) => ({ apiGroup: RBAC, kind: "User", name });

type Subject = ReturnType<typeof group> | { kind: string; name: string; namespace: string };

function clusterBinding(name: string, role: string, ...subjects: Subject[]) {
  const metadata = { name: `coxswain:${name}` };
  const roleRef = { apiGroup: RBAC, kind: "ClusterRole", name: role };
  return { apiVersion: `${RBAC}/v1`, kind: "ClusterRoleBinding", metadata, roleRef, subjects };
}

/** A role and its binding: who may read one ConfigMap. */
function readable(namespace: string, map: string, ...subjects: Subject[]) {
  const metadata = { name: `coxswain:${map}`, namespace };
  const rules = [{ apiGroups: [""], resources: ["configmaps"], resourceNames: [map], verbs: ["get"] }];
  const roleRef = { apiGroup: RBAC, kind: "Role", name: metadata.name };
  return [
    { apiVersion: `${RBAC}/v1`, kind: "Role", metadata, rules },
    { apiVersion: `${RBAC}/v1`, kind: "RoleBinding", metadata, roleRef, subjects },
  ];
}

/** What lets machines join, and kubelets renew their certificates. */
export function joiningAddons(options: {
  cluster: string;
  network: ClusterNetwork;
  /** how machines elsewhere reach the API server, and by which authority they know it */
  server: string;
  ca: string;
  /** where they pull images that were built here */
  images: string;
}): KubernetesObject[] {
  const { cluster, network, server, ca, images } = options;
  const { podCIDR, serviceCIDR, dnsIP, clusterDomain } = network;
  const requests = "system:certificates.k8s.io:certificatesigningrequests";
  const nodes = group("system:nodes");
  const settings = JSON.stringify({ cluster, podCIDR, serviceCIDR, dnsIP, clusterDomain, images });
  const map = (namespace: string, name: string, data: Record<string, string>) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace, name },
    data,
  });
  const nodeReader = {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRole",
    metadata: { name: "coxswain:get-nodes" },
    rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get"] }],
  };
  const signerAccount = { kind: "ServiceAccount", namespace: "kube-system", name: "certificate-controller" };
  return [
    map("kube-public", CLUSTER_INFO, { kubeconfig: kubeconfigText({ name: "", server, ca }) }),
    ...readable("kube-public", CLUSTER_INFO, user("system:anonymous"), group("system:unauthenticated")),
    map("kube-system", SETTINGS, { settings }),
    ...readable("kube-system", SETTINGS, group(JOINERS), nodes),
    nodeReader,
    clusterBinding("get-nodes", "coxswain:get-nodes", group(JOINERS)),
    clusterBinding("kubelet-bootstrap", "system:node-bootstrapper", group(JOINERS)),
    clusterBinding("node-autoapprove-bootstrap", `${requests}:nodeclient`, group(JOINERS)),
    clusterBinding("node-autoapprove-certificate-rotation", `${requests}:selfnodeclient`, nodes),
    clusterBinding("kubelet-serving", "system:certificates.k8s.io:kubelet-serving-approver", signerAccount),
    // proxy, DNS and network policies of a joined node act as the node
    clusterBinding("node-proxier", "system:node-proxier", nodes),
    clusterBinding("node-dns", "system:kube-dns-reader", nodes),
    {
      apiVersion: `${RBAC}/v1`,
      kind: "RoleBinding",
      metadata: { name: "coxswain:node-dns", namespace: "kube-system" },
      roleRef: { apiGroup: RBAC, kind: "Role", name: "system:kube-dns" },
      subjects: [nodes],
    },
  ] as unknown as KubernetesObject[];
}
