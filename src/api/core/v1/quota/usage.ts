/** What one object uses of what a ResourceQuota counts, by the quota's own names for it. */
import type { Kind } from "../../../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../../../apimachinery/meta.ts";
import { parseQuantity, type Quantity } from "../../../../apimachinery/quantity.ts";
import { parseTime } from "../../../../apimachinery/time.ts";
import type { PersistentVolumeClaim } from "../persistentVolumeClaim.ts";
import type { Pod } from "../pod.ts";
import { isTerminal } from "../podPhase.ts";
import { type Amounts, podLimits, podRequests } from "../podResources.ts";
import type { Service } from "../service.ts";
import { isExtendedResource, isHugePages } from "../validation/resources.ts";

type CountedKind = Pick<Kind, "resource">;

const ONE = parseQuantity("1");
const STORAGE_CLASS = "storageclass.storage.k8s.io";
const OLD_STORAGE_CLASS = "volume.beta.kubernetes.io/storage-class";
const BARE = ["cpu", "memory", "ephemeral-storage"];

const countOf = ({ resource }: CountedKind) => `count/${resource}`;
const number = (value: number): Quantity => parseQuantity(String(value));

/** Those kinds that a quota also counts by their bare name. */
const BY_NAME = new Set(["configmaps", "secrets", "replicationcontrollers", "resourcequotas"]);

/** `now` in ms: a Pod that should have ended by then uses nothing any more. */
export function quotaUsage(kind: CountedKind, object: KubernetesObject, now: number): Amounts {
  const counted = { [countOf(kind)]: ONE };
  if (kind.resource === "pods") return { ...counted, ...podUsage(object as Pod, now) };
  if (kind.resource === "services") return { ...counted, ...serviceUsage(object as Service) };
  if (kind.resource === "persistentvolumeclaims") return { ...counted, ...claimUsage(object as PersistentVolumeClaim) };
  return BY_NAME.has(kind.resource) ? { ...counted, [kind.resource]: ONE } : counted;
}

/** Its containers have ended, or should have by now. */
function isOver(pod: Pod, now: number): boolean {
  const { metadata } = pod;
  if (isTerminal(pod)) return true;
  if (!metadata.deletionTimestamp || metadata.deletionGracePeriodSeconds === undefined) return false;
  return now > parseTime(metadata.deletionTimestamp) + metadata.deletionGracePeriodSeconds * 1000;
}

function podUsage(pod: Pod, now: number): Amounts {
  if (isOver(pod, now)) return {};
  const usage: Amounts = { pods: ONE };
  for (const [name, amount] of Object.entries(podRequests(pod.spec))) {
    if (BARE.includes(name) || isHugePages(name)) usage[name] = amount;
    if (BARE.includes(name) || isHugePages(name) || isExtendedResource(name)) usage[`requests.${name}`] = amount;
  }
  for (const [name, amount] of Object.entries(podLimits(pod.spec))) {
    if (BARE.includes(name)) usage[`limits.${name}`] = amount;
  }
  return usage;
}

function serviceUsage({ spec }: Service): Amounts {
  const { type, ports = [], allocateLoadBalancerNodePorts = true } = spec;
  const balanced = type === "LoadBalancer";
  const some = balanced && !allocateLoadBalancerNodePorts;
  const onNodes = type === "NodePort" || balanced ? ports.filter(({ nodePort }) => !some || nodePort).length : 0;
  return { services: ONE, "services.nodeports": number(onNodes), "services.loadbalancers": number(balanced ? 1 : 0) };
}

function claimUsage({ metadata, spec, status }: PersistentVolumeClaim): Amounts {
  const usage: Amounts = { persistentvolumeclaims: ONE };
  const storageClass = metadata.annotations?.[OLD_STORAGE_CLASS] ?? spec.storageClassName ?? "";
  if (storageClass) usage[`${storageClass}.${STORAGE_CLASS}/persistentvolumeclaims`] = ONE;
  const asked = spec.resources?.requests?.storage;
  if (asked === undefined) return usage;
  // one that is grown holds what it was given until it is known that it got no more
  const given = status?.allocatedResources?.storage;
  const [least, most] = [parseQuantity(asked), parseQuantity(given ?? asked)];
  const amount = most.compare(least) > 0 ? most : least;
  usage["requests.storage"] = amount;
  if (storageClass) usage[`${storageClass}.${STORAGE_CLASS}/requests.storage`] = amount;
  return usage;
}

const OF_PODS = new Set([...BARE, ...BARE.flatMap((name) => [`requests.${name}`, `limits.${name}`]), "pods"]);
const OF_SERVICES = new Set(["services", "services.nodeports", "services.loadbalancers"]);
const OF_CLAIMS = new Set(["persistentvolumeclaims", "requests.storage"]);

/** Whether a quota's `name` counts objects of this kind. */
export function isQuotaFor(kind: CountedKind, name: string): boolean {
  if (name === countOf(kind)) return true;
  if (kind.resource === "pods") {
    const asked = name.startsWith("requests.") ? name.slice("requests.".length) : undefined;
    return OF_PODS.has(name) || isHugePages(asked ?? name) || (asked !== undefined && isExtendedResource(asked));
  }
  if (kind.resource === "services") return OF_SERVICES.has(name);
  if (kind.resource === "persistentvolumeclaims") return OF_CLAIMS.has(name) || name.includes(`.${STORAGE_CLASS}/`);
  return BY_NAME.has(kind.resource) && name === kind.resource;
}
