import { fieldInvalid, root } from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ScaleSpec, ScaleStatus } from "./messages.ts";

export const ScaleSchema = message(
  "io.k8s.api.autoscaling.v1.Scale",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, ScaleSpec).doc("The wanted size."),
    status: struct(3, ScaleStatus).doc("The size found."),
  },
  { doc: "The size of anything that can be scaled, whatever its kind." },
);
export interface Scale extends Infer<typeof ScaleSchema> {}

/** The body of the scale subresources; no resource of its own. */
export const Scale = defineKind<Scale>({
  group: "autoscaling",
  version: "v1",
  kind: "Scale",
  plural: "scales",
  scope: "Namespaced",
  schema: ScaleSchema,
  verbs: ["get", "patch", "update"],
  validate({ spec }) {
    const { replicas = 0 } = spec;
    if (replicas >= 0) return [];
    return [fieldInvalid(root.child("spec", "replicas"), replicas, "must be greater than or equal to 0")];
  },
  columns: [],
});
