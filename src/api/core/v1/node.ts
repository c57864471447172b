import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { nodeColumns } from "./columns/node.ts";
import { nodeDefaults } from "./defaults/node.ts";
import { NodeSpec } from "./nodeSpec.ts";
import { NodeStatus } from "./nodeStatus.ts";
import { validateNode, validateNodeStatusUpdate, validateNodeUpdate } from "./validation/node.ts";

export const NodeSchema = message(
  "io.k8s.api.core.v1.Node",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, NodeSpec).doc("What is wanted of it."),
    status: struct(3, NodeStatus).doc("What its kubelet reports."),
  },
  { doc: "A machine that runs Pods." },
);
export interface Node extends Infer<typeof NodeSchema> {}

export const Node = defineKind<Node>({
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  shortNames: ["no"],
  scope: "Cluster",
  schema: NodeSchema,
  status: true,
  subresources: {
    proxy: { kind: "NodeProxyOptions", verbs: ["create", "delete", "get", "patch", "update"] },
  },
  columns: nodeColumns,
  defaults: nodeDefaults,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: validateNodeStatusUpdate,
  selectableFields: { "spec.unschedulable": ({ spec }) => String(spec.unschedulable ?? false) },
});
