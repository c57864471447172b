import { type FieldError, fieldInvalid, fieldInvalidEach, root } from "../../../../apimachinery/fieldErrors.ts";
import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import { qualifiedName } from "../../../../apimachinery/validation/names.ts";
import type { NamespaceSpec, NamespaceStatus } from "../namespaceSpec.ts";

export interface NamespaceLike {
  metadata: ObjectMeta;
  spec: NamespaceSpec;
  status: NamespaceStatus;
}

const OWN_FINALIZERS = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

export function validateNamespace({ metadata, spec }: NamespaceLike): FieldError[] {
  return [...validateFinalizers(spec.finalizers ?? []), ...validatePodSecurity(metadata)];
}

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const path = root.child("spec", "finalizers");
  return finalizers.flatMap((name) => {
    const errors = fieldInvalidEach(path, name, qualifiedName(name));
    const known = name.includes("/") || OWN_FINALIZERS.has(name);
    if (known) return errors;
    return [...errors, fieldInvalid(path, name, "name is neither a standard finalizer name nor is it fully qualified")];
  });
}

const POD_SECURITY = "pod-security.kubernetes.io/";
const LEVELS = ["privileged", "baseline", "restricted"];

/** Labels by which a namespace chooses what its Pods may do. */
function validatePodSecurity({ labels = {} }: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  for (const mode of ["enforce", "audit", "warn"]) {
    const [level, version] = [`${POD_SECURITY}${mode}`, `${POD_SECURITY}${mode}-version`];
    const path = root.child("metadata", "labels");
    if (labels[level] !== undefined && !LEVELS.includes(labels[level])) {
      errors.push(fieldInvalid(path.key(level), labels[level], `must be one of ${LEVELS.join(", ")}`));
    }
    if (labels[version] !== undefined && !/^(latest|v1\.(0|[1-9]\d*))$/.test(labels[version])) {
      errors.push(fieldInvalid(path.key(version), labels[version], 'must be "latest" or "v1.x"'));
    }
  }
  return errors;
}

export function validateNamespaceStatusUpdate({ metadata, status }: NamespaceLike): FieldError[] {
  const path = root.child("status", "Phase");
  const deleted = metadata.deletionTimestamp !== undefined;
  const phase = deleted ? "Terminating" : "Active";
  if (status.phase === phase) return [];
  const text = `may only be '${phase}' if \`deletionTimestamp\` is ${deleted ? "not " : ""}empty`;
  return [fieldInvalid(path, status.phase ?? "", text)];
}
