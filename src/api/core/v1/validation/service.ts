import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  root,
} from "../../../../apimachinery/fieldErrors.ts";
import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import { cidr, dns1123Label, dns1123Subdomain, qualifiedName } from "../../../../apimachinery/validation/names.ts";
import { isExternallyAccessible } from "../defaults/service.ts";
import type { ServicePort, ServiceSpec, ServiceStatus } from "../serviceSpec.ts";
import { validateIP, validateNonSpecialIP } from "./addresses.ts";
import { checked, oneOf, supportedIn, validateLabels, validatePort, validatePortNumber } from "./fields.ts";
import { validateClusterIPs } from "./serviceIPs.ts";

export interface ServiceLike {
  metadata: ObjectMeta;
  spec: ServiceSpec;
  status: ServiceStatus;
}

const path = root.child("spec");
const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const KUBELET_PORT = 10250;
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";

export const isHeadless = ({ clusterIP, clusterIPs }: ServiceSpec): boolean =>
  clusterIPs?.length === 1 ? clusterIPs[0] === "None" : clusterIP === "None" && !clusterIPs?.length;

export function validateService({ metadata, spec }: ServiceLike): FieldError[] {
  const headless = isHeadless(spec);
  const ports = spec.ports ?? [];
  const none = ports.length === 0 && !headless && spec.type !== "ExternalName";
  return [
    ...(none ? [fieldRequired(path.child("ports"))] : []),
    ...validateByType(spec, headless),
    ...validatePorts(ports, path.child("ports")),
    ...validateLabels(spec.selector, path.child("selector")),
    ...validateAffinity(spec),
    ...validateClusterIPs(spec, path),
    ...validateExternalIPs(spec),
    ...oneOf(spec.type, TYPES, path.child("type")),
    ...validateUniquePorts(spec),
    ...validateSourceRanges(spec, metadata),
    ...validateLoadBalancer(spec),
    ...validateTraffic(spec),
  ];
}

function validateByType(spec: ServiceSpec, headless: boolean): FieldError[] {
  const { type, ports = [] } = spec;
  if (type === "ExternalName") return validateExternalName(spec);
  if (type !== "LoadBalancer" && type !== "NodePort") return [];
  const errors: FieldError[] = [];
  if (type === "LoadBalancer") {
    for (const [i, { port }] of ports.entries()) {
      if (port !== KUBELET_PORT) continue;
      const text = `may not expose port ${port} externally since it is used by kubelet`;
      errors.push(fieldInvalid(path.child("ports").index(i), port, text));
    }
  }
  if (headless) {
    const at = path.child("clusterIPs").index(0);
    errors.push(fieldInvalid(at, "None", `may not be set to 'None' for ${type} services`));
  }
  return errors;
}

function validateExternalName(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const set = {
    clusterIPs: (spec.clusterIPs?.length ?? 0) > 0 || Boolean(spec.clusterIP),
    ipFamilies: (spec.ipFamilies?.length ?? 0) > 0,
    ipFamilyPolicy: spec.ipFamilyPolicy !== undefined,
  };
  for (const [field, isSet] of Object.entries(set)) {
    if (isSet) errors.push(fieldForbidden(path.child(field), "may not be set when `type` is 'ExternalName'"));
  }
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  const at = path.child("externalName");
  return [...errors, ...(name === "" ? [fieldRequired(at)] : checked(dns1123Subdomain, name, at))];
}

function validatePorts(ports: readonly ServicePort[], at: FieldPath): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap(({ name = "", port, protocol, targetPort, appProtocol }, i) => {
    const here = at.index(i);
    const errors = name === "" ? [] : checked(dns1123Label, name, here.child("name"));
    if (name === "" && ports.length > 1) errors.push(fieldRequired(here.child("name")));
    if (name !== "" && names.has(name)) errors.push(fieldDuplicate(here.child("name"), name));
    names.add(name);
    return [
      ...errors,
      ...validatePortNumber(port, here.child("port")),
      ...oneOf(protocol, ["SCTP", "TCP", "UDP"], here.child("protocol")),
      ...validatePort(targetPort ?? 0, here.child("targetPort")),
      ...(appProtocol === undefined ? [] : checked(qualifiedName, appProtocol, here.child("appProtocol"))),
    ];
  });
}

const LONGEST_AFFINITY = 86400;

function validateAffinity({ sessionAffinity, sessionAffinityConfig: config }: ServiceSpec): FieldError[] {
  const errors = oneOf(sessionAffinity, ["ClientIP", "None"], path.child("sessionAffinity"));
  const at = path.child("sessionAffinityConfig");
  if (sessionAffinity === "None" && config !== undefined) {
    errors.push(fieldForbidden(at, "must not be set when session affinity is None"));
  }
  if (sessionAffinity !== "ClientIP") return errors;
  const text = "when session affinity type is ClientIP";
  if (config === undefined) return [...errors, fieldRequired(at, text)];
  if (config.clientIP === undefined) return [...errors, fieldRequired(at.child("clientIP"), text)];
  const seconds = config.clientIP.timeoutSeconds;
  const timeout = at.child("clientIP", "timeoutSeconds");
  if (seconds === undefined) return [...errors, fieldRequired(timeout, text)];
  if (seconds <= 0 || seconds > LONGEST_AFFINITY) {
    errors.push(fieldInvalid(timeout, seconds, `must be greater than 0 and less than ${LONGEST_AFFINITY}`));
  }
  return errors;
}

