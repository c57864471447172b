import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import type { PodSpec } from "../podSpec.ts";
import { supportedIn } from "./fields.ts";

const NOT_WINDOWS_POD = [
  "seLinuxOptions",
  "seccompProfile",
  "appArmorProfile",
  "fsGroup",
  "fsGroupChangePolicy",
  "sysctls",
  "runAsUser",
  "runAsGroup",
  "supplementalGroups",
  "supplementalGroupsPolicy",
] as const;
const NOT_WINDOWS_CONTAINER = [
  "seLinuxOptions",
  "seccompProfile",
  "appArmorProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
] as const;

/** Says which settings the operating system that a Pod names does not know. */
export function validateOS(spec: PodSpec, path: FieldPath): FieldError[] {
  const name = spec.os?.name;
  if (name === undefined) return [];
  const at = path.child("os", "name");
  if (name === "") return [fieldRequired(at, "cannot be empty")];
  const errors = supportedIn(name, ["linux", "windows"], at);
  if (name === "linux") errors.push(...validateLinux(spec, path));
  if (name === "windows") errors.push(...validateWindows(spec, path));
  return errors;
}

function contexts(spec: PodSpec, path: FieldPath) {
  return (["containers", "initContainers", "ephemeralContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap(({ securityContext: context }, i) =>
      context === undefined ? [] : [{ context, at: path.child(list).index(i).child("securityContext") }],
    ),
  );
}

function validateLinux(spec: PodSpec, path: FieldPath): FieldError[] {
  const text = "windows options cannot be set for a linux pod";
  const errors: FieldError[] = [];
  if (spec.securityContext?.windowsOptions !== undefined) {
    errors.push(fieldForbidden(path.child("securityContext", "windowsOptions"), text));
  }
  for (const { context, at } of contexts(spec, path)) {
    if (context.windowsOptions !== undefined) errors.push(fieldForbidden(at.child("windowsOptions"), text));
  }
  return errors;
}

function validateWindows(spec: PodSpec, path: FieldPath): FieldError[] {
  const text = "cannot be set for a windows pod";
  const context = spec.securityContext;
  const errors: FieldError[] = [];
  for (const field of ["hostPID", "hostIPC"] as const) {
    if (spec[field]) errors.push(fieldForbidden(path.child(field), text));
  }
  for (const field of NOT_WINDOWS_POD) {
    if (context?.[field] !== undefined) errors.push(fieldForbidden(path.child("securityContext", field), text));
  }
  if (spec.shareProcessNamespace) errors.push(fieldForbidden(path.child("shareProcessNamespace"), text));
  for (const { context: own, at } of contexts(spec, path)) {
    for (const field of NOT_WINDOWS_CONTAINER) {
      if (own[field] !== undefined) errors.push(fieldForbidden(at.child(field), text));
    }
  }
  return errors;
}
