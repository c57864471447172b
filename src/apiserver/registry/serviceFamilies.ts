import { isIP } from "node:net";
import type { Service } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { type FieldError, fieldInvalid, root } from "../../apimachinery/fieldErrors.ts";
import { type Family, familyOf } from "./serviceAddresses.ts";

type Spec = Service["spec"];

const path = root.child("spec");
const NONE = "None";
const DUAL = ["RequireDualStack", "PreferDualStack"];

export const needsClusterIP = ({ type }: Spec): boolean =>
  type === "ClusterIP" || type === "NodePort" || type === "LoadBalancer";

/**
 * Fills in the IP families and their policy from what is said of families, policy and addresses, and answers what
 * cannot be had. `served`: the families of this cluster, its own first.
 */
export function chooseFamilies(spec: Spec, old: Spec | undefined, served: readonly Family[]): FieldError[] {
  if (!needsClusterIP(spec) || (old && prefersAsBefore(spec, old))) return [];
  if (old) trimForDowngrade(spec, old);
  const headless = spec.clusterIP === NONE;
  const selectorless = Object.keys(spec.selector ?? {}).length === 0;
  if (headless && selectorless) {
    chooseForOthers(spec, served);
    return [];
  }
  inferFromAddresses(spec);
  const errors = unavailable(spec, served);
  if (errors.length > 0) return errors;
  spec.ipFamilyPolicy ??= "SingleStack";
  const families = spec.ipFamilies ?? [];
  if (families.length === 0) families.push(served[0]!);
  const other = served.find((family) => family !== families[0]);
  if (families.length === 1 && DUAL.includes(spec.ipFamilyPolicy) && other) families.push(other);
  spec.ipFamilies = families;
  return [];
}

/** A Service that prefers two addresses keeps what it was given, also when the cluster has changed since. */
function prefersAsBefore(spec: Spec, old: Spec): boolean {
  if (!needsClusterIP(old)) return false;
  if (spec.ipFamilyPolicy !== "PreferDualStack" || old.ipFamilyPolicy !== "PreferDualStack") return false;
  return deepEqual(spec.clusterIPs, old.clusterIPs) && deepEqual(spec.ipFamilies, old.ipFamilies);
}

/** Back to one family: what is left as it was loses its second. */
function trimForDowngrade(spec: Spec, old: Spec): void {
  if (!DUAL.includes(old.ipFamilyPolicy ?? "") || spec.ipFamilyPolicy !== "SingleStack") return;
  if (deepEqual(spec.clusterIPs, old.clusterIPs) && spec.clusterIPs) spec.clusterIPs = spec.clusterIPs.slice(0, 1);
  if (deepEqual(spec.ipFamilies, old.ipFamilies) && spec.ipFamilies) spec.ipFamilies = spec.ipFamilies.slice(0, 1);
}

/** Whoever keeps the endpoints of a headless Service may use both families, also where the cluster has but one. */
function chooseForOthers(spec: Spec, served: readonly Family[]): void {
  const families = spec.ipFamilies ?? [];
  spec.ipFamilyPolicy ??= families.length === 1 ? "SingleStack" : "RequireDualStack";
  if (families.length === 0) families.push(served[0]!);
  const other = families[0] === "IPv4" ? "IPv6" : "IPv4";
  if (families.length === 1 && (spec.ipFamilyPolicy === "RequireDualStack" || isServed(spec, other, served)))
    families.push(other);
  spec.ipFamilies = families;
}

const isServed = (spec: Spec, family: Family, served: readonly Family[]) =>
  spec.ipFamilyPolicy === "PreferDualStack" && served.includes(family);

function inferFromAddresses(spec: Spec): void {
  const families = [...(spec.ipFamilies ?? [])];
  for (const [i, address] of (spec.clusterIPs ?? []).entries()) {
    if (address === NONE || isIP(address) === 0 || i < families.length) continue;
    if (!families.includes(familyOf(address))) families.push(familyOf(address));
  }
  if (families.length > 0) spec.ipFamilies = families;
}

function unavailable(spec: Spec, served: readonly Family[]): FieldError[] {
  const { ipFamilyPolicy, ipFamilies = [], clusterIPs = [] } = spec;
  const errors: FieldError[] = [];
  const at = path.child("ipFamilyPolicy");
  if (!DUAL.includes(ipFamilyPolicy ?? "")) {
    const need = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
    const value = ipFamilyPolicy ?? null;
    if (clusterIPs.length === 2) errors.push(fieldInvalid(at, value, `${need} cluster IPs are specified`));
    if (ipFamilies.length === 2) errors.push(fieldInvalid(at, value, `${need} IP families are specified`));
  }
  if (ipFamilyPolicy === "RequireDualStack" && served.length < 2)
    errors.push(fieldInvalid(at, ipFamilyPolicy, "this cluster is not configured for dual-stack services"));
  for (const [i, family] of ipFamilies.entries()) {
    if ((family === "IPv4" || family === "IPv6") && !served.includes(family))
      errors.push(fieldInvalid(path.child("ipFamilies").index(i), family, "not configured on this cluster"));
  }
  return errors;
}
