import { type Infer, int32, list, message, string, struct } from "../../../apimachinery/schema.ts";

export const VolumeNodeResources = message("io.k8s.api.storage.v1.VolumeNodeResources", {
  count: int32(1).optional,
});
export interface VolumeNodeResources extends Infer<typeof VolumeNodeResources> {}

export const CSINodeDriver = message("io.k8s.api.storage.v1.CSINodeDriver", {
  name: string(1).always.required,
  nodeID: string(2).always.required,
  topologyKeys: list(3, "string").atomicList,
  allocatable: struct(4, VolumeNodeResources).optional,
});
export interface CSINodeDriver extends Infer<typeof CSINodeDriver> {}

export const CSINodeSpec = message("io.k8s.api.storage.v1.CSINodeSpec", {
  drivers: list(1, CSINodeDriver).always.required.listMap("name").merge("name"),
});
export interface CSINodeSpec extends Infer<typeof CSINodeSpec> {}
