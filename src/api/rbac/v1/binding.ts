/** What RoleBinding and ClusterRoleBinding have in common: a role, and those to whom it is given. */
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import type { Column } from "../../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../../apimachinery/meta.ts";
import { pathSegment, subdomainName } from "../../../apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import type { RoleRef, Subject } from "./messages.ts";

const GROUP = "rbac.authorization.k8s.io";

interface Binding extends KubernetesObject {
  subjects?: Subject[];
  roleRef: RoleRef;
}

export function bindingDefaults({ roleRef, subjects = [] }: Binding): void {
  roleRef.apiGroup ||= GROUP;
  for (const subject of subjects) {
    if (subject.kind === "User" || subject.kind === "Group") subject.apiGroup ||= GROUP;
  }
}

export function validateBinding({ roleRef, subjects = [] }: Binding, isNamespaced: boolean): FieldError[] {
  const at = root.child("subjects");
  return [
    ...validateRoleRef(roleRef, isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"], root.child("roleRef")),
    ...subjects.flatMap((subject, i) => validateSubject(subject, isNamespaced, at.index(i))),
  ];
}

function validateRoleRef({ apiGroup, kind, name }: RoleRef, kinds: string[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (apiGroup !== GROUP) errors.push(fieldNotSupported(path.child("apiGroup"), apiGroup, [GROUP]));
  if (!kinds.includes(kind)) errors.push(fieldNotSupported(path.child("kind"), kind, kinds));
  if (name === "") errors.push(fieldRequired(path.child("name")));
  else errors.push(...fieldInvalidEach(path.child("name"), name, pathSegment(name)));
  return errors;
}

function validateSubject(subject: Subject, isNamespaced: boolean, path: FieldPath): FieldError[] {
  const errors = subject.name === "" ? [fieldRequired(path.child("name"))] : [];
  const apiGroup = subject.apiGroup ?? "";
  switch (subject.kind) {
    case "ServiceAccount":
      return [...errors, ...validateServiceAccount(subject, isNamespaced, path)];
    case "User":
    case "Group":
      if (apiGroup !== GROUP) errors.push(fieldNotSupported(path.child("apiGroup"), apiGroup, [GROUP]));
      return errors;
    default:
      return [...errors, fieldNotSupported(path.child("kind"), subject.kind, ["ServiceAccount", "User", "Group"])];
  }
}

function validateServiceAccount(
  { name, namespace, apiGroup }: Subject,
  isNamespaced: boolean,
  path: FieldPath,
): FieldError[] {
  const errors = name === "" ? [] : fieldInvalidEach(path.child("name"), name, subdomainName(name, false));
  if (apiGroup) errors.push(fieldNotSupported(path.child("apiGroup"), apiGroup, [""]));
  if (!isNamespaced && !namespace) errors.push(fieldRequired(path.child("namespace")));
  return errors;
}

export function validateBindingUpdate({ roleRef }: Binding, old: Binding): FieldError[] {
  const { apiGroup, kind, name } = roleRef;
  if (apiGroup === old.roleRef.apiGroup && kind === old.roleRef.kind && name === old.roleRef.name) return [];
  const shown = { APIGroup: apiGroup, Kind: kind, Name: name };
  return [fieldInvalid(root.child("roleRef"), shown, "cannot change roleRef")];
}

export function bindingColumns<T extends Binding>(): Column<T>[] {
  const subjects = (name: string, kind: string, print = (subject: Subject) => subject.name): Column<T> => ({
    name,
    type: "string",
    priority: 1,
    description: `${name} that the role is given to.`,
    value: (binding) =>
      (binding.subjects ?? [])
        .filter((subject) => subject.kind === kind)
        .map(print)
        .join(", "),
  });
  return [
    nameColumn(),
    {
      name: "Role",
      type: "string",
      description: "The role that is given.",
      value: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
    },
    ageColumn(),
    subjects("Users", "User"),
    subjects("Groups", "Group"),
    subjects("ServiceAccounts", "ServiceAccount", ({ namespace, name }) => `${namespace ?? ""}/${name}`),
  ];
}
