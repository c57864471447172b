import { type Infer, message, string } from "../../../apimachinery/schema.ts";

export const ObjectReference = message(
  "io.k8s.api.core.v1.ObjectReference",
  {
    kind: string(1),
    namespace: string(2),
    name: string(3),
    uid: string(4).named("types.UID"),
    apiVersion: string(5),
    resourceVersion: string(6),
    fieldPath: string(7),
  },
  { mapType: "atomic" },
);
export interface ObjectReference extends Infer<typeof ObjectReference> {}

export const LocalObjectReference = message(
  "io.k8s.api.core.v1.LocalObjectReference",
  {
    name: string(1).default(""),
  },
  { mapType: "atomic" },
);
export interface LocalObjectReference extends Infer<typeof LocalObjectReference> {}

export const TypedLocalObjectReference = message(
  "io.k8s.api.core.v1.TypedLocalObjectReference",
  {
    apiGroup: string(1).optional,
    kind: string(2).always.required,
    name: string(3).always.required,
  },
  { mapType: "atomic" },
);
export interface TypedLocalObjectReference extends Infer<typeof TypedLocalObjectReference> {}

export const TypedObjectReference = message("io.k8s.api.core.v1.TypedObjectReference", {
  apiGroup: string(1).optional,
  kind: string(2).always.required,
  name: string(3).always.required,
  namespace: string(4).optional,
});
export interface TypedObjectReference extends Infer<typeof TypedObjectReference> {}
