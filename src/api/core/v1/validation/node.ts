import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  root,
} from "../../../../apimachinery/fieldErrors.ts";
import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import { cidr, labelValue } from "../../../../apimachinery/validation/names.ts";
import type { NodeSpec, Taint } from "../nodeSpec.ts";
import type { NodeStatus } from "../nodeStatus.ts";
import { areDualStack } from "./addresses.ts";
import { checked, validateLabelKey } from "./fields.ts";
import { validateResourceAmount } from "./resources.ts";
import { validateTaintEffect } from "./scheduling.ts";

export interface NodeLike {
  metadata: ObjectMeta;
  spec: NodeSpec;
  status: NodeStatus;
}

/** Taints are told to stand in metadata, as Kubernetes does. */
export function validateNode({ spec, status }: NodeLike): FieldError[] {
  return [
    ...validateTaints(spec.taints ?? [], root.child("metadata", "taints")),
    ...validateResources(status?.capacity, root.child("status", "capacity")),
    ...validateResources(status?.allocatable, root.child("status", "allocatable")),
    ...validatePodCIDRs(spec.podCIDRs ?? []),
  ];
}

/** As Kubernetes shows a taint that is there twice: with the names of its internal type. */
const shownTaint = ({ key, value = "", effect, timeAdded }: Taint) => ({
  Key: key,
  Value: value,
  Effect: effect,
  TimeAdded: timeAdded ?? null,
});

function validateTaints(taints: readonly Taint[], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, i) => {
    const at = path.index(i);
    const { key, value = "", effect } = taint;
    const errors = validateLabelKey(key, at.child("key"));
    const wrong = labelValue(value);
    if (wrong.length > 0) errors.push(fieldInvalid(at.child("value"), value, wrong.join(";")));
    errors.push(...validateTaintEffect(effect, at.child("effect")));
    const pair = `${key}:${effect}`;
    if (seen.has(pair)) {
      errors.push(fieldDuplicate(at, shownTaint(taint), "taints must be unique by key and effect pair"));
    }
    seen.add(pair);
    return errors;
  });
}

function validateResources(resources: Record<string, string> | undefined, path: FieldPath): FieldError[] {
  return Object.entries(resources ?? {}).flatMap(([name, amount]) =>
    validateResourceAmount(name, amount, path.key(name)),
  );
}

function validatePodCIDRs(ranges: readonly string[]): FieldError[] {
  const path = root.child("spec", "podCIDRs");
  const errors = ranges.flatMap((range, i) => checked(cidr, range, path.index(i)));
  if (ranges.length < 2) return errors;
  const dual = ranges.length === 2 && areDualStack(ranges.map((range) => range.split("/", 1)[0]!));
  if (!dual) errors.push(fieldInvalid(path, ranges, "may specify no more than one CIDR for each IP family"));
  return errors;
}

export function validateNodeUpdate(node: NodeLike, old: NodeLike): FieldError[] {
  const errors: FieldError[] = [];
  const [now, before] = [node.spec.podCIDRs ?? [], old.spec.podCIDRs ?? []];
  if (before.length > 0) {
    const text = 'node updates may not change podCIDR except from "" to valid';
    const error = fieldForbidden(root.child("spec", "podCIDRs"), text);
    if (now.length !== before.length) errors.push(error);
    else errors.push(...before.filter((range, i) => range !== now[i]).map(() => error));
  }
  if (old.spec.providerID && old.spec.providerID !== node.spec.providerID) {
    const text = 'node updates may not change providerID except from "" to valid';
    errors.push(fieldForbidden(root.child("spec", "providerID"), text));
  }
  if (node.spec.externalID !== old.spec.externalID) {
    errors.push(fieldForbidden(root.child("spec", "externalID"), "may not be updated"));
  }
  return [...errors, ...validateAddresses(node.status)];
}

export function validateNodeStatusUpdate(node: NodeLike): FieldError[] {
  return [...validateNode(node), ...validateAddresses(node.status)];
}

function validateAddresses({ addresses = [] }: NodeStatus): FieldError[] {
  const seen = new Set<string>();
  return addresses.flatMap((one, i) => {
    const key = `${one.type} ${one.address}`;
    if (seen.has(key)) return [fieldDuplicate(root.child("status", "addresses").index(i), one)];
    seen.add(key);
    return [];
  });
}
