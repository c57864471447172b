import {
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { dns1123Label, dns1123Subdomain, pathSegment } from "../../../apimachinery/validation/names.ts";
import type { IngressClass } from "./ingressClass.ts";
import type { IngressClassParametersReference } from "./ingressClassMessages.ts";

const spec = root.child("spec");
const LONGEST_CONTROLLER = 250;
const SCOPES = ["Cluster", "Namespace"];

export function validateIngressClass({ spec: { controller = "", parameters } }: IngressClass): FieldError[] {
  return [...validateController(controller), ...(parameters ? validateParameters(parameters) : [])];
}

export function validateIngressClassUpdate({ spec: { controller } }: IngressClass, old: IngressClass): FieldError[] {
  if (controller === old.spec.controller) return [];
  return [fieldInvalid(spec.child("controller"), controller ?? "", "field is immutable")];
}

function validateController(controller: string): FieldError[] {
  const at = spec.child("controller");
  if (controller === "") return [fieldRequired(at)];
  const errors = Buffer.byteLength(controller) > LONGEST_CONTROLLER ? [fieldTooLong(at, "", LONGEST_CONTROLLER)] : [];
  return [...errors, ...domainPrefixedPath(controller).map((why) => fieldInvalid(at, controller, why))];
}

const PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

/** A DNS subdomain, "/", and a path. */
function domainPrefixedPath(text: string): string[] {
  const slash = text.indexOf("/");
  const [host, rest] = slash < 0 ? [text, ""] : [text.slice(0, slash), text.slice(slash + 1)];
  if (slash < 0 || host === "" || rest === "") return ['must be a domain-prefixed path (such as "acme.io/foo")'];
  return [
    ...dns1123Subdomain(host),
    ...(PATH.test(rest) ? [] : [`Invalid path (regex used for validation is '${PATH.source.slice(1, -1)}')`]),
  ];
}

function validateParameters(parameters: IngressClassParametersReference): FieldError[] {
  const path = spec.child("parameters");
  const { apiGroup, kind, name, scope, namespace } = parameters;
  const errors =
    apiGroup === undefined ? [] : fieldInvalidEach(path.child("apiGroup"), apiGroup, dns1123Subdomain(apiGroup));
  for (const [field, value] of [
    ["kind", kind],
    ["name", name],
  ] as const) {
    const at = path.child(field);
    if (!value) errors.push(fieldRequired(at));
    else errors.push(...fieldInvalidEach(at, value, pathSegment(value)));
  }
  return [...errors, ...validateScope(scope, namespace)];
}

function validateScope(scope: string | undefined, namespace: string | undefined): FieldError[] {
  const path = spec.child("parameters");
  if (scope === undefined) return [fieldRequired(path.child("scope"))];
  if (!SCOPES.includes(scope)) return [fieldNotSupported(path.child("scope"), scope, SCOPES)];
  const at = path.child("namespace");
  if (scope === "Cluster") {
    return namespace === undefined ? [] : [fieldForbidden(at, "`parameters.scope` is set to 'Cluster'")];
  }
  if (!namespace) return [fieldRequired(at, "`parameters.scope` is set to 'Namespace'")];
  return fieldInvalidEach(at, namespace, dns1123Label(namespace));
}
