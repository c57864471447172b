import { bool, type Infer, list, message, string, struct, time } from "../../../apimachinery/schema.ts";

export const ConfigMapNodeConfigSource = message(
  "io.k8s.api.core.v1.ConfigMapNodeConfigSource",
  {
    namespace: string(1).always.required.doc("The ConfigMap's namespace."),
    name: string(2).always.required.doc("The ConfigMap's name."),
    uid: string(3).named("types.UID").doc("The ConfigMap's UID; only in status."),
    resourceVersion: string(4).doc("The ConfigMap's version; only in status."),
    kubeletConfigKey: string(5).always.required.doc("The key that holds the configuration."),
  },
  { doc: "A ConfigMap from which kubelets once took their configuration; no longer used." },
);
export interface ConfigMapNodeConfigSource extends Infer<typeof ConfigMapNodeConfigSource> {}

export const Taint = message(
  "io.k8s.api.core.v1.Taint",
  {
    key: string(1).always.required.doc("The taint's key."),
    value: string(2).doc("The taint's value."),
    effect: string(3)
      .named("TaintEffect")
      .always.required.doc("NoSchedule, PreferNoSchedule, or NoExecute, which also drives Pods out."),
    timeAdded: time(4).optional.doc("When it was added; for NoExecute."),
  },
  { doc: "What keeps Pods off a node that do not tolerate it." },
);
export interface Taint extends Infer<typeof Taint> {}

export const NodeConfigSource = message(
  "io.k8s.api.core.v1.NodeConfigSource",
  {
    configMap: struct(2, ConfigMapNodeConfigSource).optional.doc("A ConfigMap."),
  },
  { doc: "Where kubelets once took their configuration from; no longer used." },
);
export interface NodeConfigSource extends Infer<typeof NodeConfigSource> {}

export const NodeSpec = message(
  "io.k8s.api.core.v1.NodeSpec",
  {
    podCIDR: string(1).doc("The addresses for its Pods."),
    externalID: string(2).doc("No longer used."),
    providerID: string(3).doc("Which machine of the cloud provider it is."),
    unschedulable: bool(4).doc("Whether no new Pods may come."),
    taints: list(5, Taint).atomicList.doc("What keeps Pods away that do not tolerate it."),
    configSource: struct(6, NodeConfigSource).optional.doc("No longer used."),
    podCIDRs: list(7, "string")
      .listSet.merge()
      .doc("The addresses for its Pods, at most one range for each IP family."),
  },
  { doc: "What is wanted of a node." },
);
export interface NodeSpec extends Infer<typeof NodeSpec> {}
