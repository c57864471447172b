import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import type { CSIDriver } from "./cSIDriver.ts";
import type { TokenRequest } from "./cSIDriverMessages.ts";

const FS_GROUP_POLICIES = ["File", "None", "ReadWriteOnceWithFSType"];
const LIFECYCLE_MODES = ["Persistent", "Ephemeral"];
const LEAST_PERIOD = 10;

export function validateCSIDriver({ spec }: CSIDriver): FieldError[] {
  const path = root.child("spec");
  const required = (["attachRequired", "podInfoOnMount", "storageCapacity"] as const).filter(
    (field) => spec[field] === undefined,
  );
  const errors = [
    ...required.map((field) => fieldRequired(path.child(field))),
    ...validateFSGroupPolicy(spec.fsGroupPolicy, path.child("fsGroupPolicy")),
    ...validateTokenRequests(spec.tokenRequests ?? [], path.child("tokenRequests")),
  ];
  for (const mode of spec.volumeLifecycleModes ?? []) {
    if (LIFECYCLE_MODES.includes(mode)) continue;
    errors.push(fieldNotSupported(path.child("volumeLifecycleModes"), mode, LIFECYCLE_MODES));
  }
  if (spec.seLinuxMount === undefined) errors.push(fieldRequired(path.child("seLinuxMount")));
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < LEAST_PERIOD) {
    const at = path.child("nodeAllocatableUpdatePeriodSeconds");
    errors.push(fieldInvalid(at, period, `must be greater than or equal to ${LEAST_PERIOD} seconds`));
  }
  if (spec.serviceAccountTokenInSecrets !== undefined && !spec.tokenRequests?.length) {
    const text = "serviceAccountTokenInSecrets is only valid when tokenRequests is not empty";
    const at = path.child("serviceAccountTokenInSecrets");
    errors.push(fieldInvalid(at, spec.serviceAccountTokenInSecrets, text));
  }
  return errors;
}

function validateFSGroupPolicy(policy: string | undefined, path: FieldPath): FieldError[] {
  if (policy === undefined) return [fieldRequired(path)];
  return FS_GROUP_POLICIES.includes(policy) ? [] : [fieldNotSupported(path, policy, FS_GROUP_POLICIES)];
}

function validateTokenRequests(requests: readonly TokenRequest[], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return requests.flatMap(({ audience, expirationSeconds: seconds }, i) => {
    const at = path.index(i);
    const errors: FieldError[] = [];
    if (seen.has(audience)) errors.push(fieldDuplicate(at.child("audience"), audience));
    seen.add(audience);
    const limit = at.child("expirationSeconds");
    if (seconds === undefined) return errors;
    if (seconds < 600) errors.push(fieldInvalid(limit, seconds, "may not specify a duration less than 10 minutes"));
    if (seconds > 2 ** 32) {
      errors.push(fieldInvalid(limit, seconds, "may not specify a duration larger than 2^32 seconds"));
    }
    return errors;
  });
}

export function validateCSIDriverUpdate({ spec }: CSIDriver, { spec: old }: CSIDriver): FieldError[] {
  return (["attachRequired", "volumeLifecycleModes"] as const)
    .filter((field) => !deepEqual(spec[field], old[field]))
    .map((field) => fieldInvalid(root.child("spec", field), spec[field] ?? null, "field is immutable"));
}
