import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
  fieldTooLong,
} from "../fieldErrors.ts";
import type { Kind } from "../kind.ts";
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from "../meta.ts";
import { splitApiVersion } from "../scheme.ts";
import { validateLabels } from "./labelSelector.ts";
import { labelName, qualifiedName, subdomainName } from "./names.ts";

/** What checking metadata needs to know of a kind. */
export type MetaRules = Pick<Kind, "scope" | "validateName" | "plainFinalizers">;

/** Everything wrong with the metadata of a new object. */
export function validateObjectMeta(meta: ObjectMeta, kind: MetaRules, path: FieldPath): FieldError[] {
  return [
    ...validateNames(meta, kind.validateName ?? subdomainName, path),
    ...validateNamespace(meta.namespace ?? "", kind.scope, path.child("namespace")),
    ...validateGeneration(meta.generation ?? 0, path.child("generation")),
    ...validateShared(meta, path),
    ...validateFinalizers(meta.finalizers ?? [], path.child("finalizers"), kind.plainFinalizers),
    ...validateManagedFields(meta.managedFields ?? [], path.child("managedFields")),
  ];
}

/**
 * Everything wrong with a change of metadata. What the new object leaves out of the server's own fields is taken to be
 * unchanged; whether a resourceVersion had to be given is for the caller to say.
 */
export function validateObjectMetaUpdate(
  meta: ObjectMeta,
  old: ObjectMeta,
  path: FieldPath,
  kind: Pick<MetaRules, "plainFinalizers"> = {},
): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp) errors.push(...validateNoNewFinalizers(meta, old, path.child("finalizers")));
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(fieldInvalid(path.child("generation"), meta.generation ?? 0, "must not be decremented"));
  }
  for (const field of ["name", "namespace"] as const) {
    if ((meta[field] ?? "") !== (old[field] ?? "")) errors.push(immutable(path.child(field), meta[field] ?? ""));
  }
  for (const field of ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] as const) {
    if (meta[field] !== undefined && meta[field] !== old[field]) errors.push(immutable(path.child(field), meta[field]));
  }
  return [
    ...errors,
    ...validateShared(meta, path),
    ...validateFinalizers(meta.finalizers ?? [], path.child("finalizers"), kind.plainFinalizers),
    ...validateManagedFields(meta.managedFields ?? [], path.child("managedFields")),
  ];
}

const immutable = (path: FieldPath, value: unknown) => fieldInvalid(path, value, "field is immutable");

/** What new and changed objects must both obey. */
function validateShared(meta: ObjectMeta, path: FieldPath): FieldError[] {
  return [
    ...validateLabels(meta.labels, path.child("labels")),
    ...validateAnnotations(meta.annotations, path.child("annotations")),
    ...validateOwnerReferences(meta.ownerReferences ?? [], path.child("ownerReferences")),
  ];
}

function validateNames(
  { name = "", generateName = "" }: ObjectMeta,
  check: (name: string, prefix: boolean) => string[],
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (generateName !== "") {
    errors.push(...fieldInvalidEach(path.child("generateName"), generateName, check(generateName, true)));
  }
  if (name === "") errors.push(fieldRequired(path.child("name"), "name or generateName is required"));
  else errors.push(...fieldInvalidEach(path.child("name"), name, check(name, false)));
  return errors;
}

function validateNamespace(namespace: string, scope: Kind["scope"], path: FieldPath): FieldError[] {
  if (scope === "Cluster") return namespace === "" ? [] : [fieldForbidden(path, "not allowed on this type")];
  if (namespace === "") return [fieldRequired(path)];
  return fieldInvalidEach(path, namespace, labelName(namespace, false));
}

const validateGeneration = (generation: number, path: FieldPath): FieldError[] =>
  generation < 0 ? [fieldInvalid(path, generation, "must be greater than or equal to 0")] : [];

const ANNOTATIONS_SIZE = 256 * 1024;

export function validateAnnotations(annotations: Record<string, string> | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(...fieldInvalidEach(path, key, qualifiedName(key.toLowerCase())));
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > ANNOTATIONS_SIZE) errors.push(fieldTooLong(path, "", ANNOTATIONS_SIZE));
  return errors;
}

