import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import {
  dns1123Subdomain,
  dns1123SubdomainWithUnderscore,
  inclusiveRange,
  qualifiedName,
} from "../../../../apimachinery/validation/names.ts";
import type { HostAlias, PodDNSConfig, PodResourceClaim, PodSpec, PodTemplateSpec } from "../podSpec.ts";
import { validateIP } from "./addresses.ts";
import { validateAffinity } from "./affinity.ts";
import {
  type PodContext,
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from "./container.ts";
import { checked, oneOf, validateLabel, validateLabels } from "./fields.ts";
import { validateOS } from "./podOS.ts";
import { validateResourceRequirements } from "./resources.ts";
import {
  validateReadinessGates,
  validateSchedulingGates,
  validateTolerations,
  validateTopologySpread,
} from "./scheduling.ts";
import { validatePodSecurityContext } from "./securityContext.ts";
import { validateVolumes } from "./volumes.ts";

const RESTART_POLICIES = ["Always", "OnFailure", "Never"];
const DNS_POLICIES = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
const LONGEST_DEADLINE = 2147483647;

/** Everything wrong with a Pod's specification; `meta` is the Pod's, absent in templates without a name. */
export function validatePodSpec(spec: PodSpec, meta: ObjectMeta | undefined, path: FieldPath): FieldError[] {
  const { errors, usable } = validateVolumes(spec.volumes ?? [], meta, path.child("volumes"));
  const claims = new Set((spec.resourceClaims ?? []).map(({ name }) => name));
  const context: PodContext = { spec, volumes: usable, claims };
  return [
    ...errors,
    ...validateResourceClaims(spec.resourceClaims ?? [], path.child("resourceClaims")),
    ...validateContainers(spec.containers ?? [], context, path.child("containers")),
    ...validateInitContainers(spec.initContainers ?? [], context, path.child("initContainers")),
    ...validateEphemeralContainers(spec.ephemeralContainers ?? [], context, path.child("ephemeralContainers")),
    ...(spec.resources ? validateResourceRequirements(spec.resources, claims, path.child("resources")) : []),
    ...validateHostPorts(spec, path),
    ...validateRunning(spec, path),
    ...validateScheduling(spec, path),
    ...validateHostUsers(spec, path),
    ...validateNames(spec, path),
    ...validateOS(spec, path),
  ];
}

function validateRunning(spec: PodSpec, path: FieldPath): FieldError[] {
  return [
    ...oneOf(spec.restartPolicy, RESTART_POLICIES, path.child("restartPolicy")),
    ...oneOf(spec.dnsPolicy, DNS_POLICIES, path.child("dnsPolicy")),
    ...validateLabels(spec.nodeSelector, path.child("nodeSelector")),
    ...validatePodSecurityContext(spec.securityContext, spec, path.child("securityContext")),
  ];
}

function validateScheduling(spec: PodSpec, path: FieldPath): FieldError[] {
  return [
    ...validateAffinity(spec.affinity, path.child("affinity")),
    ...validateDNS(spec, path.child("dnsConfig")),
    ...validateReadinessGates(spec.readinessGates ?? [], path.child("readinessGates")),
    ...validateSchedulingGates(spec.schedulingGates ?? [], path.child("schedulingGates")),
    ...validateTopologySpread(spec.topologySpreadConstraints ?? [], path.child("topologySpreadConstraints")),
  ];
}

/** Names of other objects and of the Pod itself, and what remains. */
function validateNames(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ["serviceAccountName", "nodeName"] as const) {
    if (spec[field]) errors.push(...checked(dns1123Subdomain, spec[field], path.child(field)));
  }
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > LONGEST_DEADLINE)) {
    errors.push(fieldInvalid(path.child("activeDeadlineSeconds"), deadline, inclusiveRange(1, LONGEST_DEADLINE)));
  }
  if (spec.hostname) errors.push(...validateLabel(spec.hostname, path.child("hostname")));
  if (spec.subdomain) errors.push(...validateLabel(spec.subdomain, path.child("subdomain")));
  errors.push(...validateTolerations(spec.tolerations ?? [], path.child("tolerations")));
  errors.push(...validateHostAliases(spec.hostAliases ?? [], path.child("hostAliases")));
  if (spec.priorityClassName) {
    errors.push(...checked(dns1123Subdomain, spec.priorityClassName, path.child("priorityClassName")));
  }
  if (spec.runtimeClassName !== undefined) {
    errors.push(...checked(dns1123Subdomain, spec.runtimeClassName, path.child("runtimeClassName")));
  }
  if (spec.preemptionPolicy !== undefined) {
    errors.push(...oneOf(spec.preemptionPolicy, ["PreemptLowerPriority", "Never"], path.child("preemptionPolicy")));
  }
  if (spec.overhead) {
    errors.push(...validateResourceRequirements({ limits: spec.overhead }, new Set(), path.child("overhead")));
  }
  return [...errors, ...validateHostnameOverride(spec, path)];
}

const LONGEST_HOSTNAME = 64;

function validateHostnameOverride(spec: PodSpec, path: FieldPath): FieldError[] {
  const name = spec.hostnameOverride;
  if (name === undefined) return [];
  const at = path.child("hostnameOverride");
  const errors: FieldError[] = [];
  if (spec.setHostnameAsFQDN) {
    errors.push(
      fieldForbidden(path.child("setHostnameAsFQDN"), "may not be true when `hostnameOverride` is specified"),
    );
  }
  if (spec.hostNetwork) errors.push(fieldForbidden(at, "may not be specified when `hostNetwork` is true"));
  if (name.length > LONGEST_HOSTNAME) {
    errors.push(fieldInvalid(at, name, `must be no more than ${LONGEST_HOSTNAME} characters`));
  }
  return [...errors, ...checked(dns1123Subdomain, name, at)];
}

