import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import { dns1123Subdomain } from "../../../../apimachinery/validation/names.ts";
import type { KeyToPath } from "../projections.ts";
import type { HostPathVolumeSource, Volume, VolumeSource } from "../volumes.ts";
import { oneOf, supportedIn, validateLabel } from "./fields.ts";
import { validateFileMode, validateKeyToPath, validateNoBacksteps } from "./paths.ts";
import { validatePersistentVolumeClaimTemplate } from "./persistentVolumeClaim.ts";
import { validateDownwardFile, validateProjected } from "./projections.ts";
import { isNegative } from "./resources.ts";
import { storageChecks } from "./storageVolumes.ts";

const HOST_PATH_TYPES = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];

export function validateHostPath({ path: target, type }: HostPathVolumeSource, path: FieldPath): FieldError[] {
  if (target === "") return [fieldRequired(path.child("path"))];
  return [
    ...validateNoBacksteps(target, path.child("path")),
    ...(type === undefined ? [] : supportedIn(type, HOST_PATH_TYPES, path.child("type"))),
  ];
}

/** A ConfigMap's or Secret's keys as files. */
function validateKeys(
  { defaultMode, items }: { defaultMode?: number; items?: readonly KeyToPath[] },
  path: FieldPath,
): FieldError[] {
  return [
    ...validateFileMode(defaultMode, path.child("defaultMode")),
    ...(items ?? []).flatMap((item, i) => validateKeyToPath(item, path.child("items").index(i))),
  ];
}

const named = (name: string | undefined, path: FieldPath): FieldError[] => (name ? [] : [fieldRequired(path)]);

type Sources = { [S in keyof VolumeSource]?: (source: NonNullable<VolumeSource[S]>, path: FieldPath) => FieldError[] };

const CHECKS: Sources = {
  emptyDir: ({ sizeLimit }, path) =>
    sizeLimit !== undefined && isNegative(sizeLimit)
      ? [fieldForbidden(path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity")]
      : [],
  hostPath: validateHostPath,
  ...storageChecks,
  secret: (source, path) => [...named(source.secretName, path.child("secretName")), ...validateKeys(source, path)],
  persistentVolumeClaim: ({ claimName }, path) => named(claimName, path.child("claimName")),
  downwardAPI: ({ defaultMode, items }, path) => [
    ...validateFileMode(defaultMode, path.child("defaultMode")),
    // errors name the volume, not the item
    ...(items ?? []).flatMap((item) => validateDownwardFile(item, path)),
  ],
  configMap: (source, path) => [...named(source.name, path.child("name")), ...validateKeys(source, path)],
  projected: validateProjected,
  ephemeral: ({ volumeClaimTemplate: template }, path) => {
    const at = path.child("volumeClaimTemplate");
    return template === undefined ? [fieldRequired(at)] : validatePersistentVolumeClaimTemplate(template, at);
  },
  image: ({ reference, pullPolicy }, path) => [
    ...(reference ? [] : [fieldRequired(path.child("reference"))]),
    ...oneOf(pullPolicy, ["Always", "IfNotPresent", "Never"], path.child("pullPolicy")),
  ],
};

type AnyCheck = (source: unknown, path: FieldPath) => FieldError[];

function validateSource(volume: Volume, path: FieldPath): FieldError[] {
  const used = (Object.keys(CHECKS) as (keyof VolumeSource)[]).filter((source) => volume[source] !== undefined);
  if (used.length === 0) return [fieldRequired(path, "must specify a volume type")];
  return used.flatMap((source, i) => {
    const at = path.child(source);
    if (i > 0) return [fieldForbidden(at, "may not specify more than 1 volume type")];
    return (CHECKS[source] as AnyCheck)(volume[source], at);
  });
}

/** What ties a volume to its own name or its Pod's. */
function validateNamesTogether(volume: Volume, pod: ObjectMeta | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { iscsi, name } = volume;
  if (iscsi?.initiatorName && `${name}:${iscsi.targetPortal}`.length > 64) {
    const text =
      "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
    errors.push(fieldInvalid(path.child("name"), name, text));
  }
  if (volume.ephemeral && pod?.name && name !== "") {
    const claim = `${pod.name}-${name}`;
    const texts = dns1123Subdomain(claim).map((text) => `PVC name ${JSON.stringify(claim)}: ${text}`);
    errors.push(...fieldInvalidEach(path.child("name"), name, texts));
  }
  return errors;
}

/** Answers also the volumes that mounts may name: those in which nothing is wrong. */
export function validateVolumes(
  volumes: readonly Volume[],
  pod: ObjectMeta | undefined,
  path: FieldPath,
): { errors: FieldError[]; usable: ReadonlyMap<string, Volume> } {
  const errors: FieldError[] = [];
  const usable = new Map<string, Volume>();
  for (const [i, volume] of volumes.entries()) {
    const at = path.index(i);
    const found = [
      ...validateSource(volume, at),
      ...validateNamesTogether(volume, pod, at),
      ...(volume.name === "" ? [fieldRequired(at.child("name"))] : validateLabel(volume.name, at.child("name"))),
    ];
    if (usable.has(volume.name)) found.push(fieldDuplicate(at.child("name"), volume.name));
    if (found.length === 0) usable.set(volume.name, volume);
    errors.push(...found);
  }
  return { errors, usable };
}
