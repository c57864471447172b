import { type Infer, message, string } from "../../../apimachinery/schema.ts";

export const ObjectReference = message(
  "io.k8s.api.core.v1.ObjectReference",
  {
    kind: string(1).doc("The object's kind."),
    namespace: string(2).doc("The object's namespace."),
    name: string(3).doc("The object's name."),
    uid: string(4).named("types.UID").doc("The object's UID."),
    apiVersion: string(5).doc("The object's API version."),
    resourceVersion: string(6).doc("The version of the object that is meant."),
    fieldPath: string(7).doc("The part that is meant, such as spec.containers{name}."),
  },
  { doc: "Names an object, or a part of one.", mapType: "atomic" },
);
export interface ObjectReference extends Infer<typeof ObjectReference> {}

export const LocalObjectReference = message(
  "io.k8s.api.core.v1.LocalObjectReference",
  {
    name: string(1).default("").doc("The object's name."),
  },
  { doc: "An object in the same namespace, by name.", mapType: "atomic" },
);
export interface LocalObjectReference extends Infer<typeof LocalObjectReference> {}

export const TypedLocalObjectReference = message(
  "io.k8s.api.core.v1.TypedLocalObjectReference",
  {
    apiGroup: string(1).optional.doc("The object's API group."),
    kind: string(2).always.required.doc("The object's kind."),
    name: string(3).always.required.doc("The object's name."),
  },
  { doc: "An object of any kind in the same namespace.", mapType: "atomic" },
);
export interface TypedLocalObjectReference extends Infer<typeof TypedLocalObjectReference> {}

export const TypedObjectReference = message(
  "io.k8s.api.core.v1.TypedObjectReference",
  {
    apiGroup: string(1).optional.doc("The object's API group."),
    kind: string(2).always.required.doc("The object's kind."),
    name: string(3).always.required.doc("The object's name."),
    namespace: string(4).optional.doc("The object's namespace; the same if absent."),
  },
  { doc: "An object of any kind." },
);
export interface TypedObjectReference extends Infer<typeof TypedObjectReference> {}
