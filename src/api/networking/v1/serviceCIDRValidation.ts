import { type FieldError, fieldInvalid, fieldRequired, fieldTooMany, root } from "../../../apimachinery/fieldErrors.ts";
import { cidr } from "../../../apimachinery/validation/names.ts";
import { numberToAddress, parseRange } from "./addresses.ts";
import type { ServiceCIDR } from "./serviceCIDR.ts";

const path = root.child("spec", "cidrs");
const ONE_EACH = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
const AT_MOST = 2;

export function validateServiceCIDR({ spec: { cidrs = [] } }: ServiceCIDR): FieldError[] {
  if (cidrs.length === 0) return [fieldRequired(path, "at least one CIDR required")];
  if (cidrs.length > AT_MOST) return [fieldTooMany(path, cidrs.length, AT_MOST)];
  const errors: FieldError[] = [];
  const families = cidrs.map((text) => parseRange(text)?.family);
  if (cidrs.length === AT_MOST && families.every((family) => family !== undefined) && families[0] === families[1])
    errors.push(fieldInvalid(path, cidrs, ONE_EACH));
  return [...errors, ...cidrs.flatMap((text, i) => validateRange(text, i))];
}

function validateRange(text: string, i: number): FieldError[] {
  const at = path.index(i);
  const range = parseRange(text);
  if (range === undefined) return cidr(text).map((why) => fieldInvalid(at, text, why));
  const canonical = `${numberToAddress(range.first, range.family)}/${range.bits}`;
  const why = `must be in canonical form (${JSON.stringify(canonical)})`;
  return canonical === text ? [] : [fieldInvalid(at, text, why)];
}

/** One family may become two; what is there stays. */
export function validateServiceCIDRUpdate({ spec }: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  const cidrs = spec.cidrs ?? null;
  const before = old.spec.cidrs ?? [];
  if (cidrs === null || (before.length === AT_MOST && cidrs.length !== AT_MOST) || cidrs.length < before.length)
    return before.length === (cidrs ?? []).length ? [] : [fieldInvalid(path, cidrs, "field is immutable")];
  const changed = before.flatMap((text, i) =>
    cidrs[i] === text ? [] : [fieldInvalid(path.index(i), cidrs[i], "field is immutable")],
  );
  return changed.length > 0 || cidrs.length === before.length
    ? changed
    : validateServiceCIDR({ metadata: {}, spec, status: {} });
}