export function validateOwnerReferences(owners: readonly OwnerReference[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  let controller = "";
  for (const owner of owners) {
    errors.push(...validateOwner(owner, path));
    if (!owner.controller) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (controller === "") controller = name;
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`;
      errors.push(fieldInvalid(path, owners.map(printed), detail));
    }
  }
  return errors;
}

/** Fields in the order in which Kubernetes prints them. */
const printed = ({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: OwnerReference) => ({
  apiVersion,
  kind,
  name,
  uid,
  controller,
  blockOwnerDeletion,
});

function validateOwner(owner: OwnerReference, path: FieldPath): FieldError[] {
  const { version } = splitApiVersion(owner.apiVersion);
  const errors: FieldError[] = [];
  const empty = (field: string, value: string, what = field) =>
    errors.push(fieldInvalid(path.child(field), value, `${what} must not be empty`));
  if (version === "") empty("apiVersion", owner.apiVersion, "version");
  if (owner.kind === "") empty("kind", "");
  if (owner.name === "") empty("name", "");
  if (owner.uid === "") empty("uid", "");
  if (owner.apiVersion === "v1" && owner.kind === "Event") {
    errors.push(fieldInvalid(path, printed(owner), "/v1, Kind=Event is disallowed from being an owner"));
  }
  return errors;
}

const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";
const STANDARD_FINALIZERS = new Set(["kubernetes", ORPHAN, FOREGROUND]);

export function validateFinalizers(finalizers: readonly string[], path: FieldPath, plain = false): FieldError[] {
  const errors = finalizers.flatMap((finalizer) => validateFinalizerName(finalizer, path));
  if (finalizers.includes(ORPHAN) && finalizers.includes(FOREGROUND)) {
    errors.push(fieldInvalid(path, finalizers, `finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`));
  }
  if (plain) return errors;
  finalizers.forEach((finalizer, i) => {
    if (finalizer.includes("/") || STANDARD_FINALIZERS.has(finalizer)) return;
    const detail = "name is neither a standard finalizer name nor is it fully qualified";
    errors.push(fieldInvalid(path.index(i), finalizer, detail));
  });
  return errors;
}

export const validateFinalizerName = (finalizer: string, path: FieldPath): FieldError[] =>
  fieldInvalidEach(path, finalizer, qualifiedName(finalizer));

function validateNoNewFinalizers(meta: ObjectMeta, old: ObjectMeta, path: FieldPath): FieldError[] {
  const extra = (meta.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer));
  if (extra.length === 0) return [];
  const list = `[]string{${extra.map((finalizer) => JSON.stringify(finalizer)).join(", ")}}`;
  return [
    fieldForbidden(path, `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`),
  ];
}

const MANAGER_LENGTH = 128;
const SUBRESOURCE_LENGTH = 256;

export function validateManagedFields(entries: readonly ManagedFieldsEntry[], path: FieldPath): FieldError[] {
  return entries.flatMap((entry, i) => {
    const at = path.index(i);
    const errors: FieldError[] = [];
    if (entry.operation !== "Apply" && entry.operation !== "Update") {
      errors.push(fieldInvalid(at.child("operation"), entry.operation ?? "", "must be `Apply` or `Update`"));
    }
    if (entry.fieldsType && entry.fieldsType !== "FieldsV1") {
      errors.push(fieldInvalid(at.child("fieldsType"), entry.fieldsType, "must be `FieldsV1`"));
    }
    errors.push(...validateFieldManager(entry.manager ?? "", at.child("manager")));
    if ((entry.subresource ?? "").length > SUBRESOURCE_LENGTH) {
      errors.push(fieldTooLong(at.child("subresource"), entry.subresource, SUBRESOURCE_LENGTH));
    }
    return errors;
  });
}

/** Printable ASCII that is short enough: what nearly all managers are called. */
const PLAIN_MANAGER = /^[ -~]{0,128}$/;

/** Also for the `fieldManager` option of writes. */
export function validateFieldManager(manager: string, path: FieldPath): FieldError[] {
  if (PLAIN_MANAGER.test(manager)) return [];
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > MANAGER_LENGTH) errors.push(fieldTooLong(path, manager, MANAGER_LENGTH));
  let position = 0;
  for (const character of manager) {
    if (/[\p{C}\p{Zl}\p{Zp}]/u.test(character)) {
      const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
      const detail = `should not contain non-printable character U+${code} (at position ${position})`;
      return [...errors, fieldInvalid(path, manager, detail)];
    }
    position += Buffer.byteLength(character);
  }
  return errors;
}
