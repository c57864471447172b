import { bool, type Infer, inline, int32, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { EnvFromSource, EnvVar } from "./env.ts";
import { Lifecycle, Probe } from "./probes.ts";
import { SecurityContext } from "./securityContext.ts";

export const ContainerPort = message("io.k8s.api.core.v1.ContainerPort", {
  name: string(1),
  hostPort: int32(2),
  containerPort: int32(3).always.required,
  protocol: string(4).named("Protocol").default("TCP"),
  hostIP: string(5),
});
export interface ContainerPort extends Infer<typeof ContainerPort> {}

export const ResourceClaim = message("io.k8s.api.core.v1.ResourceClaim", {
  name: string(1).always.required,
  request: string(2),
});
export interface ResourceClaim extends Infer<typeof ResourceClaim> {}

export const ResourceRequirements = message("io.k8s.api.core.v1.ResourceRequirements", {
  limits: map(1, "quantity"),
  requests: map(2, "quantity"),
  claims: list(3, ResourceClaim).listMap("name"),
});
export interface ResourceRequirements extends Infer<typeof ResourceRequirements> {}

export const VolumeMount = message("io.k8s.api.core.v1.VolumeMount", {
  name: string(1).always.required,
  readOnly: bool(2),
  mountPath: string(3).always.required,
  subPath: string(4),
  mountPropagation: string(5).named("MountPropagationMode").optional,
  subPathExpr: string(6),
  recursiveReadOnly: string(7).named("RecursiveReadOnlyMode").optional,
});
export interface VolumeMount extends Infer<typeof VolumeMount> {}

export const VolumeDevice = message("io.k8s.api.core.v1.VolumeDevice", {
  name: string(1).always.required,
  devicePath: string(2).always.required,
});
export interface VolumeDevice extends Infer<typeof VolumeDevice> {}

export const ContainerResizePolicy = message("io.k8s.api.core.v1.ContainerResizePolicy", {
  resourceName: string(1).named("ResourceName").always.required,
  restartPolicy: string(2).named("ResourceResizeRestartPolicy").always.required,
});
export interface ContainerResizePolicy extends Infer<typeof ContainerResizePolicy> {}

export const ContainerRestartRuleOnExitCodes = message("io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes", {
  operator: string(1).named("ContainerRestartRuleOnExitCodesOperator").required,
  values: list(2, "int32").listSet,
});
export interface ContainerRestartRuleOnExitCodes extends Infer<typeof ContainerRestartRuleOnExitCodes> {}

export const ContainerRestartRule = message("io.k8s.api.core.v1.ContainerRestartRule", {
  action: string(1).named("ContainerRestartRuleAction").required,
  exitCodes: struct(2, ContainerRestartRuleOnExitCodes).optional,
});
export interface ContainerRestartRule extends Infer<typeof ContainerRestartRule> {}

export const Container = message("io.k8s.api.core.v1.Container", {
  name: string(1).always.required,
  image: string(2),
  command: list(3, "string").atomicList,
  args: list(4, "string").atomicList,
  workingDir: string(5),
  ports: list(6, ContainerPort).listMap("containerPort", "protocol").merge("containerPort"),
  env: list(7, EnvVar).listMap("name").merge("name"),
  resources: struct(8, ResourceRequirements),
  volumeMounts: list(9, VolumeMount).listMap("mountPath").merge("mountPath"),
  livenessProbe: struct(10, Probe).optional,
  readinessProbe: struct(11, Probe).optional,
  lifecycle: struct(12, Lifecycle).optional,
  terminationMessagePath: string(13),
  imagePullPolicy: string(14).named("PullPolicy"),
  securityContext: struct(15, SecurityContext).optional,
  stdin: bool(16),
  stdinOnce: bool(17),
  tty: bool(18),
  envFrom: list(19, EnvFromSource).atomicList,
  terminationMessagePolicy: string(20).named("TerminationMessagePolicy"),
  volumeDevices: list(21, VolumeDevice).listMap("devicePath").merge("devicePath"),
  startupProbe: struct(22, Probe).optional,
  resizePolicy: list(23, ContainerResizePolicy).atomicList,
  restartPolicy: string(24).named("ContainerRestartPolicy").optional,
  restartPolicyRules: list(25, ContainerRestartRule).atomicList,
});
export interface Container extends Infer<typeof Container> {}

export const EphemeralContainerCommon = message("io.k8s.api.core.v1.EphemeralContainerCommon", {
  name: string(1).always.required,
  image: string(2),
  command: list(3, "string").atomicList,
  args: list(4, "string").atomicList,
  workingDir: string(5),
  ports: list(6, ContainerPort).listMap("containerPort", "protocol").merge("containerPort"),
  env: list(7, EnvVar).listMap("name").merge("name"),
  resources: struct(8, ResourceRequirements),
  volumeMounts: list(9, VolumeMount).listMap("mountPath").merge("mountPath"),
  livenessProbe: struct(10, Probe).optional,
  readinessProbe: struct(11, Probe).optional,
  lifecycle: struct(12, Lifecycle).optional,
  terminationMessagePath: string(13),
  imagePullPolicy: string(14).named("PullPolicy"),
  securityContext: struct(15, SecurityContext).optional,
  stdin: bool(16),
  stdinOnce: bool(17),
  tty: bool(18),
  envFrom: list(19, EnvFromSource).atomicList,
  terminationMessagePolicy: string(20).named("TerminationMessagePolicy"),
  volumeDevices: list(21, VolumeDevice).listMap("devicePath").merge("devicePath"),
  startupProbe: struct(22, Probe).optional,
  resizePolicy: list(23, ContainerResizePolicy).atomicList,
  restartPolicy: string(24).named("ContainerRestartPolicy").optional,
  restartPolicyRules: list(25, ContainerRestartRule).atomicList,
});
export interface EphemeralContainerCommon extends Infer<typeof EphemeralContainerCommon> {}

export const EphemeralContainer = message("io.k8s.api.core.v1.EphemeralContainer", {
  ephemeralContainerCommon: inline(1, EphemeralContainerCommon),
  targetContainerName: string(2),
});
export interface EphemeralContainer extends Infer<typeof EphemeralContainer> {}
