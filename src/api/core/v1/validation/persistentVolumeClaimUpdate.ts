import { deepEqual } from "../../../../apimachinery/equal.ts";
import {
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  root,
} from "../../../../apimachinery/fieldErrors.ts";
import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import { parseQuantity } from "../../../../apimachinery/quantity.ts";
import { qualifiedName } from "../../../../apimachinery/validation/names.ts";
import { changedLines, internalForm } from "../internalForm.ts";
import type { PersistentVolumeClaimStatus } from "../persistentVolumeClaimMessages.ts";
import { PersistentVolumeClaimSpec } from "../persistentVolumeClaimSpec.ts";
import { checked } from "./fields.ts";
import { validateResourceAmount } from "./resources.ts";

interface Claim {
  metadata: ObjectMeta;
  spec: PersistentVolumeClaimSpec;
  status: PersistentVolumeClaimStatus;
}

const BETA_CLASS = "volume.beta.kubernetes.io/storage-class";

/** The new specification, with what may be changed put back to what it was. */
function withoutAllowedChanges(claim: Claim, old: Claim): PersistentVolumeClaimSpec {
  const spec = { ...claim.spec };
  const bound = old.status.phase === "Bound";
  if (!old.spec.volumeName) restore(spec, old.spec, "volumeName");
  if (old.spec.storageClassName === undefined && mayGainClass(claim, old)) restore(spec, old.spec, "storageClassName");
  if (bound && spec.resources?.requests && old.spec.resources?.requests) {
    const requests = { ...spec.resources.requests, storage: old.spec.resources.requests.storage! };
    spec.resources = { ...spec.resources, requests };
  }
  restore(spec, old.spec, "volumeAttributesClassName");
  return spec;
}

function restore(
  spec: PersistentVolumeClaimSpec,
  old: PersistentVolumeClaimSpec,
  field: keyof PersistentVolumeClaimSpec,
) {
  if (old[field] === undefined) delete spec[field];
  else Object.assign(spec, { [field]: old[field] });
}

/** A claim without a class may be given one: by the field that replaces its annotation, or while it waits for any. */
function mayGainClass({ spec }: Claim, old: Claim): boolean {
  const annotated = old.metadata.annotations?.[BETA_CLASS];
  if (annotated !== undefined) return spec.storageClassName === annotated;
  return !old.spec.volumeName;
}

const storageOf = (resources: Record<string, string> | undefined) => parseQuantity(resources?.storage ?? "0");

export function validatePersistentVolumeClaimUpdate(claim: Claim, old: Claim): FieldError[] {
  const errors: FieldError[] = [];
  const spec = root.child("spec");
  const now = withoutAllowedChanges(claim, old);
  if (!deepEqual(now, old.spec)) {
    const lines = changedLines(
      internalForm(PersistentVolumeClaimSpec, old.spec),
      internalForm(PersistentVolumeClaimSpec, now),
    );
    const text =
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    errors.push(fieldForbidden(spec, `${text}\n${lines}`));
  }
  const asked = storageOf(claim.spec.resources?.requests);
  const smaller = asked.compare(storageOf(old.spec.resources?.requests)) < 0;
  if (smaller && asked.compare(storageOf(old.status.capacity)) <= 0) {
    const path = spec.child("resources", "requests", "storage");
    errors.push(fieldForbidden(path, "field can not be less than status.capacity"));
  }
  if (claim.spec.volumeMode !== old.spec.volumeMode) {
    errors.push(fieldInvalid(root.child("volumeMode"), claim.spec.volumeMode ?? null, "field is immutable"));
  }
  return [...errors, ...validateAttributesClassChange(claim.spec, old)];
}

/** Once a class of attributes is in force, another may take its place, but not none. */
function validateAttributesClassChange({ volumeAttributesClassName: now }: PersistentVolumeClaimSpec, old: Claim) {
  const before = old.spec.volumeAttributesClassName;
  const path = root.child("spec", "volumeAttributesClassName");
  if (now === before || !before || !old.status.currentVolumeAttributesClassName) return [];
  if (now === undefined) return [fieldForbidden(path, "update from non-nil value to nil is forbidden")];
  return now === "" ? [fieldForbidden(path, "update from non-nil value to an empty string is forbidden")] : [];
}

const RESIZE_STATES = [
  "ControllerResizeInProgress",
  "ControllerResizeInfeasible",
  "NodeResizePending",
  "NodeResizeInProgress",
  "NodeResizeInfeasible",
];

export function validatePersistentVolumeClaimStatusUpdate({ metadata, spec, status }: Claim): FieldError[] {
  const errors: FieldError[] = [];
  if (!metadata.resourceVersion) errors.push(fieldRequired(root.child("resourceVersion")));
  if (!spec.accessModes?.length) errors.push(fieldRequired(root.child("Spec", "accessModes")));
  for (const list of ["capacity", "allocatedResources"] as const) {
    const path = root.child("status", list);
    for (const [name, amount] of Object.entries(status[list] ?? {})) {
      errors.push(...validateResourceAmount(name, amount, path.key(name)));
    }
  }
  for (const [name, state] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    const path = root.child("status", "allocatedResourceStatuses");
    errors.push(...checked(qualifiedName, name, path));
    if (!RESIZE_STATES.includes(state)) errors.push(fieldNotSupported(path.key(name), state, RESIZE_STATES));
  }
  return errors;
}
