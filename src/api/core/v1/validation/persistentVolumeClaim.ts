import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  root,
} from "../../../../apimachinery/fieldErrors.ts";
import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import { parseQuantity } from "../../../../apimachinery/quantity.ts";
import { validateLabelSelector } from "../../../../apimachinery/validation/labelSelector.ts";
import { dns1123Subdomain } from "../../../../apimachinery/validation/names.ts";
import type { PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate } from "../persistentVolumeClaimSpec.ts";
import { checked, supportedIn, validateLabels } from "./fields.ts";

const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const ONE_POD = "ReadWriteOncePod";
export const VOLUME_MODES = ["Block", "Filesystem"];

export function validateAccessModes(modes: readonly string[], path: FieldPath): FieldError[] {
  // errors name the list, not the item
  const errors = modes.flatMap((mode) => supportedIn(mode, ACCESS_MODES, path));
  if (modes.includes(ONE_POD) && modes.some((mode) => mode !== ONE_POD)) {
    errors.push(fieldForbidden(path, `may not use ${ONE_POD} with other access modes`));
  }
  return errors;
}

function validateStorage(amount: string | undefined, path: FieldPath): FieldError[] {
  if (amount === undefined) return [fieldRequired(path)];
  return parseQuantity(amount).nanos > 0n ? [] : [fieldInvalid(path, amount, "must be greater than zero")];
}

export function validatePersistentVolumeClaimSpec(spec: PersistentVolumeClaimSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.selector) errors.push(...validateLabelSelector(spec.selector, path.child("selector")));
  const modes = path.child("accessModes");
  if (!spec.accessModes?.length) errors.push(fieldRequired(modes, "at least 1 access mode is required"));
  errors.push(...validateAccessModes(spec.accessModes ?? [], modes));
  errors.push(...validateStorage(spec.resources?.requests?.storage, path.child("resources").key("storage")));
  if (spec.storageClassName) {
    errors.push(...checked(dns1123Subdomain, spec.storageClassName, path.child("storageClassName")));
  }
  if (spec.volumeMode !== undefined) {
    errors.push(...supportedIn(spec.volumeMode, VOLUME_MODES, path.child("volumeMode")));
  }
  if (spec.dataSource) errors.push(...validateSource(spec.dataSource, path.child("dataSource")));
  if (spec.dataSourceRef) errors.push(...validateSource(spec.dataSourceRef, path.child("dataSourceRef")));
  if (spec.volumeAttributesClassName) {
    errors.push(...checked(dns1123Subdomain, spec.volumeAttributesClassName, path.child("volumeAttributesClassName")));
  }
  return errors;
}

export const validatePersistentVolumeClaim = ({ spec }: { spec: PersistentVolumeClaimSpec }): FieldError[] =>
  validatePersistentVolumeClaimSpec(spec, root.child("spec"));

function validateSource(source: { apiGroup?: string; kind: string; name: string }, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (source.name === "") errors.push(fieldRequired(path.child("name")));
  if (source.kind === "") errors.push(fieldRequired(path.child("kind")));
  if (!source.apiGroup && source.kind !== "PersistentVolumeClaim") {
    const text = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(fieldInvalid(path, source.kind, text));
  }
  if (source.apiGroup) errors.push(...checked(dns1123Subdomain, source.apiGroup, path.child("apiGroup")));
  return errors;
}

const GIVEN_BY_SERVER = ["name", "generateName", "namespace", "uid", "resourceVersion", "generation"] as const;

function validateTemplateMeta(meta: ObjectMeta | undefined, path: FieldPath): FieldError[] {
  if (meta === undefined) return [];
  const set = [
    ...GIVEN_BY_SERVER.filter((field) => meta[field]),
    ...(meta.ownerReferences?.length ? ["ownerReferences"] : []),
    ...(meta.finalizers?.length ? ["finalizers"] : []),
  ];
  return [
    ...validateLabels(meta.labels, path.child("labels")),
    ...set.map((field) => fieldForbidden(path.child(field), "cannot be set")),
  ];
}

export function validatePersistentVolumeClaimTemplate(
  template: PersistentVolumeClaimTemplate,
  path: FieldPath,
): FieldError[] {
  return [
    ...validateTemplateMeta(template.metadata, path.child("metadata")),
    ...validatePersistentVolumeClaimSpec(template.spec, path.child("spec")),
  ];
}
