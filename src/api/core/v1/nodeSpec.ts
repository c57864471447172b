import { bool, type Infer, list, message, string, struct, time } from "../../../apimachinery/schema.ts";

export const ConfigMapNodeConfigSource = message("io.k8s.api.core.v1.ConfigMapNodeConfigSource", {
  namespace: string(1).always.required,
  name: string(2).always.required,
  uid: string(3).named("types.UID"),
  resourceVersion: string(4),
  kubeletConfigKey: string(5).always.required,
});
export interface ConfigMapNodeConfigSource extends Infer<typeof ConfigMapNodeConfigSource> {}

export const Taint = message("io.k8s.api.core.v1.Taint", {
  key: string(1).always.required,
  value: string(2),
  effect: string(3).named("TaintEffect").always.required,
  timeAdded: time(4).optional,
});
export interface Taint extends Infer<typeof Taint> {}

export const NodeConfigSource = message("io.k8s.api.core.v1.NodeConfigSource", {
  configMap: struct(2, ConfigMapNodeConfigSource).optional,
});
export interface NodeConfigSource extends Infer<typeof NodeConfigSource> {}

export const NodeSpec = message("io.k8s.api.core.v1.NodeSpec", {
  podCIDR: string(1),
  externalID: string(2),
  providerID: string(3),
  unschedulable: bool(4),
  taints: list(5, Taint).atomicList,
  configSource: struct(6, NodeConfigSource).optional,
  podCIDRs: list(7, "string").listSet.merge(),
});
export interface NodeSpec extends Infer<typeof NodeSpec> {}
