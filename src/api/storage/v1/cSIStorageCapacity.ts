import { deepEqual } from "../../../apimachinery/equal.ts";
import { type FieldError, fieldInvalid, fieldInvalidEach, root } from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { LabelSelector, ObjectMeta } from "../../../apimachinery/meta.ts";
import { parseQuantity } from "../../../apimachinery/quantity.ts";
import { type Infer, message, quantity, string, struct } from "../../../apimachinery/schema.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/labelSelector.ts";
import { dns1123Subdomain } from "../../../apimachinery/validation/names.ts";
import { createdAtColumn, nameColumn } from "../../columns.ts";

export const CSIStorageCapacitySchema = message(
  "io.k8s.api.storage.v1.CSIStorageCapacity",
  {
    apiVersion: string(0).doc("The version of this form of the object."),
    kind: string(0).doc("The kind of the object."),
    metadata: struct(1, ObjectMeta).doc("Name, labels and the like; the name says nothing."),
    nodeTopology: struct(2, LabelSelector).optional.doc(
      "The nodes from which the storage can be reached. Cannot be changed.",
    ),
    storageClassName: string(3).always.required.doc("The storage class for which it holds. Cannot be changed."),
    capacity: quantity(4).optional.doc("How much is left."),
    maximumVolumeSize: quantity(5).optional.doc("How large one volume can be."),
  },
  { doc: "How much storage of one class is left for a part of the cluster, as its CSI driver says." },
);
export interface CSIStorageCapacity extends Infer<typeof CSIStorageCapacitySchema> {}

export const CSIStorageCapacity = defineKind<CSIStorageCapacity>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIStorageCapacity",
  plural: "csistoragecapacities",
  scope: "Namespaced",
  schema: CSIStorageCapacitySchema,
  validate,
  validateUpdate,
  columns: [nameColumn(), createdAtColumn()],
});

function validate(object: CSIStorageCapacity): FieldError[] {
  const { nodeTopology, storageClassName } = object;
  const errors = [
    ...fieldInvalidEach(root.child("storageClassName"), storageClassName, dns1123Subdomain(storageClassName)),
    ...(nodeTopology ? validateLabelSelector(nodeTopology, root.child("nodeTopology")) : []),
  ];
  for (const field of ["capacity", "maximumVolumeSize"] as const) {
    const amount = object[field];
    if (amount !== undefined && parseQuantity(amount).nanos < 0n) {
      errors.push(fieldInvalid(root.child(field), amount, "must be greater than or equal to 0"));
    }
  }
  return errors;
}

function validateUpdate(object: CSIStorageCapacity, old: CSIStorageCapacity): FieldError[] {
  return (["nodeTopology", "storageClassName"] as const)
    .filter((field) => !deepEqual(object[field], old[field]))
    .map((field) => fieldInvalid(root.child(field), object[field] ?? null, "field is immutable"));
}
