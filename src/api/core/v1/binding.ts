import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "./columns/shared.ts";
import { ObjectReference } from "./references.ts";
import { validateBinding } from "./validation/binding.ts";

export const BindingSchema = message("io.k8s.api.core.v1.Binding", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  target: struct(2, ObjectReference).required,
});
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
