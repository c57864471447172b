import { type FieldError, fieldInvalid, root } from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { Overhead, Scheduling } from "./runtimeClassMessages.ts";
import { validateRuntimeClass } from "./runtimeClassValidation.ts";

export const RuntimeClassSchema = message(
  "io.k8s.api.node.v1.RuntimeClass",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    handler: string(2).always.required.doc(
      "The handler, as the container runtime's configuration names it; every node that runs such Pods must have it. Cannot be changed.",
    ),
    overhead: struct(3, Overhead).optional.doc(
      "What running a Pod this way costs; added to each Pod when it is created.",
    ),
    scheduling: struct(4, Scheduling).optional.doc("Which nodes have the handler; all of them when left out."),
  },
  { doc: "A way in which a container runtime can run Pods, chosen by name in their `runtimeClassName`." },
);
export interface RuntimeClass extends Infer<typeof RuntimeClassSchema> {}

export const RuntimeClass = defineKind<RuntimeClass>({
  group: "node.k8s.io",
  version: "v1",
  kind: "RuntimeClass",
  plural: "runtimeclasses",
  scope: "Cluster",
  schema: RuntimeClassSchema,
  validateCreate: validateRuntimeClass,
  validateUpdate: (runtimeClass, old) => [...validateRuntimeClass(runtimeClass), ...validateSame(runtimeClass, old)],
  columns: [
    nameColumn(),
    { name: "Handler", type: "string", description: "What runs such Pods.", value: ({ handler }) => handler },
    ageColumn(),
  ],
});

function validateSame({ handler }: RuntimeClass, old: RuntimeClass): FieldError[] {
  return handler === old.handler ? [] : [fieldInvalid(root.child("handler"), handler, "field is immutable")];
}