function validateExternalIPs({ externalIPs = [] }: ServiceSpec): FieldError[] {
  return externalIPs.flatMap((address, i) => {
    const at = path.child("externalIPs").index(i);
    const errors = validateIP(address, at);
    return errors.length > 0 ? errors : validateNonSpecialIP(address, at);
  });
}

/** As Kubernetes shows a port that is there twice: with the names of its internal type. */
const shownPort = ({ protocol, port }: ServicePort) => ({
  Name: "",
  Protocol: protocol,
  AppProtocol: null,
  Port: port,
  TargetPort: 0,
  NodePort: 0,
});

function validateUniquePorts({ type, ports = [] }: ServiceSpec): FieldError[] {
  const at = path.child("ports");
  const errors: FieldError[] = [];
  if (type === "ClusterIP") {
    for (const [i, { nodePort }] of ports.entries()) {
      if (!nodePort) continue;
      errors.push(fieldForbidden(at.index(i).child("nodePort"), "may not be used when `type` is 'ClusterIP'"));
    }
  }
  const seen = new Set<string>();
  for (const [i, { protocol, nodePort }] of ports.entries()) {
    if (!nodePort) continue;
    const key = `${protocol}/${nodePort}`;
    if (seen.has(key)) errors.push(fieldDuplicate(at.index(i).child("nodePort"), nodePort));
    seen.add(key);
  }
  for (const [i, one] of ports.entries()) {
    const earlier = ports.slice(0, i).some(({ protocol, port }) => protocol === one.protocol && port === one.port);
    if (earlier) errors.push(fieldDuplicate(at.index(i), shownPort(one)));
  }
  return errors;
}

const SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges";

/** The field's name begins with a capital here, as in Kubernetes. */
function validateSourceRanges(spec: ServiceSpec, meta: ObjectMeta): FieldError[] {
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const annotation = meta.annotations?.[SOURCE_RANGES];
  const at =
    ranges.length > 0
      ? path.child("LoadBalancerSourceRanges")
      : root.child("metadata", "annotations").key(SOURCE_RANGES);
  if (ranges.length === 0 && annotation === undefined) return [];
  const errors = spec.type === "LoadBalancer" ? [] : [fieldForbidden(at, ONLY_LOAD_BALANCER)];
  // blanks around a range were once accepted
  if (ranges.length > 0) {
    return [...errors, ...ranges.flatMap((range, i) => checked(cidr, range.trim(), at.index(i)))];
  }
  const bad = annotation!.trim() !== "" && annotation!.split(",").some((range) => cidr(range.trim()).length > 0);
  if (!bad) return errors;
  return [
    ...errors,
    fieldInvalid(at, annotation, "must be a list of IP ranges. For example, 10.240.0.0/24,10.250.0.0/24"),
  ];
}

function validateLoadBalancer(spec: ServiceSpec): FieldError[] {
  const { type, allocateLoadBalancerNodePorts: allocate, loadBalancerClass } = spec;
  const errors: FieldError[] = [];
  const ports = path.child("allocateLoadBalancerNodePorts");
  if (type !== "LoadBalancer" && allocate !== undefined) errors.push(fieldForbidden(ports, ONLY_LOAD_BALANCER));
  if (type === "LoadBalancer" && allocate === undefined) errors.push(fieldRequired(ports));
  if (loadBalancerClass === undefined) return errors;
  const at = path.child("loadBalancerClass");
  if (type !== "LoadBalancer") return [...errors, fieldForbidden(at, ONLY_LOAD_BALANCER)];
  return [...errors, ...checked(qualifiedName, loadBalancerClass, at)];
}

/** Needs a port for health checks: traffic stays on the node that it reaches. */
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === "LoadBalancer" && externalTrafficPolicy === "Local";

function validateTraffic(spec: ServiceSpec): FieldError[] {
  const {
    type = "",
    externalTrafficPolicy = "",
    internalTrafficPolicy,
    trafficDistribution,
    healthCheckNodePort,
  } = spec;
  const errors: FieldError[] = [];
  const policies = ["Cluster", "Local"];
  const external = path.child("externalTrafficPolicy");
  if (isExternallyAccessible(spec)) errors.push(...oneOf(externalTrafficPolicy, policies, external));
  else if (externalTrafficPolicy !== "") {
    const text = "may only be set for externally-accessible services";
    errors.push(fieldInvalid(external, externalTrafficPolicy, text));
  }
  const health = path.child("healthCheckNodePort");
  if (healthCheckNodePort && needsHealthCheck(spec)) errors.push(...validatePortNumber(healthCheckNodePort, health));
  else if (healthCheckNodePort) {
    const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(fieldInvalid(health, healthCheckNodePort, text));
  }
  const internal = path.child("internalTrafficPolicy");
  if (internalTrafficPolicy !== undefined) errors.push(...supportedIn(internalTrafficPolicy, policies, internal));
  else if (["ClusterIP", "LoadBalancer", "NodePort"].includes(type)) errors.push(fieldRequired(internal));
  if (trafficDistribution !== undefined) {
    const known = ["PreferClose", "PreferSameZone", "PreferSameNode"];
    errors.push(...supportedIn(trafficDistribution, known, path.child("trafficDistribution")));
  }
  return errors;
}
