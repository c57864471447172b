/** What ConfigMaps and Secrets hold. */
import { deepEqual } from "../../../../apimachinery/equal.ts";
import {
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
  fieldTooLong,
  root,
  wholeObject,
} from "../../../../apimachinery/fieldErrors.ts";
import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import { configMapKey } from "../../../../apimachinery/validation/names.ts";

const MOST_BYTES = 1024 * 1024;
const sizeOfText = (text: string) => Buffer.byteLength(text);
const sizeOfBase64 = (text: string | null) => (text === null ? 0 : Buffer.byteLength(text, "base64"));

const total = (map: Record<string, string>, sizeOf: (text: string) => number) =>
  Object.values(map).reduce((sum, value) => sum + sizeOf(value), 0);

interface ConfigMapLike {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
  immutable?: boolean;
}

export function validateConfigMap({ data = {}, binaryData = {} }: ConfigMapLike): FieldError[] {
  const errors = [
    ...validateKeys("data", data, { others: binaryData, name: "binaryData" }),
    ...validateKeys("binaryData", binaryData, { others: data, name: "data" }),
  ];
  const size = total(data, sizeOfText) + total(binaryData, sizeOfBase64);
  return size > MOST_BYTES ? [...errors, fieldTooLong(wholeObject, "", MOST_BYTES)] : errors;
}

function validateKeys(
  field: string,
  map: Record<string, string>,
  { others, name }: { others: Record<string, string>; name: string },
): FieldError[] {
  return Object.keys(map)
    .sort()
    .flatMap((key) => {
      const at = root.child(field).key(key);
      const errors = fieldInvalidEach(at, key, configMapKey(key));
      return key in others ? [...errors, fieldInvalid(at, key, `duplicate of key present in ${name}`)] : errors;
    });
}

/** An immutable object stays as it is, and immutable. */
export function validateImmutable<T extends { immutable?: boolean }>(now: T, old: T, fields: readonly (keyof T)[]) {
  if (!old.immutable) return [];
  const text = "field is immutable when `immutable` is set";
  const errors = now.immutable ? [] : [fieldForbidden(root.child("immutable"), text)];
  for (const field of fields) {
    if (!deepEqual(now[field] ?? {}, old[field] ?? {})) errors.push(fieldForbidden(root.child(String(field)), text));
  }
  return errors;
}

interface SecretLike {
  metadata: ObjectMeta;
  data?: Record<string, string>;
  immutable?: boolean;
  type?: string;
}

const data = root.child("data");

export function validateSecret(secret: SecretLike): FieldError[] {
  const map = secret.data ?? {};
  const errors = Object.keys(map)
    .sort()
    .flatMap((key) => fieldInvalidEach(data.key(key), key, configMapKey(key)));
  if (total(map, sizeOfBase64) > MOST_BYTES) errors.push(fieldTooLong(data, "", MOST_BYTES));
  return [...errors, ...(BY_TYPE[secret.type ?? ""]?.(secret) ?? [])];
}

const missing = ({ data: map = {} }: SecretLike, ...keys: string[]): FieldError[] =>
  keys.filter((key) => map[key] === undefined).map((key) => fieldRequired(data.key(key)));

function validateJson(secret: SecretLike, key: string): FieldError[] {
  const absent = missing(secret, key);
  if (absent.length > 0) return absent;
  try {
    JSON.parse(Buffer.from(secret.data![key]!, "base64").toString("utf8"));
    return [];
  } catch (error) {
    // the content is secret, so only the reason is told
    return [fieldInvalid(data.key(key), "<secret contents redacted>", jsonError(error))];
  }
}

const jsonError = (error: unknown): string =>
  /Unexpected end/.test(String(error)) ? "unexpected end of JSON input" : `invalid JSON: ${(error as Error).message}`;

const ACCOUNT = "kubernetes.io/service-account.name";

/** What Secrets of well-known types must hold. */
const BY_TYPE: Readonly<Record<string, (secret: SecretLike) => FieldError[]>> = {
  "kubernetes.io/service-account-token": ({ metadata }) =>
    metadata.annotations?.[ACCOUNT] ? [] : [fieldRequired(root.child("metadata", "annotations").key(ACCOUNT))],
  "kubernetes.io/dockercfg": (secret) => validateJson(secret, ".dockercfg"),
  "kubernetes.io/dockerconfigjson": (secret) => validateJson(secret, ".dockerconfigjson"),
  "kubernetes.io/basic-auth": (secret) => {
    const absent = missing(secret, "username", "password");
    return absent.length === 2 ? absent : [];
  },
  "kubernetes.io/ssh-auth": (secret) =>
    secret.data?.["ssh-privatekey"] ? [] : [fieldRequired(data.key("ssh-privatekey"))],
  "kubernetes.io/tls": (secret) => missing(secret, "tls.crt", "tls.key"),
};

export function validateSecretUpdate(now: SecretLike, old: SecretLike): FieldError[] {
  const errors =
    (now.type ?? "") === (old.type ?? "")
      ? []
      : [fieldInvalid(root.child("type"), now.type ?? "", "field is immutable")];
  return [...errors, ...validateImmutable(now, old, ["data"])];
}
