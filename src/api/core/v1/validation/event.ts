import { type FieldError, fieldInvalid, fieldRequired, root } from "../../../../apimachinery/fieldErrors.ts";
import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import { dns1123Subdomain, qualifiedName } from "../../../../apimachinery/validation/names.ts";
import type { ObjectReference } from "../references.ts";
import { checked } from "./fields.ts";

export interface EventLike {
  metadata: ObjectMeta;
  involvedObject: ObjectReference;
  eventTime?: string | null;
  reportingComponent?: string;
  reportingInstance?: string;
  action?: string;
  reason?: string;
  message?: string;
}

/** Events written the old way are hardly checked; those with `eventTime` say who reported what. */
export function validateEvent(event: EventLike): FieldError[] {
  const errors = validateNamespaces(event);
  const namespace = event.metadata.namespace;
  if (namespace) errors.push(...checked(dns1123Subdomain, namespace, root.child("namespace")));
  return event.eventTime ? [...errors, ...validateReport(event)] : errors;
}

/** An event lives where the object is that it is about; one about a cluster-wide object, in "default". */
function validateNamespaces({ metadata, involvedObject }: EventLike): FieldError[] {
  const [own, other] = [metadata.namespace ?? "", involvedObject.namespace ?? ""];
  const fine = other === "" ? own === "" || own === "default" : own === other;
  if (fine) return [];
  return [fieldInvalid(root.child("involvedObject", "namespace"), other, "does not match event.namespace")];
}

const LONGEST = 128;
const LONGEST_NOTE = 1024;

function validateReport(event: EventLike): FieldError[] {
  const errors: FieldError[] = [];
  const component = root.child("reportingComponent");
  if (!event.reportingComponent) errors.push(fieldRequired(component));
  errors.push(...checked(qualifiedName, event.reportingComponent ?? "", component));
  for (const field of ["reportingInstance", "action", "reason"] as const) {
    const at = root.child(field);
    if (!event[field]) errors.push(fieldRequired(at));
    else if (event[field].length > LONGEST) errors.push(fieldInvalid(at, "", `can have at most ${LONGEST} characters`));
  }
  if ((event.message?.length ?? 0) > LONGEST_NOTE) {
    errors.push(fieldInvalid(root.child("message"), "", `can have at most ${LONGEST_NOTE} characters`));
  }
  return errors;
}
