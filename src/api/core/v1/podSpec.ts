import { LabelSelector, ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, int32, int64, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { Affinity } from "./affinity.ts";
import { Container, EphemeralContainer, ResourceRequirements } from "./container.ts";
import { LocalObjectReference } from "./references.ts";
import { PodSecurityContext } from "./securityContext.ts";
import { Volume } from "./volumes.ts";

export const HostAlias = message("io.k8s.api.core.v1.HostAlias", {
  ip: string(1).always.required,
  hostnames: list(2, "string").atomicList,
});
export interface HostAlias extends Infer<typeof HostAlias> {}

export const Toleration = message("io.k8s.api.core.v1.Toleration", {
  key: string(1),
  operator: string(2).named("TolerationOperator"),
  value: string(3),
  effect: string(4).named("TaintEffect"),
  tolerationSeconds: int64(5).optional,
});
export interface Toleration extends Infer<typeof Toleration> {}

export const PodDNSConfigOption = message("io.k8s.api.core.v1.PodDNSConfigOption", {
  name: string(1),
  value: string(2).optional,
});
export interface PodDNSConfigOption extends Infer<typeof PodDNSConfigOption> {}

export const PodDNSConfig = message("io.k8s.api.core.v1.PodDNSConfig", {
  nameservers: list(1, "string").atomicList,
  searches: list(2, "string").atomicList,
  options: list(3, PodDNSConfigOption).atomicList,
});
export interface PodDNSConfig extends Infer<typeof PodDNSConfig> {}

export const PodReadinessGate = message("io.k8s.api.core.v1.PodReadinessGate", {
  conditionType: string(1).named("PodConditionType").always.required,
});
export interface PodReadinessGate extends Infer<typeof PodReadinessGate> {}

export const TopologySpreadConstraint = message("io.k8s.api.core.v1.TopologySpreadConstraint", {
  maxSkew: int32(1).always.required,
  topologyKey: string(2).always.required,
  whenUnsatisfiable: string(3).named("UnsatisfiableConstraintAction").always.required,
  labelSelector: struct(4, LabelSelector).optional,
  minDomains: int32(5).optional,
  nodeAffinityPolicy: string(6).named("NodeInclusionPolicy").optional,
  nodeTaintsPolicy: string(7).named("NodeInclusionPolicy").optional,
  matchLabelKeys: list(8, "string").atomicList,
});
export interface TopologySpreadConstraint extends Infer<typeof TopologySpreadConstraint> {}

export const PodOS = message("io.k8s.api.core.v1.PodOS", {
  name: string(1).named("OSName").always.required,
});
export interface PodOS extends Infer<typeof PodOS> {}

export const PodSchedulingGate = message("io.k8s.api.core.v1.PodSchedulingGate", {
  name: string(1).always.required,
});
export interface PodSchedulingGate extends Infer<typeof PodSchedulingGate> {}

export const PodResourceClaim = message("io.k8s.api.core.v1.PodResourceClaim", {
  name: string(1).always.required,
  resourceClaimName: string(3).optional,
  resourceClaimTemplateName: string(4).optional,
});
export interface PodResourceClaim extends Infer<typeof PodResourceClaim> {}

export const PodSchedulingGroup = message(
  "io.k8s.api.core.v1.PodSchedulingGroup",
  {
    podGroupName: string(1).optional,
  },
  { extensions: { "x-kubernetes-unions": [{ "fields-to-discriminateBy": { podGroupName: "PodGroupName" } }] } },
);
export interface PodSchedulingGroup extends Infer<typeof PodSchedulingGroup> {}

export const PodSpec = message("io.k8s.api.core.v1.PodSpec", {
  volumes: list(1, Volume).listMap("name").merge("name", "merge,retainKeys"),
  containers: list(2, Container).always.required.listMap("name").merge("name"),
  restartPolicy: string(3).named("RestartPolicy"),
  terminationGracePeriodSeconds: int64(4).optional,
  activeDeadlineSeconds: int64(5).optional,
  dnsPolicy: string(6).named("DNSPolicy"),
  nodeSelector: map(7, "string").atomicMap,
  serviceAccountName: string(8),
  serviceAccount: string(9),
  nodeName: string(10),
  hostNetwork: bool(11),
  hostPID: bool(12),
  hostIPC: bool(13),
  securityContext: struct(14, PodSecurityContext).optional,
  imagePullSecrets: list(15, LocalObjectReference).listMap("name").merge("name"),
  hostname: string(16),
  subdomain: string(17),
  affinity: struct(18, Affinity).optional,
  schedulerName: string(19),
  initContainers: list(20, Container).listMap("name").merge("name"),
  automountServiceAccountToken: bool(21).optional,
  tolerations: list(22, Toleration).atomicList,
  hostAliases: list(23, HostAlias).listMap("ip").merge("ip"),
  priorityClassName: string(24),
  priority: int32(25).optional,
  dnsConfig: struct(26, PodDNSConfig).optional,
  shareProcessNamespace: bool(27).optional,
  readinessGates: list(28, PodReadinessGate).atomicList,
  runtimeClassName: string(29).optional,
  enableServiceLinks: bool(30).optional,
  preemptionPolicy: string(31).named("PreemptionPolicy").optional,
  overhead: map(32, "quantity"),
  topologySpreadConstraints: list(33, TopologySpreadConstraint)
    .listMap("topologyKey", "whenUnsatisfiable")
    .merge("topologyKey"),
  ephemeralContainers: list(34, EphemeralContainer).listMap("name").merge("name"),
  setHostnameAsFQDN: bool(35).optional,
  os: struct(36, PodOS).optional,
  hostUsers: bool(37).optional,
  schedulingGates: list(38, PodSchedulingGate).listMap("name").merge("name"),
  resourceClaims: list(39, PodResourceClaim).listMap("name").merge("name", "merge,retainKeys"),
  resources: struct(40, ResourceRequirements).optional,
  hostnameOverride: string(41).optional,
  schedulingGroup: struct(43, PodSchedulingGroup).optional,
});
export interface PodSpec extends Infer<typeof PodSpec> {}

export const PodTemplateSpec = message("io.k8s.api.core.v1.PodTemplateSpec", {
  metadata: struct(1, ObjectMeta),
  spec: struct(2, PodSpec),
});
export interface PodTemplateSpec extends Infer<typeof PodTemplateSpec> {}
