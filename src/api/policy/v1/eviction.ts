import { defineKind } from "../../../apimachinery/kind.ts";
import { DeleteOptions, ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";

export const EvictionSchema = message(
  "io.k8s.api.policy.v1.Eviction",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("Names the Pod."),
    deleteOptions: struct(2, DeleteOptions).optional.doc("How to delete it."),
  },
  { doc: "Asks to remove a Pod, if the disruption budgets allow it. Not stored." },
);
export interface Eviction extends Infer<typeof EvictionSchema> {}

/** The body of pods/eviction; no resource of its own. */
export const Eviction = defineKind<Eviction>({
  group: "policy",
  version: "v1",
  kind: "Eviction",
  plural: "evictions",
  scope: "Namespaced",
  schema: EvictionSchema,
  verbs: ["create"],
  columns: [],
});
