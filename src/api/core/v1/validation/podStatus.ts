import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotFound,
  root,
} from "../../../../apimachinery/fieldErrors.ts";
import { dns1123Subdomain } from "../../../../apimachinery/validation/names.ts";
import type { ContainerStatus } from "../containerStatus.ts";
import type { PodSpec } from "../podSpec.ts";
import type { PodCondition, PodStatus } from "../podStatus.ts";
import { areDualStack, validateIP } from "./addresses.ts";
import { checked, validateLabelKey } from "./fields.ts";
import type { PodLike } from "./pod.ts";

const status = root.child("status");
const KNOWN_CONDITIONS = /^[A-Za-z]+$/;

export function validatePodStatusUpdate(pod: PodLike, old: PodLike): FieldError[] {
  const errors = validateConditions(pod.status.conditions ?? [], status.child("conditions"));
  if (pod.spec.nodeName !== old.spec.nodeName) {
    errors.push(fieldForbidden(status.child("nodeName"), "may not be changed directly"));
  }
  const nominated = pod.status.nominatedNodeName;
  if (nominated) errors.push(...checked(dns1123Subdomain, nominated, status.child("nominatedNodeName")));
  return [
    ...errors,
    ...validateTransitions(pod.status, old),
    ...validateIPs(pod.status.podIPs ?? [], status.child("podIPs")),
    ...validateIPs(pod.status.hostIPs ?? [], status.child("hostIPs")),
    ...validateClaimStatuses(pod),
  ];
}

/** Conditions of others than Kubernetes have qualified names. */
function validateConditions(conditions: readonly PodCondition[], path: FieldPath): FieldError[] {
  return conditions.flatMap(({ type }, i) =>
    KNOWN_CONDITIONS.test(type) ? [] : validateLabelKey(type, path.index(i).child("Type")),
  );
}

function validateIPs(ips: readonly { ip: string }[], path: FieldPath): FieldError[] {
  const addresses = ips.map(({ ip }) => ip);
  const errors = addresses.flatMap((ip, i) => validateIP(ip, path.index(i)));
  if (addresses.length < 2 || errors.length > 0) return errors;
  if (!areDualStack(addresses) || addresses.length > 2) {
    errors.push(fieldInvalid(path, ips, "may specify no more than one IP for each IP family"));
  }
  return [
    ...errors,
    ...addresses.flatMap((ip, i) => (addresses.indexOf(ip) < i ? [fieldDuplicate(path.index(i), ips[i])] : [])),
  ];
}

/** A container that ended for good cannot come back to life. */
function validateTransitions(now: PodStatus, old: PodLike): FieldError[] {
  return [
    ...validateEnded(now.containerStatuses, old.status.containerStatuses, {
      path: status.child("containerStatuses"),
      policyOf: (name) => policyOf(old.spec, "containers", name),
    }),
    ...validateEnded(now.initContainerStatuses, old.status.initContainerStatuses, {
      path: status.child("initContainerStatuses"),
      policyOf: (name) => policyOf(old.spec, "initContainers", name),
    }),
    ...validateEnded(now.ephemeralContainerStatuses, old.status.ephemeralContainerStatuses, {
      path: status.child("ephemeralContainerStatuses"),
      policyOf: () => "Never",
    }),
  ];
}

function policyOf(spec: PodSpec, list: "containers" | "initContainers", name: string): string | undefined {
  const container = spec[list]?.find((one) => one.name === name);
  if (container?.restartPolicyRules?.length) return "Always";
  return container?.restartPolicy ?? spec.restartPolicy;
}

interface Ending {
  path: FieldPath;
  policyOf(container: string): string | undefined;
}

function validateEnded(
  now: readonly ContainerStatus[] = [],
  old: readonly ContainerStatus[] = [],
  { path, policyOf }: Ending,
): FieldError[] {
  return now.flatMap(({ name, state }, i) => {
    const before = old.find((one) => one.name === name)?.state.terminated;
    const policy = policyOf(name);
    if (before === undefined || policy === "Always") return [];
    if (before.exitCode !== 0 && policy === "OnFailure") return [];
    if (state.terminated !== undefined) return [];
    return [fieldForbidden(path.index(i).child("state"), "may not be transitioned to non-terminated state")];
  });
}

function validateClaimStatuses(pod: PodLike): FieldError[] {
  const path = status.child("resourceClaimStatuses");
  const claims = new Set((pod.spec.resourceClaims ?? []).map(({ name }) => name));
  return (pod.status.resourceClaimStatuses ?? []).flatMap(({ name, resourceClaimName }, i) => [
    ...(claims.has(name) ? [] : [fieldNotFound(path.index(i).child("name"), name)]),
    ...(resourceClaimName === undefined
      ? []
      : checked(dns1123Subdomain, resourceClaimName, path.index(i).child("name"))),
  ]);
}
