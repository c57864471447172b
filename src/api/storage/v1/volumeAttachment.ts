import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { VolumeAttachmentSpec, VolumeAttachmentStatus } from "./volumeAttachmentMessages.ts";

export const VolumeAttachmentSchema = message("io.k8s.api.storage.v1.VolumeAttachment", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, VolumeAttachmentSpec).required,
  status: struct(3, VolumeAttachmentStatus),
});
export interface VolumeAttachment extends Infer<typeof VolumeAttachmentSchema> {}

export const VolumeAttachment = defineKind<VolumeAttachment>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttachment",
  plural: "volumeattachments",
  scope: "Cluster",
  schema: VolumeAttachmentSchema,
  status: true,
  columns: [nameColumn(), ageColumn()],
});
