import { type FieldError, fieldForbidden, fieldInvalid, root } from "../../../../apimachinery/fieldErrors.ts";
import type { ServiceSpec } from "../serviceSpec.ts";
import { validateIP } from "./addresses.ts";
import { supportedIn } from "./fields.ts";
import { isHeadless, type ServiceLike } from "./service.ts";

const path = root.child("spec");

/** Addresses stay with a Service; a second one may come and go with its IP family policy. */
export function validateServiceUpdate({ spec }: ServiceLike, { spec: old }: ServiceLike): FieldError[] {
  return [...validateKeptIPs(spec, old), ...validateKeptFamilies(spec, old), ...validateKeptClass(spec, old)];
}

const isNamed = (spec: ServiceSpec) => spec.type === "ExternalName";
const SET_ONCE = "may not change once set";

function validateKeptIPs(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (isNamed(spec) || isNamed(old) || (isHeadless(spec) && isHeadless(old))) return [];
  const [now, before] = [spec.clusterIPs ?? [], old.clusterIPs ?? []];
  const at = path.child("clusterIPs");
  if (before.length === 0) return [];
  if (now.length === 0) return [fieldInvalid(at.index(0), now, "primary clusterIP can not be unset")];
  const both = Math.min(now.length, before.length);
  const errors: FieldError[] = [];
  for (let i = 0; i < both; i++) {
    if (now[i] !== before[i]) errors.push(fieldInvalid(at.index(i), now, SET_ONCE));
  }
  if (now.length < before.length && spec.ipFamilyPolicy !== "SingleStack") {
    const text = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    errors.push(fieldInvalid(path.child("ipFamilyPolicy"), spec.ipFamilyPolicy ?? null, text));
  }
  return errors;
}

function validateKeptFamilies(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (isNamed(spec) || isNamed(old) || (isHeadless(spec) && !isHeadless(old))) return [];
  const [now, before] = [spec.ipFamilies ?? [], old.ipFamilies ?? []];
  const at = path.child("ipFamilies");
  if (before.length === 0) return [];
  if (now.length === 0) return [fieldInvalid(at.index(0), now, "primary ipFamily can not be unset")];
  const errors: FieldError[] = [];
  for (let i = 0; i < Math.min(now.length, before.length); i++) {
    if (now[i] !== before[i]) errors.push(fieldInvalid(at.index(i), now, SET_ONCE));
  }
  return errors;
}

function validateKeptClass(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const both = spec.type === "LoadBalancer" && old.type === "LoadBalancer";
  if (!both || spec.loadBalancerClass === old.loadBalancerClass) return [];
  return [fieldInvalid(path.child("loadBalancerClass"), spec.loadBalancerClass ?? null, SET_ONCE)];
}

/** What a load balancer reports. */
export function validateServiceStatusUpdate({ spec, status }: ServiceLike): FieldError[] {
  const at = root.child("status", "loadBalancer", "ingress");
  const ingress = status.loadBalancer?.ingress ?? [];
  if (spec.type !== "LoadBalancer" && ingress.length > 0) {
    return [fieldForbidden(at, 'may only be used when `spec.type` is "LoadBalancer"')];
  }
  return ingress.flatMap(({ ip, hostname, ipMode }, i) => {
    const here = at.index(i);
    const errors = ip ? validateIP(ip, here.child("ip")) : [];
    if (ipMode !== undefined && !ip) {
      errors.push(fieldForbidden(here.child("ipMode"), "may not be specified when `ip` is not set"));
    } else if (ipMode !== undefined) errors.push(...supportedIn(ipMode, ["Proxy", "VIP"], here.child("ipMode")));
    if (hostname && validateIP(hostname, here).length === 0) {
      errors.push(fieldInvalid(here.child("hostname"), hostname, "must be a DNS name, not an IP address"));
    }
    return errors;
  });
}
