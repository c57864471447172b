import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "./columns/shared.ts";
import { ObjectReference } from "./references.ts";
import { validateBinding } from "./validation/binding.ts";

export const BindingSchema = message(
  "io.k8s.api.core.v1.Binding",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    target: struct(2, ObjectReference).required.doc("The node that is to run the Pod."),
  },
  { doc: "Gives a Pod to a node; what a scheduler writes." },
);
export interface Binding extends Infer<typeof BindingSchema> {}

export const Binding = defineKind<Binding>({
  group: "",
  version: "v1",
  kind: "Binding",
  plural: "bindings",
  scope: "Namespaced",
  schema: BindingSchema,
  verbs: ["create"],
  columns: [nameColumn, ageColumn],
  validate: validateBinding,
});
