import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { duration, type Infer, map, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { usageColumns } from "./columns.ts";

export const NodeMetricsSchema = message(
  "io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    timestamp: time(2).always.required.doc("When it was measured: the end of the window."),
    window: duration(3).always.required.doc("Over how long a time CPU use is averaged."),
    usage: map(4, "quantity").always.required.doc("What the node uses, by resource: CPU time per second, and memory."),
  },
  { doc: "What one node uses as a whole." },
);
export interface NodeMetrics extends Infer<typeof NodeMetricsSchema> {}

export const NodeMetrics = defineKind<NodeMetrics>({
  group: "metrics.k8s.io",
  version: "v1beta1",
  kind: "NodeMetrics",
  plural: "nodes",
  singular: "",
  scope: "Cluster",
  schema: NodeMetricsSchema,
  verbs: ["get", "list"],
  computed: true,
  columns: usageColumns<NodeMetrics>(({ usage }) => [usage]),
});
