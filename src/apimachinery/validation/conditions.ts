import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
} from "../fieldErrors.ts";
import type { Condition } from "../meta.ts";
import { qualifiedName, regexError } from "./names.ts";

const REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
const REASON_MOST = 1024;
const MESSAGE_MOST = 32 * 1024;

/** Conditions of meta/v1's type, as kinds hold them that have no type of their own for it. */
export function validateConditions(conditions: readonly Condition[] | undefined, path: FieldPath): FieldError[] {
  const types = (conditions ?? []).map(({ type }) => type);
  return (conditions ?? []).flatMap((condition, i) => {
    const at = path.index(i);
    const again = types.indexOf(condition.type) < i ? [fieldDuplicate(at.child("type"), condition.type)] : [];
    return [...again, ...validateCondition(condition, at)];
  });
}

function validateCondition(condition: Condition, path: FieldPath): FieldError[] {
  const { type, status, observedGeneration = 0, lastTransitionTime, message = "" } = condition;
  const errors: FieldError[] = fieldInvalidEach(path.child("type"), type, type === "" ? [] : qualifiedName(type));
  if (type === "") errors.push(fieldRequired(path.child("type")));
  if (!["True", "False", "Unknown"].includes(status)) {
    errors.push(fieldNotSupported(path.child("status"), status, ["False", "True", "Unknown"]));
  }
  if (observedGeneration < 0) {
    const at = path.child("observedGeneration");
    errors.push(fieldInvalid(at, observedGeneration, "must be greater than or equal to zero"));
  }
  if (!lastTransitionTime) errors.push(fieldRequired(path.child("lastTransitionTime"), "must be set"));
  errors.push(...validateReason(condition.reason, path.child("reason")));
  if (Buffer.byteLength(message) > MESSAGE_MOST)
    errors.push(fieldTooLong(path.child("message"), message, MESSAGE_MOST));
  return errors;
}

function validateReason(reason: string | undefined, path: FieldPath): FieldError[] {
  if (!reason) return [fieldRequired(path, "must be set")];
  if (!new RegExp(`^${REASON}$`).test(reason)) {
    const why =
      "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
    return [
      fieldInvalid(
        path,
        reason,
        regexError(why, REASON, "my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"),
      ),
    ];
  }
  return reason.length > REASON_MOST ? [fieldTooLong(path, reason, REASON_MOST)] : [];
}
