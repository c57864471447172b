/**
 * The service account in kube-system as which each controller acts, by the controller's name. The default roles are
 * bound to these (as with kube-controller-manager's --use-service-account-credentials); what is not here acts as the
 * controller manager itself.
 */
export const CONTROLLER_ACCOUNTS: Readonly<Record<string, string>> = {
  deployment: "deployment-controller",
  replicaset: "replicaset-controller",
  replicationcontroller: "replication-controller",
  statefulset: "statefulset-controller",
  daemonset: "daemon-set-controller",
  disruption: "disruption-controller",
  "stale-disruption": "disruption-controller",
  endpoint: "endpoint-controller",
  "endpoint-slice": "endpointslice-controller",
  "endpoint-slice-mirroring": "endpointslicemirroring-controller",
  namespace: "namespace-controller",
  serviceaccount: "service-account-controller",
  "root-ca-cert-publisher": "root-ca-cert-publisher",
  "garbage-collector": "generic-garbage-collector",
  node: "node-controller",
  cidrAllocator: "node-controller",
  "taint-eviction": "node-controller",
  "pod-garbage-collector": "pod-garbage-collector",
  "service-cidr": "service-cidrs-controller",
  persistentvolume: "persistent-volume-binder",
  "local-volume": "persistent-volume-binder",
  "volume-expand": "expand-controller",
  "pvc-protection": "pvc-protection-controller",
  "pv-protection": "pv-protection-controller",
  "volumeattributesclass-protection": "volumeattributesclass-protection-controller",
  "ephemeral-volume": "ephemeral-volume-controller",
  resourcequota: "resourcequota-controller",
  "clusterrole-aggregation": "clusterrole-aggregation-controller",
};
