import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { qualifiedName } from "../../../apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { validateCsiDriverName } from "../../core/v1/validation/storageVolumes.ts";
import { type CSINodeDriver, CSINodeSpec } from "./cSINodeMessages.ts";

export const CSINodeSchema = message(
  "io.k8s.api.storage.v1.CSINode",
  {
    apiVersion: string(0).doc("The version of this form of the object."),
    kind: string(0).doc("The kind of the object."),
    metadata: struct(1, ObjectMeta).doc("Name, labels and the like; the name is the Node's."),
    spec: struct(2, CSINodeSpec).required.doc("The drivers on the node."),
  },
  { doc: "Which CSI drivers a node has; written by its kubelet." },
);
export interface CSINode extends Infer<typeof CSINodeSchema> {}

export const CSINode = defineKind<CSINode>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSINode",
  plural: "csinodes",
  scope: "Cluster",
  schema: CSINodeSchema,
  validate: ({ spec }) => validateDrivers(spec.drivers ?? [], root.child("spec", "drivers")),
  validateUpdate: ({ spec }, { spec: old }) =>
    (spec.drivers ?? [])
      .filter((driver) =>
        (old.drivers ?? []).some((before) => before.name === driver.name && hasChanged(driver, before)),
      )
      .map((driver) => fieldInvalid(root.child("CSINodeDriver"), shown(driver), "field is immutable")),
  columns: [
    nameColumn(),
    {
      name: "Drivers",
      type: "integer",
      description: "How many CSI drivers the node has.",
      value: ({ spec }) => spec.drivers?.length ?? 0,
    },
    ageColumn(),
  ],
});

/** How many volumes a node takes may change; who it is and where, may not. */
const hasChanged = (driver: CSINodeDriver, old: CSINodeDriver): boolean =>
  driver.nodeID !== old.nodeID || !deepEqual(driver.topologyKeys ?? [], old.topologyKeys ?? []);

const shown = ({ name, nodeID, topologyKeys, allocatable }: CSINodeDriver) => ({
  Name: name,
  NodeID: nodeID,
  TopologyKeys: topologyKeys ?? null,
  Allocatable: allocatable ? { Count: allocatable.count ?? null } : null,
});

const LONGEST_ID = 256;

function validateDrivers(drivers: readonly CSINodeDriver[], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return drivers.flatMap((driver, i) => {
    const at = path.index(i);
    const errors = [
      ...validateCsiDriverName(driver.name, at.child("name")),
      ...validateID(driver.nodeID, at.child("nodeID")),
      ...validateCount(driver.allocatable?.count, at.child("allocatable", "count")),
    ];
    if (seen.has(driver.name)) errors.push(fieldDuplicate(at.child("name"), driver.name));
    seen.add(driver.name);
    return [...errors, ...validateTopologyKeys(driver.topologyKeys ?? [], at)];
  });
}

function validateID(id: string, path: FieldPath): FieldError[] {
  if (id === "") return [fieldRequired(path)];
  return id.length > LONGEST_ID ? [fieldInvalid(path, id, `must be ${LONGEST_ID} characters or less`)] : [];
}

function validateCount(count: number | undefined, path: FieldPath): FieldError[] {
  return (count ?? 0) < 0 ? [fieldInvalid(path, count, "must be greater than or equal to 0")] : [];
}

/** Errors name the driver, not the key. */
function validateTopologyKeys(keys: readonly string[], path: FieldPath): FieldError[] {
  return keys.flatMap((key, i) => [
    ...(key === "" ? [fieldRequired(path)] : []),
    ...(keys.indexOf(key) < i ? [fieldDuplicate(path, key)] : []),
    ...fieldInvalidEach(path, key, qualifiedName(key)),
  ]);
}
