import { bool, type Infer, int32, map, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { PersistentVolumeSpec } from "../../core/v1/persistentVolumeMessages.ts";

export const VolumeAttachmentSource = message(
  "io.k8s.api.storage.v1.VolumeAttachmentSource",
  {
    persistentVolumeName: string(1).optional.doc("The PersistentVolume to attach."),
    inlineVolumeSpec: struct(2, PersistentVolumeSpec).optional.doc(
      "What the volume would be as a PersistentVolume, for volumes that Pods name themselves.",
    ),
  },
  { doc: "The volume to attach; exactly one field is set." },
);
export interface VolumeAttachmentSource extends Infer<typeof VolumeAttachmentSource> {}

export const VolumeAttachmentSpec = message(
  "io.k8s.api.storage.v1.VolumeAttachmentSpec",
  {
    attacher: string(1).always.required.doc("Who attaches it: the driver's name."),
    source: struct(2, VolumeAttachmentSource).required.doc("The volume."),
    nodeName: string(3).always.required.doc("The node."),
  },
  { doc: "Which volume is to be attached to which node, and by whom. Cannot be changed." },
);
export interface VolumeAttachmentSpec extends Infer<typeof VolumeAttachmentSpec> {}

export const VolumeError = message(
  "io.k8s.api.storage.v1.VolumeError",
  {
    time: time(1).always.doc("When it happened."),
    message: string(2).doc("What went wrong; no secrets."),
    errorCode: int32(3).optional.doc("The driver's gRPC code."),
  },
  { doc: "What went wrong at the last attempt." },
);
export interface VolumeError extends Infer<typeof VolumeError> {}

export const VolumeAttachmentStatus = message(
  "io.k8s.api.storage.v1.VolumeAttachmentStatus",
  {
    attached: bool(1).always.required.doc("Whether the volume is attached; only the attacher says so."),
    attachmentMetadata: map(2, "string").doc("What the node must know to mount it."),
    attachError: struct(3, VolumeError).optional.doc("Why it could not be attached."),
    detachError: struct(4, VolumeError).optional.doc("Why it could not be detached."),
  },
  { doc: "How far an attachment is." },
);
export interface VolumeAttachmentStatus extends Infer<typeof VolumeAttachmentStatus> {}
