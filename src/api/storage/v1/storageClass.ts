import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { TopologySelectorTerm } from "./storageClassMessages.ts";
import { validateStorageClass, validateStorageClassUpdate } from "./storageClassValidation.ts";

export const StorageClassSchema = message(
  "io.k8s.api.storage.v1.StorageClass",
  {
    apiVersion: string(0).doc("The version of this form of the object."),
    kind: string(0).doc("The kind of the object."),
    metadata: struct(1, ObjectMeta).doc("Name, labels and the like."),
    provisioner: string(2).always.required.doc("Who makes the volumes of this class. Cannot be changed."),
    parameters: map(3, "string").doc("What the provisioner must know. Cannot be changed."),
    reclaimPolicy: string(4)
      .named("PersistentVolumeReclaimPolicy")
      .optional.doc("What becomes of its volumes when their claims are gone: Delete (default) or Retain."),
    mountOptions: list(5, "string").atomicList.doc("Options with which its volumes are mounted."),
    allowVolumeExpansion: bool(6).optional.doc("Whether claims may ask for more later."),
    volumeBindingMode: string(7)
      .named("VolumeBindingMode")
      .optional.doc(
        "Immediate (default): a claim gets its volume at once. WaitForFirstConsumer: when a Pod that uses it is scheduled.",
      ),
    allowedTopologies: list(8, TopologySelectorTerm).atomicList.doc("Where volumes may be made."),
  },
  {
    doc: "A kind of storage that claims can ask for by name. The annotation storageclass.kubernetes.io/is-default-class makes it the one for claims that name none.",
  },
);
export interface StorageClass extends Infer<typeof StorageClassSchema> {}

export const StorageClass = defineKind<StorageClass>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  plural: "storageclasses",
  shortNames: ["sc"],
  scope: "Cluster",
  schema: StorageClassSchema,
  defaults(storageClass) {
    storageClass.reclaimPolicy ??= "Delete";
    storageClass.volumeBindingMode ??= "Immediate";
  },
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
  columns: [
    { ...nameColumn(), value: ({ metadata }) => nameAndDefault(metadata) },
    {
      name: "Provisioner",
      type: "string",
      description: "Who makes the volumes.",
      value: ({ provisioner }) => provisioner,
    },
    {
      name: "ReclaimPolicy",
      type: "string",
      description: "What becomes of its volumes when their claims are gone.",
      value: ({ reclaimPolicy }) => reclaimPolicy ?? "Delete",
    },
    {
      name: "VolumeBindingMode",
      type: "string",
      description: "When a claim gets its volume.",
      value: ({ volumeBindingMode }) => volumeBindingMode ?? "Immediate",
    },
    {
      name: "AllowVolumeExpansion",
      type: "string",
      description: "Whether claims may ask for more later.",
      value: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
    },
    ageColumn(),
  ],
});

const DEFAULT_CLASS = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];

/** Whether claims that name no class get this one. */
export const isDefaultStorageClass = (metadata: ObjectMeta): boolean =>
  DEFAULT_CLASS.some((name) => metadata.annotations?.[name] === "true");

const nameAndDefault = (metadata: ObjectMeta): string =>
  isDefaultStorageClass(metadata) ? `${metadata.name} (default)` : (metadata.name ?? "");
