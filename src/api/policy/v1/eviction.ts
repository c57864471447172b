import { DeleteOptions, ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";

export const EvictionSchema = message("io.k8s.api.policy.v1.Eviction", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  deleteOptions: struct(2, DeleteOptions).optional,
});
export interface Eviction extends Infer<typeof EvictionSchema> {}
