import type { Column } from "../../../../apimachinery/kind.ts";
import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import type { PersistentVolumeClaimStatus } from "../persistentVolumeClaimMessages.ts";
import type { PersistentVolumeClaimSpec } from "../persistentVolumeClaimSpec.ts";
import type { PersistentVolumeSpec, PersistentVolumeStatus } from "../persistentVolumeMessages.ts";
import { ageColumn, nameColumn } from "./shared.ts";

const SHORT: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

/** Each mode once, in the order in which Kubernetes lists them. */
function accessModes(modes: readonly string[] = []): string {
  return Object.keys(SHORT)
    .filter((mode) => modes.includes(mode))
    .map((mode) => SHORT[mode])
    .join(",");
}

const CLASS_BEFORE_FIELDS = "volume.beta.kubernetes.io/storage-class";
const UNSET = "<unset>";

/** The annotation is older than the field, and wins over it. */
const className = (metadata: ObjectMeta, field: string | undefined): string =>
  metadata.annotations?.[CLASS_BEFORE_FIELDS] ?? field ?? "";

interface VolumeLike {
  metadata: ObjectMeta;
  spec: PersistentVolumeSpec;
  status: PersistentVolumeStatus;
}

const leaving = (metadata: ObjectMeta, phase: string | undefined): string =>
  metadata.deletionTimestamp ? "Terminating" : (phase ?? "");

export const persistentVolumeColumns: readonly Column<VolumeLike>[] = [
  nameColumn,
  {
    name: "Capacity",
    type: "string",
    description: "How much it holds.",
    value: ({ spec }) => spec.capacity?.storage ?? "0",
  },
  {
    name: "Access Modes",
    type: "string",
    description: "The ways in which it can be mounted.",
    value: ({ spec }) => accessModes(spec.accessModes),
  },
  {
    name: "Reclaim Policy",
    type: "string",
    description: "What becomes of it when its claim is gone.",
    value: ({ spec }) => spec.persistentVolumeReclaimPolicy ?? "",
  },
  {
    name: "Status",
    type: "string",
    description: "Whether it is available, bound to a claim or released by one.",
    value: ({ metadata, status }) => leaving(metadata, status.phase),
  },
  {
    name: "Claim",
    type: "string",
    description: "The claim that it serves or is kept for.",
    value: ({ spec: { claimRef } }) => (claimRef ? `${claimRef.namespace ?? ""}/${claimRef.name ?? ""}` : ""),
  },
  {
    name: "StorageClass",
    type: "string",
    description: "Its storage class.",
    value: ({ metadata, spec }) => className(metadata, spec.storageClassName),
  },
  {
    name: "VolumeAttributesClass",
    type: "string",
    description: "The class of its attributes.",
    value: ({ spec }) => spec.volumeAttributesClassName ?? UNSET,
  },
  {
    name: "Reason",
    type: "string",
    description: "Why it failed, if it did.",
    value: ({ status }) => status.reason ?? "",
  },
  ageColumn,
  {
    name: "VolumeMode",
    type: "string",
    priority: 1,
    description: "Whether it is a file system or a raw device.",
    value: ({ spec }) => spec.volumeMode ?? UNSET,
  },
];

interface ClaimLike {
  metadata: ObjectMeta;
  spec: PersistentVolumeClaimSpec;
  status: PersistentVolumeClaimStatus;
}

export const persistentVolumeClaimColumns: readonly Column<ClaimLike>[] = [
  nameColumn,
  {
    name: "Status",
    type: "string",
    description: "Whether a volume serves it.",
    value: ({ metadata, status }) => leaving(metadata, status.phase),
  },
  {
    name: "Volume",
    type: "string",
    description: "The volume that serves it.",
    value: ({ spec }) => spec.volumeName ?? "",
  },
  {
    name: "Capacity",
    type: "string",
    description: "How much the volume holds.",
    // without a volume in its specification nothing is told
    value: ({ spec, status }) => (spec.volumeName ? (status.capacity?.storage ?? "0") : ""),
  },
  {
    name: "Access Modes",
    type: "string",
    description: "The ways in which the volume can be mounted.",
    value: ({ spec, status }) => (spec.volumeName ? accessModes(status.accessModes) : ""),
  },
  {
    name: "StorageClass",
    type: "string",
    description: "Its storage class.",
    value: ({ metadata, spec }) => className(metadata, spec.storageClassName),
  },
  {
    name: "VolumeAttributesClass",
    type: "string",
    description: "The class of attributes asked for.",
    value: ({ spec }) => spec.volumeAttributesClassName ?? UNSET,
  },
  ageColumn,
  {
    name: "VolumeMode",
    type: "string",
    priority: 1,
    description: "Whether a file system or a raw device is asked for.",
    value: ({ spec }) => spec.volumeMode ?? UNSET,
  },
];
