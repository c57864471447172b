import { type FieldError, fieldNotSupported, fieldRequired, root } from "../../../../apimachinery/fieldErrors.ts";
import type { ObjectReference } from "../references.ts";

export function validateBinding({ target }: { target: ObjectReference }): FieldError[] {
  const path = root.child("target");
  const errors: FieldError[] = [];
  if (target.kind && target.kind !== "Node") {
    errors.push(fieldNotSupported(path.child("kind"), target.kind, ["Node", "<empty>"]));
  }
  if (!target.name) errors.push(fieldRequired(path.child("name")));
  return errors;
}
