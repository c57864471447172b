import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { PersistentVolumeClaimStatus } from "./persistentVolumeClaimMessages.ts";
import { PersistentVolumeClaimSpec } from "./persistentVolumeClaimSpec.ts";

export const PersistentVolumeClaimSchema = message("io.k8s.api.core.v1.PersistentVolumeClaim", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, PersistentVolumeClaimSpec),
  status: struct(3, PersistentVolumeClaimStatus),
});
export interface PersistentVolumeClaim extends Infer<typeof PersistentVolumeClaimSchema> {}

export const PersistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
  shortNames: ["pvc"],
  scope: "Namespaced",
  schema: PersistentVolumeClaimSchema,
  status: true,
  columns: [nameColumn(), ageColumn()],
});
