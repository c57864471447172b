import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { dns1123Label, dns1123Subdomain } from "../../../apimachinery/validation/names.ts";
import type { CertificateSigningRequest } from "./certificateSigningRequest.ts";
import type { CertificateSigningRequestCondition } from "./certificateSigningRequestMessages.ts";

/** What needs no look into the request and the certificate; that is the API server's affair. */

const SPEC = root.child("spec");
const STATUS = root.child("status");
const LEGACY_SIGNER = "kubernetes.io/legacy-unknown";
const SHORTEST = 600;
const LONGEST_NAME = 253;
/** Conditions that say how a request ended: they can only be true, and stay. */
const FINAL = ["Approved", "Denied", "Failed"];

export const KEY_USAGES = [
  "any",
  "cert sign",
  "client auth",
  "code signing",
  "content commitment",
  "crl sign",
  "data encipherment",
  "decipher only",
  "digital signature",
  "email protection",
  "encipher only",
  "ipsec end system",
  "ipsec tunnel",
  "ipsec user",
  "key agreement",
  "key encipherment",
  "microsoft sgc",
  "netscape sgc",
  "ocsp signing",
  "s/mime",
  "server auth",
  "signing",
  "timestamping",
] as const;

export function validateCertificateSigningRequestCreate({ spec }: CertificateSigningRequest): FieldError[] {
  const errors: FieldError[] = [];
  const usages = spec.usages ?? [];
  const at = SPEC.child("usages");
  usages.forEach((usage, i) => {
    if (!(KEY_USAGES as readonly string[]).includes(usage)) {
      errors.push(fieldNotSupported(at.index(i), usage, KEY_USAGES));
    }
  });
  usages.forEach((usage, i) => {
    if (usages.indexOf(usage) < i) errors.push(fieldDuplicate(at.index(i), usage));
  });
  if (spec.signerName === LEGACY_SIGNER) {
    const detail = "the legacy signerName is not allowed via this API version";
    errors.push(fieldInvalid(SPEC.child("signerName"), spec.signerName, detail));
  }
  return errors;
}

export function validateCertificateSigningRequest({ spec, status }: CertificateSigningRequest): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.usages ?? []).length === 0) errors.push(fieldRequired(SPEC.child("usages"), ""));
  if (spec.signerName !== LEGACY_SIGNER) errors.push(...validateSignerName(spec.signerName, SPEC.child("signerName")));
  const { expirationSeconds } = spec;
  if (expirationSeconds !== undefined && expirationSeconds < SHORTEST) {
    const detail = "may not specify a duration less than 600 seconds (10 minutes)";
    errors.push(fieldInvalid(SPEC.child("expirationSeconds"), expirationSeconds, detail));
  }
  return [...errors, ...validateConditions(status.conditions ?? [], STATUS.child("conditions"))];
}

function validateSignerName(name: string, path: FieldPath): FieldError[] {
  if (name === "") return [fieldRequired(path, "")];
  const [domain = "", rest, ...more] = name.split("/");
  if (rest === undefined || more.length > 0) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [fieldInvalid(path, name, detail)];
  }
  const errors: FieldError[] = [];
  if (domain.length > LONGEST_NAME) errors.push(fieldTooLong(path, domain, LONGEST_NAME));
  const labels = domain.split(".");
  errors.push(...firstProblem(labels, dns1123Label, domain, path));
  if (labels.length < 2) {
    errors.push(fieldInvalid(path, domain, "should be a domain with at least two segments separated by dots"));
  }
  errors.push(...firstProblem(rest.split("."), dns1123Subdomain, rest, path));
  const longest = 2 * LONGEST_NAME + 1;
  if (name.length > longest) errors.push(fieldTooLong(path, name, longest));
  return errors;
}

/** What is wrong with the first label that is wrong: of the next ones it would be the same again. */
function firstProblem(
  labels: readonly string[],
  check: (label: string) => readonly string[],
  value: string,
  path: FieldPath,
): FieldError[] {
  const wrong = labels.find((label) => check(label).length > 0);
  if (wrong === undefined) return [];
  return check(wrong).map((problem) =>
    fieldInvalid(path, value, `validating label ${JSON.stringify(wrong)}: ${problem}`),
  );
}

function validateConditions(conditions: readonly CertificateSigningRequestCondition[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  conditions.forEach(({ type, status }, i) => {
    const at = path.index(i);
    if (type === "") errors.push(fieldRequired(at.child("type"), ""));
    else if (seen.has(type)) errors.push(fieldDuplicate(at.child("type"), type));
    else if ((type === "Approved" && seen.has("Denied")) || (type === "Denied" && seen.has("Approved"))) {
      errors.push(fieldInvalid(at.child("type"), type, "Approved and Denied conditions are mutually exclusive"));
    }
    seen.add(type);
    const allowed = FINAL.includes(type) ? ["True"] : ["False", "True", "Unknown"];
    if (status === "") errors.push(fieldRequired(at.child("status"), ""));
    else if (!allowed.includes(status)) errors.push(fieldNotSupported(at.child("status"), status, allowed));
  });
  return errors;
}

/** How what was decided may change; `may` says which of it this way of writing can change at all. */
interface Permissions {
  decide: boolean;
  issue: boolean;
}

function validateChange(
  now: CertificateSigningRequest,
  old: CertificateSigningRequest,
  may: Permissions,
): FieldError[] {
  const at = STATUS.child("conditions");
  const errors: FieldError[] = [];
  const find = ({ status }: CertificateSigningRequest, type: string) => status.conditions?.find((c) => c.type === type);
  const forbid = (what: string, type: string) =>
    errors.push(fieldForbidden(at, `updates may not ${what} a condition of type ${JSON.stringify(type)}`));
  for (const type of FINAL) if (find(old, type) && !find(now, type)) forbid("remove", type);
  if (!may.decide) {
    for (const type of ["Approved", "Denied"]) {
      const [before, after] = [find(old, type), find(now, type)];
      if (!before && after) forbid("add", type);
      else if (before && after && !sameCondition(before, after)) forbid("modify", type);
    }
  }
  const certificate = now.status.certificate ?? "";
  const issued = old.status.certificate ?? "";
  if (certificate !== issued) {
    const path = STATUS.child("certificate");
    if (!may.issue) errors.push(fieldForbidden(path, "updates may not set certificate content"));
    else if (issued !== "") errors.push(fieldForbidden(path, "updates may not modify existing certificate content"));
  }
  return errors;
}

function sameCondition(a: CertificateSigningRequestCondition, b: CertificateSigningRequestCondition): boolean {
  return a.status === b.status && a.reason === b.reason && a.message === b.message;
}

export function validateCertificateSigningRequestUpdate(
  now: CertificateSigningRequest,
  old: CertificateSigningRequest,
): FieldError[] {
  return validateChange(now, old, { decide: false, issue: false });
}

export function validateCertificateSigningRequestStatusUpdate(
  now: CertificateSigningRequest,
  old: CertificateSigningRequest,
): FieldError[] {
  return [...validateCertificateSigningRequest(now), ...validateChange(now, old, { decide: false, issue: true })];
}

export function validateCertificateSigningRequestApproval(
  now: CertificateSigningRequest,
  old: CertificateSigningRequest,
): FieldError[] {
  return [...validateCertificateSigningRequest(now), ...validateChange(now, old, { decide: true, issue: false })];
}
