import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalidEach,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { dns1123Label } from "../../../apimachinery/validation/names.ts";
import type { Toleration } from "../../core/v1/podSpec.ts";
import { validateLabels } from "../../core/v1/validation/fields.ts";
import { validateResourceRequirements } from "../../core/v1/validation/resources.ts";
import { validateTolerations } from "../../core/v1/validation/scheduling.ts";
import type { RuntimeClass } from "./runtimeClass.ts";

export function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  const at = root.child("scheduling");
  return [
    ...validateHandler(handler, root.child("handler")),
    ...(overhead ? validateResourceRequirements({ limits: overhead.podFixed }, new Set(), root.child("overhead")) : []),
    ...validateLabels(scheduling?.nodeSelector, at.child("nodeSelector")),
    ...validateDistinct(scheduling?.tolerations ?? [], at.child("tolerations")),
  ];
}

function validateHandler(handler: string, path: FieldPath): FieldError[] {
  return handler === "" ? [fieldRequired(path)] : fieldInvalidEach(path, handler, dns1123Label(handler));
}

function validateDistinct(tolerations: readonly Toleration[], path: FieldPath): FieldError[] {
  const again = tolerations.flatMap((toleration, i) =>
    tolerations.slice(0, i).some((other) => deepEqual(other, toleration))
      ? [fieldDuplicate(path.index(i), toleration)]
      : [],
  );
  return [...validateTolerations(tolerations, path), ...again];
}
