import { type FieldError, type FieldPath, fieldDuplicate, fieldInvalid } from "../../../../apimachinery/fieldErrors.ts";
import type { ServiceSpec } from "../serviceSpec.ts";
import { areDualStack, familyOf, validateIP } from "./addresses.ts";
import { supportedIn } from "./fields.ts";

const POLICIES = ["PreferDualStack", "RequireDualStack", "SingleStack"];

/** `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` must say the same. */
export function validateClusterIPs(spec: ServiceSpec, path: FieldPath): FieldError[] {
  if (spec.type === "ExternalName") return [];
  const errors = validateFamilies(spec.ipFamilies ?? [], path.child("ipFamilies"));
  if (spec.ipFamilyPolicy !== undefined) {
    errors.push(...supportedIn(spec.ipFamilyPolicy, POLICIES, path.child("ipFamilyPolicy")));
  }
  return [...errors, ...validateAddresses(spec, path.child("clusterIPs"))];
}

function validateFamilies(families: readonly string[], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return families.flatMap((family, i) => {
    const errors = supportedIn(family, ["IPv4", "IPv6"], path.index(i));
    if (seen.has(family)) errors.push(fieldDuplicate(path.index(i), family));
    seen.add(family);
    return errors;
  });
}

function validateAddresses(spec: ServiceSpec, path: FieldPath): FieldError[] {
  const { clusterIP = "", clusterIPs = [] } = spec;
  const errors: FieldError[] = [];
  if (clusterIP === "" && clusterIPs.length > 0) {
    errors.push(fieldInvalid(path, clusterIPs, "must be empty when `clusterIP` is not specified"));
  } else if (clusterIPs.length > 0 && clusterIPs[0] !== clusterIP) {
    errors.push(fieldInvalid(path, clusterIPs, "first value must match `clusterIP`"));
  }
  const wrong = wrongAddresses(clusterIPs, path);
  errors.push(...wrong);
  if (clusterIPs.length > 2) errors.push(fieldInvalid(path, clusterIPs, "may only hold up to 2 values"));
  if (wrong.length > 0) return errors;
  if (clusterIPs.length > 1 && !areDualStack(clusterIPs)) {
    errors.push(fieldInvalid(path, clusterIPs, "may specify no more than one IP for each IP family"));
  }
  return [...errors, ...wrongFamilies(spec, path)];
}

function wrongAddresses(addresses: readonly string[], path: FieldPath): FieldError[] {
  return addresses.flatMap((address, i) => {
    if (address !== "None" || i > 0) return validateIP(address, path.index(i));
    return addresses.length > 1 ? [fieldInvalid(path, addresses, "'None' must be the first and only value")] : [];
  });
}

function wrongFamilies({ clusterIPs = [], ipFamilies = [] }: ServiceSpec, path: FieldPath): FieldError[] {
  if (clusterIPs[0] === "None") return [];
  return clusterIPs.flatMap((address, i) => {
    const family = ipFamilies[i];
    if (family === undefined || familyOf(address) === family) return [];
    return [fieldInvalid(path.index(i), address, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``)];
  });
}
