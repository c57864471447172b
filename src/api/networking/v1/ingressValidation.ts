import { isIP } from "node:net";
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import {
  dns1123Label,
  dns1123Subdomain,
  ip,
  pathSegment,
  portName,
  portNumber,
  wildcardDns1123Subdomain,
} from "../../../apimachinery/validation/names.ts";
import type { TypedLocalObjectReference } from "../../core/v1/references.ts";
import type { Ingress } from "./ingress.ts";
import type {
  HTTPIngressPath,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressTLS,
} from "./ingressMessages.ts";

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
const NOT_WITHIN = ["//", "/./", "/../", "%2f", "%2F"];
const NOT_AT_THE_END = ["/..", "/."];

export function validateIngress({ spec }: Ingress): FieldError[] {
  const path = root.child("spec");
  const { rules = [], defaultBackend, ingressClassName, tls = [] } = spec;
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend) {
    errors.push(fieldInvalid(path, spec.rules ?? null, "either `defaultBackend` or `rules` must be specified"));
  }
  if (defaultBackend) errors.push(...validateBackend(defaultBackend, path.child("defaultBackend")));
  errors.push(...rules.flatMap((rule, i) => validateRule(rule, path.child("rules").index(i))));
  if (ingressClassName !== undefined) {
    const at = path.child("ingressClassName");
    errors.push(...fieldInvalidEach(at, ingressClassName, dns1123Subdomain(ingressClassName)));
  }
  return [...errors, ...tls.flatMap((item, i) => validateTLS(item, path.child("tls").index(i)))];
}

export function validateIngressCreate({ metadata, spec }: Ingress): FieldError[] {
  const annotation = metadata.annotations?.[CLASS_ANNOTATION];
  if (annotation === undefined || spec.ingressClassName === undefined) return [];
  const at = root.child("annotations").child(CLASS_ANNOTATION);
  return [fieldInvalid(at, annotation, "can not be set when the class field is also set")];
}

export function ingressWarnings({ metadata }: Ingress, old?: Ingress): string[] {
  if (old || metadata.annotations?.[CLASS_ANNOTATION] === undefined) return [];
  return [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`];
}

export function validateIngressStatus({ status }: Ingress): FieldError[] {
  const path = root.child("status", "loadBalancer", "ingress");
  return (status.loadBalancer.ingress ?? []).flatMap(({ ip: address = "", hostname = "" }, i) => {
    const at = path.index(i);
    const errors = address === "" ? [] : fieldInvalidEach(at.child("ip"), address, ip(address));
    if (hostname === "") return errors;
    const host = at.child("hostname");
    errors.push(...fieldInvalidEach(host, hostname, dns1123Subdomain(hostname)));
    if (isIP(hostname)) errors.push(fieldInvalid(host, hostname, "must be a DNS name, not an IP address"));
    return errors;
  });
}

const validateHost = (host: string, path: FieldPath): FieldError[] =>
  fieldInvalidEach(path, host, host.includes("*") ? wildcardDns1123Subdomain(host) : dns1123Subdomain(host));

function validateTLS({ hosts = [], secretName = "" }: IngressTLS, path: FieldPath): FieldError[] {
  const errors = hosts.flatMap((host, i) => validateHost(host, path.child("hosts").index(i)));
  if (secretName === "") return errors;
  return [...errors, ...fieldInvalidEach(path.child("secretName"), secretName, dns1123Subdomain(secretName))];
}

function validateRule({ host = "", http }: IngressRule, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (host !== "") {
    const at = path.child("host");
    if (isIP(host)) errors.push(fieldInvalid(at, host, "must be a DNS name, not an IP address"));
    errors.push(...validateHost(host, at));
  }
  if (!http) return errors;
  const paths = path.child("http", "paths");
  if ((http.paths ?? []).length === 0) errors.push(fieldRequired(paths));
  return [...errors, ...(http.paths ?? []).flatMap((item, i) => validatePath(item, paths.index(i)))];
}

function validatePath({ path: text = "", pathType, backend }: HTTPIngressPath, path: FieldPath): FieldError[] {
  if (pathType === undefined) return [fieldRequired(path.child("pathType"), "pathType must be specified")];
  return [...validatePathText(text, pathType, path), ...validateBackend(backend, path.child("backend"))];
}

function validatePathText(text: string, pathType: string, path: FieldPath): FieldError[] {
  if (!PATH_TYPES.includes(pathType)) return [fieldNotSupported(path.child("pathType"), pathType, PATH_TYPES)];
  const at = path.child("path");
  const free = pathType === "ImplementationSpecific";
  const errors: FieldError[] = [];
  if (!text.startsWith("/") && !(free && text === "")) errors.push(fieldInvalid(at, text, "must be an absolute path"));
  if (free) return errors;
  for (const part of NOT_WITHIN)
    if (text.includes(part)) errors.push(fieldInvalid(at, text, `must not contain '${part}'`));
  for (const part of NOT_AT_THE_END)
    if (text.endsWith(part)) errors.push(fieldInvalid(at, text, `cannot end with '${part}'`));
  return errors;
}

function validateBackend({ resource, service }: IngressBackend, path: FieldPath): FieldError[] {
  if (resource && service) return [fieldInvalid(path, "", "cannot set both resource and service backends")];
  if (resource) return validateResource(resource, path.child("resource"));
  if (service) return validateService(service, path);
  return [fieldInvalid(path, "", "resource or service backend is required")];
}

function validateService({ name, port }: IngressServiceBackend, path: FieldPath): FieldError[] {
  const at = path.child("service", "name");
  const errors = name ? fieldInvalidEach(at, name, dns1123Label(name)) : [fieldRequired(at)];
  const { name: portNamed = "", number = 0 } = port;
  if (portNamed !== "" && number !== 0) {
    return [...errors, fieldInvalid(path, "", "cannot set both port name & port number")];
  }
  if (portNamed !== "") {
    return [...errors, ...fieldInvalidEach(path.child("service", "port", "name"), portNamed, portName(portNamed))];
  }
  if (number === 0) return [...errors, fieldRequired(path, "port name or number is required")];
  return [...errors, ...fieldInvalidEach(path.child("service", "port", "number"), number, portNumber(number))];
}

function validateResource({ apiGroup, kind, name }: TypedLocalObjectReference, path: FieldPath): FieldError[] {
  const errors =
    apiGroup === undefined ? [] : fieldInvalidEach(path.child("apiGroup"), apiGroup, dns1123Subdomain(apiGroup));
  for (const [field, value] of Object.entries({ kind, name })) {
    if (!value) errors.push(fieldRequired(path.child(field)));
    else errors.push(...fieldInvalidEach(path.child(field), value, pathSegment(value)));
  }
  return errors;
}
