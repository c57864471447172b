import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ScaleSpec, ScaleStatus } from "./messages.ts";

export const ScaleSchema = message("io.k8s.api.autoscaling.v1.Scale", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, ScaleSpec),
  status: struct(3, ScaleStatus),
});
export interface Scale extends Infer<typeof ScaleSchema> {}
