import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { duration, type Infer, list, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { usageColumns } from "./columns.ts";
import { ContainerMetrics } from "./messages.ts";

export const PodMetricsSchema = message(
  "io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    timestamp: time(2).always.required.doc("When it was measured: the end of the window."),
    window: duration(3).always.required.doc("Over how long a time CPU use is averaged."),
    containers: list(4, ContainerMetrics).always.required.doc("What each running container uses."),
  },
  { doc: "What the containers of one Pod use." },
);
export interface PodMetrics extends Infer<typeof PodMetricsSchema> {}

export const PodMetrics = defineKind<PodMetrics>({
  group: "metrics.k8s.io",
  version: "v1beta1",
  kind: "PodMetrics",
  plural: "pods",
  singular: "",
  scope: "Namespaced",
  schema: PodMetricsSchema,
  verbs: ["get", "list"],
  computed: true,
  columns: usageColumns<PodMetrics>(({ containers }) => containers.map(({ usage }) => usage)),
});
