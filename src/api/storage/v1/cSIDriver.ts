import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { createdAtColumn, nameColumn } from "../../columns.ts";
import { CSIDriverSpec } from "./cSIDriverMessages.ts";
import { validateCSIDriver, validateCSIDriverUpdate } from "./cSIDriverValidation.ts";

export const CSIDriverSchema = message(
  "io.k8s.api.storage.v1.CSIDriver",
  {
    apiVersion: string(0).doc("The version of this form of the object."),
    kind: string(0).doc("The kind of the object."),
    metadata: struct(1, ObjectMeta).doc("Name, labels and the like; the name is the driver's."),
    spec: struct(2, CSIDriverSpec).required.doc("What the cluster must know of the driver."),
  },
  { doc: "A driver of the Container Storage Interface that is installed in the cluster." },
);
export interface CSIDriver extends Infer<typeof CSIDriverSchema> {}

export const CSIDriver = defineKind<CSIDriver>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIDriver",
  plural: "csidrivers",
  scope: "Cluster",
  schema: CSIDriverSchema,
  defaults({ spec }) {
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ["Persistent"];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  validate: validateCSIDriver,
  validateUpdate: validateCSIDriverUpdate,
  columns: [nameColumn(), createdAtColumn()],
});
