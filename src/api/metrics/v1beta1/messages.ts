import { type Infer, map, message, string } from "../../../apimachinery/schema.ts";

export const ContainerMetrics = message(
  "io.k8s.metrics.pkg.apis.metrics.v1beta1.ContainerMetrics",
  {
    name: string(1).always.required.doc("The container's name in its Pod."),
    usage: map(2, "quantity").always.required.doc("What it uses, by resource: CPU time per second, and memory."),
  },
  { doc: "What one container uses." },
);
export interface ContainerMetrics extends Infer<typeof ContainerMetrics> {}
