import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import { validateLabelSelector } from "../../../../apimachinery/validation/labelSelector.ts";
import { qualifiedName } from "../../../../apimachinery/validation/names.ts";
import type {
  ClusterTrustBundleProjection,
  DownwardAPIVolumeFile,
  KeyToPath,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from "../projections.ts";
import { IN_FILES, validateFieldRef, validateResourceFieldRef } from "./env.ts";
import { checked, requiredAnd } from "./fields.ts";
import { validateFileMode, validateKeyToPath, validateNonReservedPath } from "./paths.ts";

export function validateDownwardFile(file: DownwardAPIVolumeFile, path: FieldPath): FieldError[] {
  const { fieldRef, resourceFieldRef, mode } = file;
  const errors = file.path === "" ? [fieldRequired(path.child("path"))] : [];
  errors.push(...validateNonReservedPath(file.path, path.child("path")));
  if (fieldRef) {
    errors.push(...validateFieldRef(fieldRef, IN_FILES, path.child("fieldRef")));
    if (resourceFieldRef) {
      const text = "fieldRef and resourceFieldRef can not be specified simultaneously";
      errors.push(fieldInvalid(path, "resource", text));
    }
  } else if (resourceFieldRef) {
    errors.push(...validateResourceFieldRef(resourceFieldRef, true, path.child("resourceFieldRef")));
  } else errors.push(fieldRequired(path, "one of fieldRef and resourceFieldRef is required"));
  return [...errors, ...validateFileMode(mode, path.child("mode"))];
}

/** The files that a projected volume holds so far: two sources must not write the same. */
class Files {
  readonly #paths = new Set<string>();
  /** Whether it was there. */
  taken(path: string): boolean {
    if (path === "" || !this.#paths.has(path)) {
      this.#paths.add(path);
      return false;
    }
    return true;
  }
}

const CONFLICT = "conflicting duplicate paths";

/** `path` is the source's, `volume` the volume's: conflicts are told of the volume. */
interface Place {
  path: FieldPath;
  volume: FieldPath;
  files: Files;
}

function validateKeyed(
  source: { name?: string; items?: readonly KeyToPath[] },
  { path, volume, files }: Place,
): FieldError[] {
  const errors = source.name ? [] : [fieldRequired(path.child("name"))];
  for (const [i, item] of (source.items ?? []).entries()) {
    errors.push(...validateKeyToPath(item, path.child("items").index(i)));
    if (files.taken(item.path)) errors.push(fieldInvalid(volume, source.name ?? "", CONFLICT));
  }
  return errors;
}

function validateDownward(items: readonly DownwardAPIVolumeFile[], { path, volume, files }: Place): FieldError[] {
  return items.flatMap((file) => {
    const errors = validateDownwardFile(file, path);
    return files.taken(file.path) ? [...errors, fieldInvalid(volume, file.path, CONFLICT)] : errors;
  });
}

const SHORTEST_TOKEN = 600;
const LONGEST_TOKEN = 2 ** 32;

/** Tokens were never held against other files. */
function validateToken(source: ServiceAccountTokenProjection, { path }: Place): FieldError[] {
  const errors: FieldError[] = [];
  const seconds = source.expirationSeconds ?? 0;
  const at = path.child("expirationSeconds");
  if (seconds < SHORTEST_TOKEN)
    errors.push(fieldInvalid(at, seconds, "may not specify a duration less than 10 minutes"));
  if (seconds > LONGEST_TOKEN) {
    errors.push(fieldInvalid(at, seconds, "may not specify a duration larger than 2^32 seconds"));
  }
  return [...errors, ...validateTarget(source.path, path.child("path"))];
}

const validateTarget = (target: string, path: FieldPath): FieldError[] =>
  target === "" ? [fieldRequired(path)] : validateNonReservedPath(target, path);

function validateTrustBundle(source: ClusterTrustBundleProjection, { path, volume, files }: Place): FieldError[] {
  const errors: FieldError[] = [];
  const { name, signerName, labelSelector } = source;
  if (name !== undefined && signerName !== undefined) {
    errors.push(fieldInvalid(path, "", "only one of name and signerName may be used"));
  } else if (name !== undefined) {
    if (name === "") errors.push(fieldRequired(path.child("name"), "must be a valid object name"));
    if (labelSelector)
      errors.push(
        fieldInvalid(path.child("labelSelector"), labelSelector, "labelSelector must be unset if name is specified"),
      );
  } else if (signerName !== undefined) {
    if (signerName === "") errors.push(fieldRequired(path.child("signerName"), "must be a valid signer name"));
    if (labelSelector) errors.push(...validateLabelSelector(labelSelector, path.child("labelSelector")));
  } else errors.push(fieldRequired(path, "either name or signerName must be specified"));
  errors.push(...validateTarget(source.path, path.child("path")));
  if (files.taken(source.path)) errors.push(fieldInvalid(volume, source.path, CONFLICT));
  return errors;
}

const KEY_TYPES = ["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];

function validateCertificate(source: PodCertificateProjection, { path, volume, files }: Place): FieldError[] {
  const errors = requiredAnd(qualifiedName, source.signerName, path.child("signerName"));
  if (!KEY_TYPES.includes(source.keyType ?? "")) {
    errors.push(fieldInvalid(path.child("keyType"), source.keyType ?? "", `must be one of ${KEY_TYPES.join(", ")}`));
  }
  const targets = ["credentialBundlePath", "keyPath", "certificateChainPath"] as const;
  if (targets.every((target) => !source[target])) {
    errors.push(fieldRequired(path, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath"));
  }
  for (const target of targets) {
    const file = source[target];
    if (!file) continue;
    errors.push(...validateNonReservedPath(file, path.child(target)));
    if (files.taken(file)) errors.push(fieldInvalid(volume, file, CONFLICT));
  }
  for (const key of Object.keys(source.userAnnotations ?? {})) {
    errors.push(...checked(qualifiedName, key, path.child("userAnnotations")));
  }
  return errors;
}

function validateProjection(source: VolumeProjection, { path, volume, files }: Place): FieldError[] {
  const at = (name: keyof VolumeProjection): Place => ({ path: path.child(name), volume, files });
  const errors: FieldError[] = [];
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source;
  if (secret) errors.push(...validateKeyed(secret, at("secret")));
  if (configMap) errors.push(...validateKeyed(configMap, at("configMap")));
  if (downwardAPI) errors.push(...validateDownward(downwardAPI.items ?? [], at("downwardAPI")));
  if (serviceAccountToken) errors.push(...validateToken(serviceAccountToken, at("serviceAccountToken")));
  if (clusterTrustBundle) errors.push(...validateTrustBundle(clusterTrustBundle, at("clusterTrustBundle")));
  if (podCertificate) errors.push(...validateCertificate(podCertificate, at("podCertificate")));
  if (Object.keys(source).length > 1) {
    errors.push(fieldForbidden(path, "may not specify more than 1 volume type per source"));
  }
  return errors;
}

export function validateProjected({ defaultMode, sources }: ProjectedVolumeSource, path: FieldPath): FieldError[] {
  const files = new Files();
  return [
    ...validateFileMode(defaultMode, path.child("defaultMode")),
    ...(sources ?? []).flatMap((source, i) =>
      validateProjection(source, { path: path.child("sources").index(i), volume: path, files }),
    ),
  ];
}
