import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { dns1123Subdomain, ip, pathSegment } from "../../../apimachinery/validation/names.ts";
import { canonicalAddress } from "./addresses.ts";
import type { IPAddress } from "./iPAddress.ts";
import type { ParentReference } from "./iPAddressMessages.ts";

const path = root.child("spec", "parentRef");

/** An IPAddress is named by its address, written in the one way in which it is printed. */
export function addressName(name: string): string[] {
  if (ip(name).length > 0) return ip(name);
  const canonical = canonicalAddress(name);
  return canonical === name ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

export function validateIPAddress({ spec: { parentRef } }: IPAddress): FieldError[] {
  if (!parentRef) return [fieldRequired(path)];
  const { group, resource, namespace, name } = parentRef;
  return [
    ...(group ? fieldInvalidEach(path.child("group"), group, dns1123Subdomain(group)) : []),
    ...requiredSegment("resource", resource),
    ...requiredSegment("name", name),
    ...(namespace ? fieldInvalidEach(path.child("namespace"), namespace, pathSegment(namespace)) : []),
  ];
}

function requiredSegment(field: string, value: string): FieldError[] {
  return value ? fieldInvalidEach(path.child(field), value, pathSegment(value)) : [fieldRequired(path.child(field))];
}

/** As the message shows it: the fields by their Go names. */
const shown = ({ group = "", resource, namespace = "", name }: ParentReference) => ({
  Group: group,
  Resource: resource,
  Namespace: namespace,
  Name: name,
});

export function validateIPAddressUpdate({ spec: { parentRef } }: IPAddress, old: IPAddress): FieldError[] {
  const now = parentRef ? shown(parentRef) : null;
  const before = old.spec.parentRef ? shown(old.spec.parentRef) : null;
  return deepEqual(now, before) ? [] : [fieldInvalid(path, now, "field is immutable")];
}
