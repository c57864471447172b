import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  root,
} from "../../../../apimachinery/fieldErrors.ts";
import { parseQuantity } from "../../../../apimachinery/quantity.ts";
import { dns1123Subdomain } from "../../../../apimachinery/validation/names.ts";
import type { PersistentVolumeSpec, VolumeNodeAffinity } from "../persistentVolumeMessages.ts";
import { validateNodeSelector } from "./affinity.ts";
import { checked, supportedIn } from "./fields.ts";
import { VOLUME_MODES, validateAccessModes } from "./persistentVolumeClaim.ts";
import { validatePersistentVolumeSource } from "./persistentVolumeSources.ts";

const RECLAIM_POLICIES = ["Delete", "Recycle", "Retain"];

export function validatePersistentVolume({ spec }: { spec: PersistentVolumeSpec }): FieldError[] {
  const path = root.child("spec");
  const policy = path.child("persistentVolumeReclaimPolicy");
  const errors = [
    ...validateModes(spec.accessModes ?? [], path.child("accessModes")),
    ...validateCapacity(spec.capacity, path.child("capacity")),
  ];
  if (spec.persistentVolumeReclaimPolicy) {
    errors.push(...supportedIn(spec.persistentVolumeReclaimPolicy, RECLAIM_POLICIES, policy));
  }
  errors.push(...validateAffinity(spec.nodeAffinity, path.child("nodeAffinity")));
  errors.push(...validatePersistentVolumeSource(spec, spec.nodeAffinity?.required !== undefined, path));
  if (isRootRecycled(spec)) errors.push(fieldForbidden(policy, "may not be 'recycle' for a hostPath mount of '/'"));
  if (spec.storageClassName) {
    errors.push(...checked(dns1123Subdomain, spec.storageClassName, path.child("storageClassName")));
  }
  if (spec.volumeMode !== undefined) {
    errors.push(...supportedIn(spec.volumeMode, VOLUME_MODES, path.child("volumeMode")));
  }
  return [...errors, ...validateAttributesClass(spec, path)];
}

function validateModes(modes: readonly string[], path: FieldPath): FieldError[] {
  return modes.length === 0 ? [fieldRequired(path)] : validateAccessModes(modes, path);
}

function validateCapacity(capacity: Record<string, string> | undefined, path: FieldPath): FieldError[] {
  const names = Object.keys(capacity ?? {});
  const errors = names.length === 0 ? [fieldRequired(path)] : [];
  if (names.length !== 1 || names[0] !== "storage") {
    errors.push(fieldNotSupported(path, capacity ?? null, ["storage"]));
  }
  for (const [name, amount] of Object.entries(capacity ?? {})) {
    if (parseQuantity(amount).nanos <= 0n) {
      errors.push(fieldInvalid(path.key(name), amount, "must be greater than zero"));
    }
  }
  return errors;
}

function validateAffinity(affinity: VolumeNodeAffinity | undefined, path: FieldPath): FieldError[] {
  if (affinity === undefined) return [];
  const at = path.child("required");
  if (affinity.required === undefined) return [fieldRequired(at, "must specify required node constraints")];
  return validateNodeSelector(affinity.required, at);
}

/** The root of a host, however it is written, is not to be emptied. */
function isRootRecycled({ hostPath, persistentVolumeReclaimPolicy }: PersistentVolumeSpec): boolean {
  return persistentVolumeReclaimPolicy === "Recycle" && hostPath !== undefined && /^\/[/.]*$/.test(hostPath.path);
}

function validateAttributesClass(spec: PersistentVolumeSpec, path: FieldPath): FieldError[] {
  const name = spec.volumeAttributesClassName;
  if (name === undefined) return [];
  const at = path.child("volumeAttributesClassName");
  const errors =
    name === "" ? [fieldRequired(at, "an empty string is disallowed")] : checked(dns1123Subdomain, name, at);
  if (spec.csi === undefined) {
    errors.push(fieldRequired(path.child("csi"), "has to be specified when using volumeAttributesClassName"));
  }
  return errors;
}
