import { bool, type Infer, int32, map, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { PersistentVolumeSpec } from "../../core/v1/persistentVolumeMessages.ts";

export const VolumeAttachmentSource = message("io.k8s.api.storage.v1.VolumeAttachmentSource", {
  persistentVolumeName: string(1),
  inlineVolumeSpec: struct(2, PersistentVolumeSpec).optional,
});
export interface VolumeAttachmentSource extends Infer<typeof VolumeAttachmentSource> {}

export const VolumeAttachmentSpec = message("io.k8s.api.storage.v1.VolumeAttachmentSpec", {
  attacher: string(1).always.required,
  source: struct(2, VolumeAttachmentSource).required,
  nodeName: string(3).always.required,
});
export interface VolumeAttachmentSpec extends Infer<typeof VolumeAttachmentSpec> {}

export const VolumeError = message("io.k8s.api.storage.v1.VolumeError", {
  time: time(1).optional,
  message: string(2),
  errorCode: int32(3).optional,
});
export interface VolumeError extends Infer<typeof VolumeError> {}

export const VolumeAttachmentStatus = message("io.k8s.api.storage.v1.VolumeAttachmentStatus", {
  attached: bool(1).always.required,
  attachmentMetadata: map(2, "string"),
  attachError: struct(3, VolumeError).optional,
  detachError: struct(4, VolumeError).optional,
});
export interface VolumeAttachmentStatus extends Infer<typeof VolumeAttachmentStatus> {}
