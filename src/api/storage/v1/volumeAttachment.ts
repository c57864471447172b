import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
  fieldTooLong,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { dns1123Subdomain } from "../../../apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { validateCsiDriverName } from "../../core/v1/validation/storageVolumes.ts";
import {
  type VolumeAttachmentSource,
  VolumeAttachmentSpec,
  VolumeAttachmentStatus,
} from "./volumeAttachmentMessages.ts";

export const VolumeAttachmentSchema = message(
  "io.k8s.api.storage.v1.VolumeAttachment",
  {
    apiVersion: string(0).doc("The version of this form of the object."),
    kind: string(0).doc("The kind of the object."),
    metadata: struct(1, ObjectMeta).doc("Name, labels and the like."),
    spec: struct(2, VolumeAttachmentSpec).required.doc("Which volume is to be attached where. Cannot be changed."),
    status: struct(3, VolumeAttachmentStatus).doc("How far it is."),
  },
  { doc: "Asks that a volume be attached to a node, and tells whether it is." },
);
export interface VolumeAttachment extends Infer<typeof VolumeAttachmentSchema> {}

export const VolumeAttachment = defineKind<VolumeAttachment>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttachment",
  plural: "volumeattachments",
  scope: "Cluster",
  schema: VolumeAttachmentSchema,
  status: true,
  validate: (attachment) => [...validateSpec(attachment.spec), ...validateStatus(attachment)],
  validateUpdate: ({ spec }, { spec: old }) =>
    deepEqual(spec, old) ? [] : [fieldInvalid(root.child("spec"), shown(spec), "field is immutable")],
  validateStatusUpdate: validateStatus,
  columns: [
    nameColumn(),
    {
      name: "Attacher",
      type: "string",
      format: "name",
      description: "Who attaches it.",
      value: ({ spec }) => spec.attacher,
    },
    {
      name: "PV",
      type: "string",
      description: "The volume.",
      value: ({ spec }) => spec.source.persistentVolumeName ?? "",
    },
    {
      name: "Node",
      type: "string",
      description: "The node.",
      value: ({ spec }) => spec.nodeName,
    },
    {
      name: "Attached",
      type: "boolean",
      description: "Whether the volume is attached.",
      value: ({ status }) => status.attached,
    },
    ageColumn(),
  ],
});

function validateSpec({ attacher, source, nodeName }: VolumeAttachmentSpec): FieldError[] {
  const path = root.child("spec");
  return [
    ...validateCsiDriverName(attacher, path.child("attacher")),
    ...validateSource(source),
    ...fieldInvalidEach(path.child("nodeName"), nodeName, dns1123Subdomain(nodeName)),
  ];
}

function validateSource({ persistentVolumeName: name, inlineVolumeSpec }: VolumeAttachmentSource): FieldError[] {
  const path = root.child("spec", "source");
  if ((name === undefined) === (inlineVolumeSpec === undefined)) {
    return [fieldRequired(path, "must specify exactly one of inlineVolumeSpec and persistentVolumeName")];
  }
  if (name === undefined) return [];
  const at = path.child("persistentVolumeName");
  return [
    ...(name === "" ? [fieldRequired(at, "must specify non empty persistentVolumeName")] : []),
    ...fieldInvalidEach(at, name, dns1123Subdomain(name)),
  ];
}

const MOST_METADATA = 256 * 1024;
const LONGEST_ERROR = 1024;

function validateStatus({ status }: VolumeAttachment): FieldError[] {
  const path = root.child("status");
  const entries = Object.entries(status?.attachmentMetadata ?? {});
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  const errors = size > MOST_METADATA ? [fieldTooLong(path.child("attachmentMetadata"), "", MOST_METADATA)] : [];
  for (const field of ["attachError", "detachError"] as const) {
    if ((status?.[field]?.message ?? "").length > LONGEST_ERROR) {
      errors.push(fieldTooLong(path.child(field, "message"), "", LONGEST_ERROR));
    }
  }
  return errors;
}

/** As Kubernetes shows a specification that may not change: with the names of its internal type. */
const shown = ({ attacher, source, nodeName }: VolumeAttachmentSpec) => ({
  Attacher: attacher,
  Source: {
    PersistentVolumeName: source.persistentVolumeName ?? null,
    InlineVolumeSpec: source.inlineVolumeSpec ?? null,
  },
  NodeName: nodeName,
});