/** On the host's network, a container listens where the host does. */
function validateHostPorts(spec: PodSpec, path: FieldPath): FieldError[] {
  if (!spec.hostNetwork) return [];
  return (["containers", "initContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap(({ ports = [] }, c) =>
      ports.flatMap(({ containerPort, hostPort = 0 }, p) => {
        if (containerPort === hostPort) return [];
        const at = path.child(list).index(c).child("ports").index(p).child("containerPort");
        return [fieldInvalid(at, containerPort, "must match `hostPort` when `hostNetwork` is true")];
      }),
    ),
  );
}

/** Users of the Pod's own cannot be joined with namespaces of the host. */
function validateHostUsers(spec: PodSpec, path: FieldPath): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const shared = { hostNetwork: spec.hostNetwork, hostPID: spec.hostPID, hostIPC: spec.hostIPC };
  return Object.entries(shared)
    .filter(([, used]) => used)
    .map(([name]) =>
      fieldForbidden(path.child(name === "hostNetwork" ? name : name.replace("h", "H")), "when `hostUsers` is false"),
    );
}

function validateHostAliases(aliases: readonly HostAlias[], path: FieldPath): FieldError[] {
  return aliases.flatMap(({ ip, hostnames = [] }, i) => [
    ...validateIP(ip, path.index(i).child("ip")),
    ...hostnames.flatMap((name, j) => checked(dns1123Subdomain, name, path.index(i).child("hostnames").index(j))),
  ]);
}

function validateResourceClaims(claims: readonly PodResourceClaim[], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return claims.flatMap(({ name, resourceClaimName, resourceClaimTemplateName }, i) => {
    const at = path.index(i);
    const errors = name === "" ? [fieldRequired(at.child("name"))] : validateLabel(name, at.child("name"));
    if (seen.has(name)) errors.push(fieldDuplicate(at.child("name"), name));
    seen.add(name);
    const names = { resourceClaimName, resourceClaimTemplateName };
    const set = Object.entries(names).filter(([, value]) => value !== undefined);
    const text = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
    if (set.length === 0) errors.push(fieldInvalid(at, "", text));
    if (set.length > 1) {
      errors.push(
        fieldInvalid(at, "", "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"),
      );
    }
    return [...errors, ...set.flatMap(([field, value]) => checked(dns1123Subdomain, value!, at.child(field)))];
  });
}

const MOST_NAMESERVERS = 3;
const MOST_SEARCHES = 32;
const LONGEST_SEARCH_LIST = 2048;

function validateDNS({ dnsPolicy, dnsConfig }: PodSpec, path: FieldPath): FieldError[] {
  if (dnsPolicy === "None") {
    if (dnsConfig === undefined) return [fieldRequired(path, "must provide `dnsConfig` when `dnsPolicy` is None")];
    if (!dnsConfig.nameservers?.length) {
      const text = "must provide at least one DNS nameserver when `dnsPolicy` is None";
      return [fieldRequired(path.child("nameservers"), text)];
    }
  }
  return dnsConfig === undefined ? [] : validateDNSConfig(dnsConfig, path);
}

function validateDNSConfig({ nameservers = [], searches = [], options = [] }: PodDNSConfig, path: FieldPath) {
  const errors: FieldError[] = [];
  const servers = path.child("nameservers");
  if (nameservers.length > MOST_NAMESERVERS) {
    errors.push(fieldInvalid(servers, nameservers, `must not have more than ${MOST_NAMESERVERS} nameservers`));
  }
  errors.push(...nameservers.flatMap((address, i) => validateIP(address, servers.index(i))));
  const domains = path.child("searches");
  if (searches.length > MOST_SEARCHES) {
    errors.push(fieldInvalid(domains, searches, `must not have more than ${MOST_SEARCHES} search paths`));
  }
  if (searches.join(" ").length > LONGEST_SEARCH_LIST) {
    const text = `must not have more than ${LONGEST_SEARCH_LIST} characters (including spaces) in the search list`;
    errors.push(fieldInvalid(domains, searches, text));
  }
  for (const [i, search] of searches.entries()) {
    const name = search === "." ? "" : search.replace(/\.$/, "");
    if (search !== ".") errors.push(...fieldInvalidEach(domains.index(i), name, dns1123SubdomainWithUnderscore(name)));
  }
  for (const [i, { name }] of options.entries()) {
    if (!name) errors.push(fieldRequired(path.child("options").index(i), "must not be empty"));
  }
  return errors;
}

/** A template as apps' kinds hold it. */
export function validatePodTemplateSpec(template: PodTemplateSpec, path: FieldPath): FieldError[] {
  const { metadata, spec } = template;
  const errors = [
    ...validateLabels(metadata?.labels, path.child("labels")),
    ...validateAnnotations(metadata?.annotations, path.child("annotations")),
    ...validatePodSpec(spec, undefined, path.child("spec")),
  ];
  if (spec.ephemeralContainers?.length) {
    const at = path.child("spec", "ephemeralContainers");
    errors.push(fieldForbidden(at, "ephemeral containers not allowed in pod template"));
  }
  return errors;
}

/** Annotation keys may have upper case where labels may not. */
function validateAnnotations(annotations: Record<string, string> | undefined, path: FieldPath): FieldError[] {
  return Object.keys(annotations ?? {})
    .sort()
    .flatMap((key) => fieldInvalidEach(path, key, qualifiedName(key.toLowerCase())));
}
