import { deepEqual } from "../../../apimachinery/equal.ts";
import { type FieldError, fieldForbidden, fieldRequired, root } from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { validateParameters, validateProvisioner } from "./storageClassValidation.ts";

export const VolumeAttributesClassSchema = message(
  "io.k8s.api.storage.v1.VolumeAttributesClass",
  {
    apiVersion: string(0).doc("The version of this form of the object."),
    kind: string(0).doc("The kind of the object."),
    metadata: struct(1, ObjectMeta).doc("Name, labels and the like."),
    driverName: string(2).always.required.doc("The CSI driver that knows these attributes. Cannot be changed."),
    parameters: map(3, "string").doc("The attributes; at least one. Cannot be changed."),
  },
  { doc: "Attributes of a volume, such as its speed, that a claim can change while it is used." },
);
export interface VolumeAttributesClass extends Infer<typeof VolumeAttributesClassSchema> {}

export const VolumeAttributesClass = defineKind<VolumeAttributesClass>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttributesClass",
  plural: "volumeattributesclasses",
  shortNames: ["vac"],
  scope: "Cluster",
  schema: VolumeAttributesClassSchema,
  validate,
  validateUpdate,
  columns: [
    nameColumn(),
    {
      name: "DriverName",
      type: "string",
      description: "The CSI driver that knows these attributes.",
      value: ({ driverName }) => driverName,
    },
    ageColumn(),
  ],
});

function validate({ driverName, parameters = {} }: VolumeAttributesClass): FieldError[] {
  const path = root.child("parameters");
  const none = Object.keys(parameters).length === 0;
  return [
    ...validateProvisioner(driverName, root.child("driverName")),
    ...(none
      ? [fieldRequired(path, "must contain at least one key/value pair")]
      : validateParameters(parameters, path)),
  ];
}

function validateUpdate(object: VolumeAttributesClass, old: VolumeAttributesClass): FieldError[] {
  return (["driverName", "parameters"] as const)
    .filter((field) => !deepEqual(object[field], old[field]))
    .map((field) => fieldForbidden(root.child(field), `updates to ${field} are forbidden.`));
}
