import { type Infer, int32, list, message, string, struct } from "../../../apimachinery/schema.ts";

export const VolumeNodeResources = message(
  "io.k8s.api.storage.v1.VolumeNodeResources",
  { count: int32(1).optional.doc("How many volumes of the driver the node takes; absent: no limit.") },
  { doc: "How much of a driver's storage a node takes." },
);
export interface VolumeNodeResources extends Infer<typeof VolumeNodeResources> {}

export const CSINodeDriver = message(
  "io.k8s.api.storage.v1.CSINodeDriver",
  {
    name: string(1).always.required.doc("The driver's name."),
    nodeID: string(2).always.required.doc("The node's name in the driver's own terms."),
    topologyKeys: list(3, "string").always.atomicList.doc(
      "Labels of nodes by which the driver tells where a volume is.",
    ),
    allocatable: struct(4, VolumeNodeResources).optional.doc("How many volumes the node takes."),
  },
  { doc: "A CSI driver on a node." },
);
export interface CSINodeDriver extends Infer<typeof CSINodeDriver> {}

export const CSINodeSpec = message(
  "io.k8s.api.storage.v1.CSINodeSpec",
  { drivers: list(1, CSINodeDriver).always.required.listMap("name").merge("name").doc("The drivers on the node.") },
  { doc: "The CSI drivers of a node." },
);
export interface CSINodeSpec extends Infer<typeof CSINodeSpec> {}
