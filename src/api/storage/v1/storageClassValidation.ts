import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { qualifiedName } from "../../../apimachinery/validation/names.ts";
import type { StorageClass } from "./storageClass.ts";
import type { TopologySelectorTerm } from "./storageClassMessages.ts";

const RECLAIM_POLICIES = ["Delete", "Retain"];
const BINDING_MODES = ["Immediate", "WaitForFirstConsumer"];

export function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const { provisioner, parameters, reclaimPolicy = "", volumeBindingMode, allowedTopologies = [] } = storageClass;
  const mode = root.child("volumeBindingMode");
  const errors = [
    ...validateProvisioner(provisioner, root.child("provisioner")),
    ...validateParameters(parameters, root.child("parameters")),
  ];
  if (reclaimPolicy && !RECLAIM_POLICIES.includes(reclaimPolicy)) {
    errors.push(fieldNotSupported(root.child("reclaimPolicy"), reclaimPolicy, RECLAIM_POLICIES));
  }
  if (volumeBindingMode === undefined) errors.push(fieldRequired(mode));
  else if (!BINDING_MODES.includes(volumeBindingMode)) {
    errors.push(fieldNotSupported(mode, volumeBindingMode, BINDING_MODES));
  }
  return [...errors, ...validateTopologies(allowedTopologies, root.child("allowedTopologies"))];
}

/** A provisioner's name is taken in lower case. */
export function validateProvisioner(name: string, path: FieldPath): FieldError[] {
  if (name === "") return [fieldRequired(path)];
  return fieldInvalidEach(path, name.toLowerCase(), qualifiedName(name.toLowerCase()));
}

const MOST_PARAMETERS = 512;
const MOST_BYTES = 256 * 1024;

export function validateParameters(parameters: Record<string, string> = {}, path: FieldPath): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > MOST_PARAMETERS) return [fieldTooLong(path, "", MOST_PARAMETERS)];
  const errors = entries
    .filter(([key]) => key === "")
    .map(([key]) => fieldInvalid(path, key, "field can not be empty."));
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return size > MOST_BYTES ? [...errors, fieldTooLong(path, "", MOST_BYTES)] : errors;
}

function validateTopologies(terms: readonly TopologySelectorTerm[], path: FieldPath): FieldError[] {
  // one without conditions says nothing: Kubernetes calls it a duplicate wherever it stands
  const seen: unknown[] = [{}];
  return terms.flatMap((term, i) => {
    const errors = validateTerm(term, path.index(i));
    const asked = meaning(term);
    if (seen.some((other) => deepEqual(other, asked))) {
      errors.push(fieldDuplicate(path.index(i).child("matchLabelExpressions"), ""));
    }
    seen.push(asked);
    return errors;
  });
}

/** The values that each label may have. */
const meaning = ({ matchLabelExpressions = [] }: TopologySelectorTerm) =>
  Object.fromEntries(matchLabelExpressions.map(({ key, values }) => [key, [...new Set(values)].sort()]));

function validateTerm({ matchLabelExpressions = [] }: TopologySelectorTerm, path: FieldPath): FieldError[] {
  const keys = new Set<string>();
  return matchLabelExpressions.flatMap(({ key, values }, i) => {
    const at = path.child("matchLabelExpressions").index(i);
    const errors = values?.length ? repeatedValues(values, at.child("values")) : [fieldRequired(at.child("values"))];
    errors.push(...fieldInvalidEach(at.child("key"), key, qualifiedName(key)));
    if (keys.has(key)) errors.push(fieldDuplicate(at.child("key"), key));
    keys.add(key);
    return errors;
  });
}

function repeatedValues(values: readonly string[], path: FieldPath): FieldError[] {
  return values.flatMap((value, i) => (values.indexOf(value) < i ? [fieldDuplicate(path.index(i), value)] : []));
}

export function validateStorageClassUpdate(storageClass: StorageClass, old: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  if (!deepEqual(storageClass.parameters ?? {}, old.parameters ?? {})) {
    errors.push(fieldForbidden(root.child("parameters"), "updates to parameters are forbidden."));
  }
  for (const field of ["provisioner", "reclaimPolicy", "volumeBindingMode"] as const) {
    if (storageClass[field] === old[field]) continue;
    errors.push(fieldInvalid(root.child(field), storageClass[field] ?? null, "field is immutable"));
  }
  return errors;
}
