import { Condition, LabelSelector, ObjectMeta } from "../../../apimachinery/meta.ts";
import {
  bool,
  type Infer,
  inline,
  int32,
  int64,
  intOrString,
  list,
  map,
  message,
  microTime,
  quantity,
  string,
  struct,
  time,
} from "../../../apimachinery/schema.ts";

export const AWSElasticBlockStoreVolumeSource = message("io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource", {
  volumeID: string(1).always.required,
  fsType: string(2),
  partition: int32(3).optional,
  readOnly: bool(4),
});
export interface AWSElasticBlockStoreVolumeSource extends Infer<typeof AWSElasticBlockStoreVolumeSource> {}

export const NodeSelectorRequirement = message("io.k8s.api.core.v1.NodeSelectorRequirement", {
  key: string(1).always.required,
  operator: string(2).always.required,
  values: list(3, "string").atomicList,
});
export interface NodeSelectorRequirement extends Infer<typeof NodeSelectorRequirement> {}

export const NodeSelectorTerm = message(
  "io.k8s.api.core.v1.NodeSelectorTerm",
  {
    matchExpressions: list(1, NodeSelectorRequirement).atomicList,
    matchFields: list(2, NodeSelectorRequirement).atomicList,
  },
  { mapType: "atomic" },
);
export interface NodeSelectorTerm extends Infer<typeof NodeSelectorTerm> {}

export const NodeSelector = message(
  "io.k8s.api.core.v1.NodeSelector",
  {
    nodeSelectorTerms: list(1, NodeSelectorTerm).always.required.atomicList,
  },
  { mapType: "atomic" },
);
export interface NodeSelector extends Infer<typeof NodeSelector> {}

export const PreferredSchedulingTerm = message("io.k8s.api.core.v1.PreferredSchedulingTerm", {
  weight: int32(1).always.required,
  preference: struct(2, NodeSelectorTerm).required,
});
export interface PreferredSchedulingTerm extends Infer<typeof PreferredSchedulingTerm> {}

export const NodeAffinity = message("io.k8s.api.core.v1.NodeAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: struct(1, NodeSelector).optional,
  preferredDuringSchedulingIgnoredDuringExecution: list(2, PreferredSchedulingTerm).atomicList,
});
export interface NodeAffinity extends Infer<typeof NodeAffinity> {}

export const PodAffinityTerm = message("io.k8s.api.core.v1.PodAffinityTerm", {
  labelSelector: struct(1, LabelSelector).optional,
  namespaces: list(2, "string").atomicList,
  topologyKey: string(3).always.required,
  namespaceSelector: struct(4, LabelSelector).optional,
  matchLabelKeys: list(5, "string").atomicList,
  mismatchLabelKeys: list(6, "string").atomicList,
});
export interface PodAffinityTerm extends Infer<typeof PodAffinityTerm> {}

export const WeightedPodAffinityTerm = message("io.k8s.api.core.v1.WeightedPodAffinityTerm", {
  weight: int32(1).always.required,
  podAffinityTerm: struct(2, PodAffinityTerm).required,
});
export interface WeightedPodAffinityTerm extends Infer<typeof WeightedPodAffinityTerm> {}

export const PodAffinity = message("io.k8s.api.core.v1.PodAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: list(1, PodAffinityTerm).atomicList,
  preferredDuringSchedulingIgnoredDuringExecution: list(2, WeightedPodAffinityTerm).atomicList,
});
export interface PodAffinity extends Infer<typeof PodAffinity> {}

export const PodAntiAffinity = message("io.k8s.api.core.v1.PodAntiAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: list(1, PodAffinityTerm).atomicList,
  preferredDuringSchedulingIgnoredDuringExecution: list(2, WeightedPodAffinityTerm).atomicList,
});
export interface PodAntiAffinity extends Infer<typeof PodAntiAffinity> {}

export const Affinity = message("io.k8s.api.core.v1.Affinity", {
  nodeAffinity: struct(1, NodeAffinity).optional,
  podAffinity: struct(2, PodAffinity).optional,
  podAntiAffinity: struct(3, PodAntiAffinity).optional,
});
export interface Affinity extends Infer<typeof Affinity> {}

export const AppArmorProfile = message(
  "io.k8s.api.core.v1.AppArmorProfile",
  {
    type: string(1).always.required,
    localhostProfile: string(2).optional,
  },
  {
    extensions: {
      "x-kubernetes-unions": [
        { discriminator: "type", "fields-to-discriminateBy": { localhostProfile: "LocalhostProfile" } },
      ],
    },
  },
);
export interface AppArmorProfile extends Infer<typeof AppArmorProfile> {}

export const AttachedVolume = message("io.k8s.api.core.v1.AttachedVolume", {
  name: string(1).always.required,
  devicePath: string(2).always.required,
});
export interface AttachedVolume extends Infer<typeof AttachedVolume> {}

export const AzureDiskVolumeSource = message("io.k8s.api.core.v1.AzureDiskVolumeSource", {
  diskName: string(1).always.required,
  diskURI: string(2).always.required,
  cachingMode: string(3),
  fsType: string(4),
  readOnly: bool(5),
  kind: string(6),
});
export interface AzureDiskVolumeSource extends Infer<typeof AzureDiskVolumeSource> {}

export const AzureFileVolumeSource = message("io.k8s.api.core.v1.AzureFileVolumeSource", {
  secretName: string(1).always.required,
  shareName: string(2).always.required,
  readOnly: bool(3),
});
export interface AzureFileVolumeSource extends Infer<typeof AzureFileVolumeSource> {}

export const ObjectReference = message(
  "io.k8s.api.core.v1.ObjectReference",
  {
    kind: string(1),
    namespace: string(2),
    name: string(3),
    uid: string(4),
    apiVersion: string(5),
    resourceVersion: string(6),
    fieldPath: string(7),
  },
  { mapType: "atomic" },
);
export interface ObjectReference extends Infer<typeof ObjectReference> {}

export const LocalObjectReference = message(
  "io.k8s.api.core.v1.LocalObjectReference",
  {
    name: string(1),
  },
  { mapType: "atomic" },
);
export interface LocalObjectReference extends Infer<typeof LocalObjectReference> {}

export const CSIVolumeSource = message("io.k8s.api.core.v1.CSIVolumeSource", {
  driver: string(1).always.required,
  readOnly: bool(2),
  fsType: string(3),
  volumeAttributes: map(4, "string"),
  nodePublishSecretRef: struct(5, LocalObjectReference).optional,
});
export interface CSIVolumeSource extends Infer<typeof CSIVolumeSource> {}

export const Capabilities = message("io.k8s.api.core.v1.Capabilities", {
  add: list(1, "string").atomicList,
  drop: list(2, "string").atomicList,
});
export interface Capabilities extends Infer<typeof Capabilities> {}

export const CephFSVolumeSource = message("io.k8s.api.core.v1.CephFSVolumeSource", {
  monitors: list(1, "string").always.required.atomicList,
  path: string(2),
  user: string(3),
  secretFile: string(4),
  secretRef: struct(5, LocalObjectReference).optional,
  readOnly: bool(6),
});
export interface CephFSVolumeSource extends Infer<typeof CephFSVolumeSource> {}

export const CinderVolumeSource = message("io.k8s.api.core.v1.CinderVolumeSource", {
  volumeID: string(1).always.required,
  fsType: string(2),
  readOnly: bool(3),
  secretRef: struct(4, LocalObjectReference).optional,
});
export interface CinderVolumeSource extends Infer<typeof CinderVolumeSource> {}

export const ClientIPConfig = message("io.k8s.api.core.v1.ClientIPConfig", {
  timeoutSeconds: int32(1),
});
export interface ClientIPConfig extends Infer<typeof ClientIPConfig> {}

export const ClusterTrustBundleProjection = message("io.k8s.api.core.v1.ClusterTrustBundleProjection", {
  name: string(1),
  signerName: string(2),
  labelSelector: struct(3, LabelSelector).optional,
  path: string(4).always.required,
  optional: bool(5).optional,
});
export interface ClusterTrustBundleProjection extends Infer<typeof ClusterTrustBundleProjection> {}

export const ConfigMapEnvSource = message("io.k8s.api.core.v1.ConfigMapEnvSource", {
  localObjectReference: inline(1, LocalObjectReference),
  optional: bool(2).optional,
});
export interface ConfigMapEnvSource extends Infer<typeof ConfigMapEnvSource> {}

export const ConfigMapKeySelector = message(
  "io.k8s.api.core.v1.ConfigMapKeySelector",
  {
    localObjectReference: inline(1, LocalObjectReference),
    key: string(2).always.required,
    optional: bool(3).optional,
  },
  { mapType: "atomic" },
);
export interface ConfigMapKeySelector extends Infer<typeof ConfigMapKeySelector> {}

export const ConfigMapNodeConfigSource = message("io.k8s.api.core.v1.ConfigMapNodeConfigSource", {
  namespace: string(1).always.required,
  name: string(2).always.required,
  uid: string(3),
  resourceVersion: string(4),
  kubeletConfigKey: string(5).always.required,
});
export interface ConfigMapNodeConfigSource extends Infer<typeof ConfigMapNodeConfigSource> {}

export const KeyToPath = message("io.k8s.api.core.v1.KeyToPath", {
  key: string(1).always.required,
  path: string(2).always.required,
  mode: int32(3).optional,
});
export interface KeyToPath extends Infer<typeof KeyToPath> {}

export const ConfigMapProjection = message("io.k8s.api.core.v1.ConfigMapProjection", {
  localObjectReference: inline(1, LocalObjectReference),
  items: list(2, KeyToPath).atomicList,
  optional: bool(4).optional,
});
export interface ConfigMapProjection extends Infer<typeof ConfigMapProjection> {}

export const ConfigMapVolumeSource = message("io.k8s.api.core.v1.ConfigMapVolumeSource", {
  localObjectReference: inline(1, LocalObjectReference),
  items: list(2, KeyToPath).atomicList,
  defaultMode: int32(3).optional,
  optional: bool(4).optional,
});
export interface ConfigMapVolumeSource extends Infer<typeof ConfigMapVolumeSource> {}

export const ContainerPort = message("io.k8s.api.core.v1.ContainerPort", {
  name: string(1),
  hostPort: int32(2),
  containerPort: int32(3).always.required,
  protocol: string(4),
  hostIP: string(5),
});
export interface ContainerPort extends Infer<typeof ContainerPort> {}

export const ObjectFieldSelector = message(
  "io.k8s.api.core.v1.ObjectFieldSelector",
  {
    apiVersion: string(1),
    fieldPath: string(2).always.required,
  },
  { mapType: "atomic" },
);
export interface ObjectFieldSelector extends Infer<typeof ObjectFieldSelector> {}

export const ResourceFieldSelector = message(
  "io.k8s.api.core.v1.ResourceFieldSelector",
  {
    containerName: string(1),
    resource: string(2).always.required,
    divisor: quantity(3).optional,
  },
  { mapType: "atomic" },
);
export interface ResourceFieldSelector extends Infer<typeof ResourceFieldSelector> {}

export const SecretKeySelector = message(
  "io.k8s.api.core.v1.SecretKeySelector",
  {
    localObjectReference: inline(1, LocalObjectReference),
    key: string(2).always.required,
    optional: bool(3).optional,
  },
  { mapType: "atomic" },
);
export interface SecretKeySelector extends Infer<typeof SecretKeySelector> {}

export const FileKeySelector = message(
  "io.k8s.api.core.v1.FileKeySelector",
  {
    volumeName: string(1).always.required,
    path: string(2).always.required,
    key: string(3).always.required,
    optional: bool(4).optional,
  },
  { mapType: "atomic" },
);
export interface FileKeySelector extends Infer<typeof FileKeySelector> {}

export const EnvVarSource = message("io.k8s.api.core.v1.EnvVarSource", {
  fieldRef: struct(1, ObjectFieldSelector).optional,
  resourceFieldRef: struct(2, ResourceFieldSelector).optional,
  configMapKeyRef: struct(3, ConfigMapKeySelector).optional,
  secretKeyRef: struct(4, SecretKeySelector).optional,
  fileKeyRef: struct(5, FileKeySelector).optional,
});
export interface EnvVarSource extends Infer<typeof EnvVarSource> {}

export const EnvVar = message("io.k8s.api.core.v1.EnvVar", {
  name: string(1).always.required,
  value: string(2),
  valueFrom: struct(3, EnvVarSource).optional,
});
export interface EnvVar extends Infer<typeof EnvVar> {}

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
  mountPropagation: string(5).optional,
  subPathExpr: string(6),
  recursiveReadOnly: string(7).optional,
});
export interface VolumeMount extends Infer<typeof VolumeMount> {}

export const ExecAction = message("io.k8s.api.core.v1.ExecAction", {
  command: list(1, "string").atomicList,
});
export interface ExecAction extends Infer<typeof ExecAction> {}

export const HTTPHeader = message("io.k8s.api.core.v1.HTTPHeader", {
  name: string(1).always.required,
  value: string(2).always.required,
});
export interface HTTPHeader extends Infer<typeof HTTPHeader> {}

export const HTTPGetAction = message("io.k8s.api.core.v1.HTTPGetAction", {
  path: string(1),
  port: intOrString(2).always.required,
  host: string(3),
  scheme: string(4),
  httpHeaders: list(5, HTTPHeader).atomicList,
});
export interface HTTPGetAction extends Infer<typeof HTTPGetAction> {}

export const TCPSocketAction = message("io.k8s.api.core.v1.TCPSocketAction", {
  port: intOrString(1).always.required,
  host: string(2),
});
export interface TCPSocketAction extends Infer<typeof TCPSocketAction> {}

export const GRPCAction = message("io.k8s.api.core.v1.GRPCAction", {
  port: int32(1).always.required,
  service: string(2).optional,
});
export interface GRPCAction extends Infer<typeof GRPCAction> {}

export const ProbeHandler = message("io.k8s.api.core.v1.ProbeHandler", {
  exec: struct(1, ExecAction).optional,
  httpGet: struct(2, HTTPGetAction).optional,
  tcpSocket: struct(3, TCPSocketAction).optional,
  grpc: struct(4, GRPCAction).optional,
});
export interface ProbeHandler extends Infer<typeof ProbeHandler> {}

export const Probe = message("io.k8s.api.core.v1.Probe", {
  handler: inline(1, ProbeHandler),
  initialDelaySeconds: int32(2),
  timeoutSeconds: int32(3),
  periodSeconds: int32(4),
  successThreshold: int32(5),
  failureThreshold: int32(6),
  terminationGracePeriodSeconds: int64(7).optional,
});
export interface Probe extends Infer<typeof Probe> {}

export const SleepAction = message("io.k8s.api.core.v1.SleepAction", {
  seconds: int64(1).always.required,
});
export interface SleepAction extends Infer<typeof SleepAction> {}

export const LifecycleHandler = message("io.k8s.api.core.v1.LifecycleHandler", {
  exec: struct(1, ExecAction).optional,
  httpGet: struct(2, HTTPGetAction).optional,
  tcpSocket: struct(3, TCPSocketAction).optional,
  sleep: struct(4, SleepAction).optional,
});
export interface LifecycleHandler extends Infer<typeof LifecycleHandler> {}

export const Lifecycle = message("io.k8s.api.core.v1.Lifecycle", {
  postStart: struct(1, LifecycleHandler).optional,
  preStop: struct(2, LifecycleHandler).optional,
  stopSignal: string(3).optional,
});
export interface Lifecycle extends Infer<typeof Lifecycle> {}

export const SELinuxOptions = message("io.k8s.api.core.v1.SELinuxOptions", {
  user: string(1),
  role: string(2),
  type: string(3),
  level: string(4),
});
export interface SELinuxOptions extends Infer<typeof SELinuxOptions> {}

export const WindowsSecurityContextOptions = message("io.k8s.api.core.v1.WindowsSecurityContextOptions", {
  gmsaCredentialSpecName: string(1).optional,
  gmsaCredentialSpec: string(2).optional,
  runAsUserName: string(3).optional,
  hostProcess: bool(4).optional,
});
export interface WindowsSecurityContextOptions extends Infer<typeof WindowsSecurityContextOptions> {}

export const SeccompProfile = message(
  "io.k8s.api.core.v1.SeccompProfile",
  {
    type: string(1).always.required,
    localhostProfile: string(2).optional,
  },
  {
    extensions: {
      "x-kubernetes-unions": [
        { discriminator: "type", "fields-to-discriminateBy": { localhostProfile: "LocalhostProfile" } },
      ],
    },
  },
);
export interface SeccompProfile extends Infer<typeof SeccompProfile> {}

export const SecurityContext = message("io.k8s.api.core.v1.SecurityContext", {
  capabilities: struct(1, Capabilities).optional,
  privileged: bool(2).optional,
  seLinuxOptions: struct(3, SELinuxOptions).optional,
  runAsUser: int64(4).optional,
  runAsNonRoot: bool(5).optional,
  readOnlyRootFilesystem: bool(6).optional,
  allowPrivilegeEscalation: bool(7).optional,
  runAsGroup: int64(8).optional,
  procMount: string(9).optional,
  windowsOptions: struct(10, WindowsSecurityContextOptions).optional,
  seccompProfile: struct(11, SeccompProfile).optional,
  appArmorProfile: struct(12, AppArmorProfile).optional,
});
export interface SecurityContext extends Infer<typeof SecurityContext> {}

export const SecretEnvSource = message("io.k8s.api.core.v1.SecretEnvSource", {
  localObjectReference: inline(1, LocalObjectReference),
  optional: bool(2).optional,
});
export interface SecretEnvSource extends Infer<typeof SecretEnvSource> {}

export const EnvFromSource = message("io.k8s.api.core.v1.EnvFromSource", {
  prefix: string(1),
  configMapRef: struct(2, ConfigMapEnvSource).optional,
  secretRef: struct(3, SecretEnvSource).optional,
});
export interface EnvFromSource extends Infer<typeof EnvFromSource> {}

export const VolumeDevice = message("io.k8s.api.core.v1.VolumeDevice", {
  name: string(1).always.required,
  devicePath: string(2).always.required,
});
export interface VolumeDevice extends Infer<typeof VolumeDevice> {}

export const ContainerResizePolicy = message("io.k8s.api.core.v1.ContainerResizePolicy", {
  resourceName: string(1).always.required,
  restartPolicy: string(2).always.required,
});
export interface ContainerResizePolicy extends Infer<typeof ContainerResizePolicy> {}

export const ContainerRestartRuleOnExitCodes = message("io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes", {
  operator: string(1).always.required,
  values: list(2, "int32").listSet,
});
export interface ContainerRestartRuleOnExitCodes extends Infer<typeof ContainerRestartRuleOnExitCodes> {}

export const ContainerRestartRule = message("io.k8s.api.core.v1.ContainerRestartRule", {
  action: string(1).always.required,
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
  imagePullPolicy: string(14),
  securityContext: struct(15, SecurityContext).optional,
  stdin: bool(16),
  stdinOnce: bool(17),
  tty: bool(18),
  envFrom: list(19, EnvFromSource).atomicList,
  terminationMessagePolicy: string(20),
  volumeDevices: list(21, VolumeDevice).listMap("devicePath").merge("devicePath"),
  startupProbe: struct(22, Probe).optional,
  resizePolicy: list(23, ContainerResizePolicy).atomicList,
  restartPolicy: string(24),
  restartPolicyRules: list(25, ContainerRestartRule).atomicList,
});
export interface Container extends Infer<typeof Container> {}

export const ContainerExtendedResourceRequest = message("io.k8s.api.core.v1.ContainerExtendedResourceRequest", {
  containerName: string(1).always.required,
  resourceName: string(2).always.required,
  requestName: string(3).always.required,
});
export interface ContainerExtendedResourceRequest extends Infer<typeof ContainerExtendedResourceRequest> {}

export const ContainerImage = message("io.k8s.api.core.v1.ContainerImage", {
  names: list(1, "string").atomicList,
  sizeBytes: int64(2),
});
export interface ContainerImage extends Infer<typeof ContainerImage> {}

export const ContainerStateWaiting = message("io.k8s.api.core.v1.ContainerStateWaiting", {
  reason: string(1),
  message: string(2),
});
export interface ContainerStateWaiting extends Infer<typeof ContainerStateWaiting> {}

export const ContainerStateRunning = message("io.k8s.api.core.v1.ContainerStateRunning", {
  startedAt: time(1).optional,
});
export interface ContainerStateRunning extends Infer<typeof ContainerStateRunning> {}

export const ContainerStateTerminated = message("io.k8s.api.core.v1.ContainerStateTerminated", {
  exitCode: int32(1).always.required,
  signal: int32(2),
  reason: string(3),
  message: string(4),
  startedAt: time(5).optional,
  finishedAt: time(6).optional,
  containerID: string(7),
});
export interface ContainerStateTerminated extends Infer<typeof ContainerStateTerminated> {}

export const ContainerState = message("io.k8s.api.core.v1.ContainerState", {
  waiting: struct(1, ContainerStateWaiting).optional,
  running: struct(2, ContainerStateRunning).optional,
  terminated: struct(3, ContainerStateTerminated).optional,
});
export interface ContainerState extends Infer<typeof ContainerState> {}

export const ImageVolumeStatus = message("io.k8s.api.core.v1.ImageVolumeStatus", {
  imageRef: string(1).always.required,
});
export interface ImageVolumeStatus extends Infer<typeof ImageVolumeStatus> {}

export const VolumeStatus = message("io.k8s.api.core.v1.VolumeStatus", {
  image: struct(1, ImageVolumeStatus).optional,
});
export interface VolumeStatus extends Infer<typeof VolumeStatus> {}

export const VolumeMountStatus = message("io.k8s.api.core.v1.VolumeMountStatus", {
  name: string(1).always.required,
  mountPath: string(2).always.required,
  readOnly: bool(3),
  recursiveReadOnly: string(4).optional,
  volumeStatus: struct(5, VolumeStatus).optional,
});
export interface VolumeMountStatus extends Infer<typeof VolumeMountStatus> {}

export const LinuxContainerUser = message("io.k8s.api.core.v1.LinuxContainerUser", {
  uid: int64(1).always.required,
  gid: int64(2).always.required,
  supplementalGroups: list(3, "int64").atomicList,
});
export interface LinuxContainerUser extends Infer<typeof LinuxContainerUser> {}

export const ContainerUser = message("io.k8s.api.core.v1.ContainerUser", {
  linux: struct(1, LinuxContainerUser).optional,
});
export interface ContainerUser extends Infer<typeof ContainerUser> {}

export const ResourceHealth = message("io.k8s.api.core.v1.ResourceHealth", {
  resourceID: string(1).always.required,
  health: string(2),
  message: string(6),
});
export interface ResourceHealth extends Infer<typeof ResourceHealth> {}

export const ResourceStatus = message("io.k8s.api.core.v1.ResourceStatus", {
  name: string(1).always.required,
  resources: list(2, ResourceHealth).listMap("resourceID"),
});
export interface ResourceStatus extends Infer<typeof ResourceStatus> {}

export const ContainerStatus = message("io.k8s.api.core.v1.ContainerStatus", {
  name: string(1).always.required,
  state: struct(2, ContainerState),
  lastState: struct(3, ContainerState),
  ready: bool(4).always.required,
  restartCount: int32(5).always.required,
  image: string(6).always.required,
  imageID: string(7).always.required,
  containerID: string(8),
  started: bool(9).optional,
  allocatedResources: map(10, "quantity"),
  resources: struct(11, ResourceRequirements),
  volumeMounts: list(12, VolumeMountStatus).listMap("mountPath").merge("mountPath"),
  user: struct(13, ContainerUser).optional,
  allocatedResourcesStatus: list(14, ResourceStatus).listMap("name").merge("name"),
  stopSignal: string(15).optional,
});
export interface ContainerStatus extends Infer<typeof ContainerStatus> {}

export const DaemonEndpoint = message("io.k8s.api.core.v1.DaemonEndpoint", {
  Port: int32(1).always.required,
});
export interface DaemonEndpoint extends Infer<typeof DaemonEndpoint> {}

export const DownwardAPIVolumeFile = message("io.k8s.api.core.v1.DownwardAPIVolumeFile", {
  path: string(1).always.required,
  fieldRef: struct(2, ObjectFieldSelector).optional,
  resourceFieldRef: struct(3, ResourceFieldSelector).optional,
  mode: int32(4).optional,
});
export interface DownwardAPIVolumeFile extends Infer<typeof DownwardAPIVolumeFile> {}

export const DownwardAPIProjection = message("io.k8s.api.core.v1.DownwardAPIProjection", {
  items: list(1, DownwardAPIVolumeFile).atomicList,
});
export interface DownwardAPIProjection extends Infer<typeof DownwardAPIProjection> {}

export const DownwardAPIVolumeSource = message("io.k8s.api.core.v1.DownwardAPIVolumeSource", {
  items: list(1, DownwardAPIVolumeFile).atomicList,
  defaultMode: int32(2).optional,
});
export interface DownwardAPIVolumeSource extends Infer<typeof DownwardAPIVolumeSource> {}

export const EmptyDirVolumeSource = message("io.k8s.api.core.v1.EmptyDirVolumeSource", {
  medium: string(1),
  sizeLimit: quantity(2).optional,
});
export interface EmptyDirVolumeSource extends Infer<typeof EmptyDirVolumeSource> {}

export const EndpointAddress = message(
  "io.k8s.api.core.v1.EndpointAddress",
  {
    ip: string(1).always.required,
    targetRef: struct(2, ObjectReference).optional,
    hostname: string(3),
    nodeName: string(4),
  },
  { mapType: "atomic" },
);
export interface EndpointAddress extends Infer<typeof EndpointAddress> {}

export const EndpointPort = message(
  "io.k8s.api.core.v1.EndpointPort",
  {
    name: string(1),
    port: int32(2).always.required,
    protocol: string(3),
    appProtocol: string(4).optional,
  },
  { mapType: "atomic" },
);
export interface EndpointPort extends Infer<typeof EndpointPort> {}

export const EndpointSubset = message("io.k8s.api.core.v1.EndpointSubset", {
  addresses: list(1, EndpointAddress).atomicList,
  notReadyAddresses: list(2, EndpointAddress).atomicList,
  ports: list(3, EndpointPort).atomicList,
});
export interface EndpointSubset extends Infer<typeof EndpointSubset> {}

export const EphemeralContainerCommon = message("io.k8s.api.core.v1.EphemeralContainerCommon", {
  name: string(1),
  image: string(2),
  command: list(3, "string"),
  args: list(4, "string"),
  workingDir: string(5),
  ports: list(6, ContainerPort),
  env: list(7, EnvVar),
  resources: struct(8, ResourceRequirements),
  volumeMounts: list(9, VolumeMount),
  livenessProbe: struct(10, Probe).optional,
  readinessProbe: struct(11, Probe).optional,
  lifecycle: struct(12, Lifecycle).optional,
  terminationMessagePath: string(13),
  imagePullPolicy: string(14),
  securityContext: struct(15, SecurityContext).optional,
  stdin: bool(16),
  stdinOnce: bool(17),
  tty: bool(18),
  envFrom: list(19, EnvFromSource),
  terminationMessagePolicy: string(20),
  volumeDevices: list(21, VolumeDevice),
  startupProbe: struct(22, Probe).optional,
  resizePolicy: list(23, ContainerResizePolicy),
  restartPolicy: string(24),
  restartPolicyRules: list(25, ContainerRestartRule),
});
export interface EphemeralContainerCommon extends Infer<typeof EphemeralContainerCommon> {}

export const EphemeralContainer = message("io.k8s.api.core.v1.EphemeralContainer", {
  ephemeralContainerCommon: inline(1, EphemeralContainerCommon),
  targetContainerName: string(2),
});
export interface EphemeralContainer extends Infer<typeof EphemeralContainer> {}

export const VolumeResourceRequirements = message("io.k8s.api.core.v1.VolumeResourceRequirements", {
  limits: map(1, "quantity"),
  requests: map(2, "quantity"),
});
export interface VolumeResourceRequirements extends Infer<typeof VolumeResourceRequirements> {}

export const TypedLocalObjectReference = message(
  "io.k8s.api.core.v1.TypedLocalObjectReference",
  {
    apiGroup: string(1),
    kind: string(2).always.required,
    name: string(3).always.required,
  },
  { mapType: "atomic" },
);
export interface TypedLocalObjectReference extends Infer<typeof TypedLocalObjectReference> {}

export const TypedObjectReference = message("io.k8s.api.core.v1.TypedObjectReference", {
  apiGroup: string(1),
  kind: string(2).always.required,
  name: string(3).always.required,
  namespace: string(4),
});
export interface TypedObjectReference extends Infer<typeof TypedObjectReference> {}

export const PersistentVolumeClaimSpec = message("io.k8s.api.core.v1.PersistentVolumeClaimSpec", {
  accessModes: list(1, "string").atomicList,
  resources: struct(2, VolumeResourceRequirements),
  volumeName: string(3),
  selector: struct(4, LabelSelector).optional,
  storageClassName: string(5).optional,
  volumeMode: string(6).optional,
  dataSource: struct(7, TypedLocalObjectReference).optional,
  dataSourceRef: struct(8, TypedObjectReference).optional,
  volumeAttributesClassName: string(9),
});
export interface PersistentVolumeClaimSpec extends Infer<typeof PersistentVolumeClaimSpec> {}

export const PersistentVolumeClaimTemplate = message("io.k8s.api.core.v1.PersistentVolumeClaimTemplate", {
  metadata: struct(1, ObjectMeta),
  spec: struct(2, PersistentVolumeClaimSpec).required,
});
export interface PersistentVolumeClaimTemplate extends Infer<typeof PersistentVolumeClaimTemplate> {}

export const EphemeralVolumeSource = message("io.k8s.api.core.v1.EphemeralVolumeSource", {
  volumeClaimTemplate: struct(1, PersistentVolumeClaimTemplate).optional,
});
export interface EphemeralVolumeSource extends Infer<typeof EphemeralVolumeSource> {}

export const EventSource = message("io.k8s.api.core.v1.EventSource", {
  component: string(1),
  host: string(2),
});
export interface EventSource extends Infer<typeof EventSource> {}

export const EventSeries = message("io.k8s.api.core.v1.EventSeries", {
  count: int32(1),
  lastObservedTime: microTime(2).optional,
});
export interface EventSeries extends Infer<typeof EventSeries> {}

export const FCVolumeSource = message("io.k8s.api.core.v1.FCVolumeSource", {
  targetWWNs: list(1, "string").atomicList,
  lun: int32(2),
  fsType: string(3),
  readOnly: bool(4),
  wwids: list(5, "string").atomicList,
});
export interface FCVolumeSource extends Infer<typeof FCVolumeSource> {}

export const FlexVolumeSource = message("io.k8s.api.core.v1.FlexVolumeSource", {
  driver: string(1).always.required,
  fsType: string(2),
  secretRef: struct(3, LocalObjectReference).optional,
  readOnly: bool(4),
  options: map(5, "string"),
});
export interface FlexVolumeSource extends Infer<typeof FlexVolumeSource> {}

export const FlockerVolumeSource = message("io.k8s.api.core.v1.FlockerVolumeSource", {
  datasetName: string(1),
  datasetUUID: string(2),
});
export interface FlockerVolumeSource extends Infer<typeof FlockerVolumeSource> {}

export const GCEPersistentDiskVolumeSource = message("io.k8s.api.core.v1.GCEPersistentDiskVolumeSource", {
  pdName: string(1).always.required,
  fsType: string(2),
  partition: int32(3).optional,
  readOnly: bool(4),
});
export interface GCEPersistentDiskVolumeSource extends Infer<typeof GCEPersistentDiskVolumeSource> {}

export const GitRepoVolumeSource = message("io.k8s.api.core.v1.GitRepoVolumeSource", {
  repository: string(1).always.required,
  revision: string(2),
  directory: string(3),
});
export interface GitRepoVolumeSource extends Infer<typeof GitRepoVolumeSource> {}

export const GlusterfsVolumeSource = message("io.k8s.api.core.v1.GlusterfsVolumeSource", {
  endpoints: string(1).always.required,
  path: string(2).always.required,
  readOnly: bool(3),
});
export interface GlusterfsVolumeSource extends Infer<typeof GlusterfsVolumeSource> {}

export const HostAlias = message("io.k8s.api.core.v1.HostAlias", {
  ip: string(1).always.required,
  hostnames: list(2, "string").atomicList,
});
export interface HostAlias extends Infer<typeof HostAlias> {}

export const HostIP = message("io.k8s.api.core.v1.HostIP", {
  ip: string(1).always.required,
});
export interface HostIP extends Infer<typeof HostIP> {}

export const HostPathVolumeSource = message("io.k8s.api.core.v1.HostPathVolumeSource", {
  path: string(1).always.required,
  type: string(2),
});
export interface HostPathVolumeSource extends Infer<typeof HostPathVolumeSource> {}

export const ISCSIVolumeSource = message("io.k8s.api.core.v1.ISCSIVolumeSource", {
  targetPortal: string(1).always.required,
  iqn: string(2).always.required,
  lun: int32(3).always.required,
  iscsiInterface: string(4),
  fsType: string(5),
  readOnly: bool(6),
  portals: list(7, "string").atomicList,
  chapAuthDiscovery: bool(8),
  secretRef: struct(10, LocalObjectReference).optional,
  chapAuthSession: bool(11),
  initiatorName: string(12),
});
export interface ISCSIVolumeSource extends Infer<typeof ISCSIVolumeSource> {}

export const ImageVolumeSource = message("io.k8s.api.core.v1.ImageVolumeSource", {
  reference: string(1),
  pullPolicy: string(2),
});
export interface ImageVolumeSource extends Infer<typeof ImageVolumeSource> {}

export const PortStatus = message("io.k8s.api.core.v1.PortStatus", {
  port: int32(1).always.required,
  protocol: string(2).always.required,
  error: string(3),
});
export interface PortStatus extends Infer<typeof PortStatus> {}

export const LoadBalancerIngress = message("io.k8s.api.core.v1.LoadBalancerIngress", {
  ip: string(1),
  hostname: string(2),
  ipMode: string(3).optional,
  ports: list(4, PortStatus).atomicList,
});
export interface LoadBalancerIngress extends Infer<typeof LoadBalancerIngress> {}

export const LoadBalancerStatus = message("io.k8s.api.core.v1.LoadBalancerStatus", {
  ingress: list(1, LoadBalancerIngress).atomicList,
});
export interface LoadBalancerStatus extends Infer<typeof LoadBalancerStatus> {}

export const NFSVolumeSource = message("io.k8s.api.core.v1.NFSVolumeSource", {
  server: string(1).always.required,
  path: string(2).always.required,
  readOnly: bool(3),
});
export interface NFSVolumeSource extends Infer<typeof NFSVolumeSource> {}

export const NamespaceSpec = message("io.k8s.api.core.v1.NamespaceSpec", {
  finalizers: list(1, "string").atomicList,
});
export interface NamespaceSpec extends Infer<typeof NamespaceSpec> {}

export const NamespaceCondition = message("io.k8s.api.core.v1.NamespaceCondition", {
  type: string(1).always.required,
  status: string(2).always.required,
  lastTransitionTime: time(4).optional,
  reason: string(5),
  message: string(6),
});
export interface NamespaceCondition extends Infer<typeof NamespaceCondition> {}

export const NamespaceStatus = message("io.k8s.api.core.v1.NamespaceStatus", {
  phase: string(1),
  conditions: list(2, NamespaceCondition).listMap("type").merge("type"),
});
export interface NamespaceStatus extends Infer<typeof NamespaceStatus> {}

export const Taint = message("io.k8s.api.core.v1.Taint", {
  key: string(1).always.required,
  value: string(2),
  effect: string(3).always.required,
  timeAdded: time(4).optional,
});
export interface Taint extends Infer<typeof Taint> {}

export const NodeConfigSource = message("io.k8s.api.core.v1.NodeConfigSource", {
  configMap: struct(2, ConfigMapNodeConfigSource).optional,
});
export interface NodeConfigSource extends Infer<typeof NodeConfigSource> {}

export const NodeSpec = message("io.k8s.api.core.v1.NodeSpec", {
  podCIDR: string(1),
  externalID: string(2),
  providerID: string(3),
  unschedulable: bool(4),
  taints: list(5, Taint).atomicList,
  configSource: struct(6, NodeConfigSource).optional,
  podCIDRs: list(7, "string").listSet.merge(),
});
export interface NodeSpec extends Infer<typeof NodeSpec> {}

export const NodeCondition = message("io.k8s.api.core.v1.NodeCondition", {
  type: string(1).always.required,
  status: string(2).always.required,
  lastHeartbeatTime: time(3).optional,
  lastTransitionTime: time(4).optional,
  reason: string(5),
  message: string(6),
});
export interface NodeCondition extends Infer<typeof NodeCondition> {}

export const NodeAddress = message("io.k8s.api.core.v1.NodeAddress", {
  type: string(1).always.required,
  address: string(2).always.required,
});
export interface NodeAddress extends Infer<typeof NodeAddress> {}

export const NodeDaemonEndpoints = message("io.k8s.api.core.v1.NodeDaemonEndpoints", {
  kubeletEndpoint: struct(1, DaemonEndpoint),
});
export interface NodeDaemonEndpoints extends Infer<typeof NodeDaemonEndpoints> {}

export const NodeSwapStatus = message("io.k8s.api.core.v1.NodeSwapStatus", {
  capacity: int64(1),
});
export interface NodeSwapStatus extends Infer<typeof NodeSwapStatus> {}

export const NodeSystemInfo = message("io.k8s.api.core.v1.NodeSystemInfo", {
  machineID: string(1).always.required,
  systemUUID: string(2).always.required,
  bootID: string(3).always.required,
  kernelVersion: string(4).always.required,
  osImage: string(5).always.required,
  containerRuntimeVersion: string(6).always.required,
  kubeletVersion: string(7).always.required,
  kubeProxyVersion: string(8).always.required,
  operatingSystem: string(9).always.required,
  architecture: string(10).always.required,
  swap: struct(11, NodeSwapStatus).optional,
});
export interface NodeSystemInfo extends Infer<typeof NodeSystemInfo> {}

export const NodeConfigStatus = message("io.k8s.api.core.v1.NodeConfigStatus", {
  assigned: struct(1, NodeConfigSource).optional,
  active: struct(2, NodeConfigSource).optional,
  lastKnownGood: struct(3, NodeConfigSource).optional,
  error: string(4),
});
export interface NodeConfigStatus extends Infer<typeof NodeConfigStatus> {}

export const NodeRuntimeHandlerFeatures = message("io.k8s.api.core.v1.NodeRuntimeHandlerFeatures", {
  recursiveReadOnlyMounts: bool(1),
  userNamespaces: bool(2),
});
export interface NodeRuntimeHandlerFeatures extends Infer<typeof NodeRuntimeHandlerFeatures> {}

export const NodeRuntimeHandler = message("io.k8s.api.core.v1.NodeRuntimeHandler", {
  name: string(1),
  features: struct(2, NodeRuntimeHandlerFeatures).optional,
});
export interface NodeRuntimeHandler extends Infer<typeof NodeRuntimeHandler> {}

export const NodeFeatures = message("io.k8s.api.core.v1.NodeFeatures", {
  supplementalGroupsPolicy: bool(1).optional,
});
export interface NodeFeatures extends Infer<typeof NodeFeatures> {}

export const NodeStatus = message("io.k8s.api.core.v1.NodeStatus", {
  capacity: map(1, "quantity"),
  allocatable: map(2, "quantity"),
  phase: string(3),
  conditions: list(4, NodeCondition).listMap("type").merge("type"),
  addresses: list(5, NodeAddress).listMap("type").merge("type"),
  daemonEndpoints: struct(6, NodeDaemonEndpoints),
  nodeInfo: struct(7, NodeSystemInfo),
  images: list(8, ContainerImage).atomicList,
  volumesInUse: list(9, "string").atomicList,
  volumesAttached: list(10, AttachedVolume).atomicList,
  config: struct(11, NodeConfigStatus).optional,
  runtimeHandlers: list(12, NodeRuntimeHandler).atomicList,
  features: struct(13, NodeFeatures).optional,
  declaredFeatures: list(14, "string").atomicList,
});
export interface NodeStatus extends Infer<typeof NodeStatus> {}

export const NodeAllocatableResourceClaimStatus = message("io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus", {
  resourceClaimName: string(1).always.required,
  containers: list(2, "string").listSet,
  resources: map(3, "quantity").always.required,
});
export interface NodeAllocatableResourceClaimStatus extends Infer<typeof NodeAllocatableResourceClaimStatus> {}

export const VsphereVirtualDiskVolumeSource = message("io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource", {
  volumePath: string(1).always.required,
  fsType: string(2),
  storagePolicyName: string(3),
  storagePolicyID: string(4),
});
export interface VsphereVirtualDiskVolumeSource extends Infer<typeof VsphereVirtualDiskVolumeSource> {}

export const QuobyteVolumeSource = message("io.k8s.api.core.v1.QuobyteVolumeSource", {
  registry: string(1).always.required,
  volume: string(2).always.required,
  readOnly: bool(3),
  user: string(4),
  group: string(5),
  tenant: string(6),
});
export interface QuobyteVolumeSource extends Infer<typeof QuobyteVolumeSource> {}

export const PhotonPersistentDiskVolumeSource = message("io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource", {
  pdID: string(1).always.required,
  fsType: string(2),
});
export interface PhotonPersistentDiskVolumeSource extends Infer<typeof PhotonPersistentDiskVolumeSource> {}

export const PortworxVolumeSource = message("io.k8s.api.core.v1.PortworxVolumeSource", {
  volumeID: string(1).always.required,
  fsType: string(2),
  readOnly: bool(3),
});
export interface PortworxVolumeSource extends Infer<typeof PortworxVolumeSource> {}

export const PersistentVolumeClaimVolumeSource = message("io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource", {
  claimName: string(1).always.required,
  readOnly: bool(2),
});
export interface PersistentVolumeClaimVolumeSource extends Infer<typeof PersistentVolumeClaimVolumeSource> {}

export const SecretVolumeSource = message("io.k8s.api.core.v1.SecretVolumeSource", {
  secretName: string(1),
  items: list(2, KeyToPath).atomicList,
  defaultMode: int32(3).optional,
  optional: bool(4).optional,
});
export interface SecretVolumeSource extends Infer<typeof SecretVolumeSource> {}

export const RBDVolumeSource = message("io.k8s.api.core.v1.RBDVolumeSource", {
  monitors: list(1, "string").always.required.atomicList,
  image: string(2).always.required,
  fsType: string(3),
  pool: string(4),
  user: string(5),
  keyring: string(6),
  secretRef: struct(7, LocalObjectReference).optional,
  readOnly: bool(8),
});
export interface RBDVolumeSource extends Infer<typeof RBDVolumeSource> {}

export const ScaleIOVolumeSource = message("io.k8s.api.core.v1.ScaleIOVolumeSource", {
  gateway: string(1).always.required,
  system: string(2).always.required,
  secretRef: struct(3, LocalObjectReference).required,
  sslEnabled: bool(4),
  protectionDomain: string(5),
  storagePool: string(6),
  storageMode: string(7),
  volumeName: string(8),
  fsType: string(9),
  readOnly: bool(10),
});
export interface ScaleIOVolumeSource extends Infer<typeof ScaleIOVolumeSource> {}

export const SecretProjection = message("io.k8s.api.core.v1.SecretProjection", {
  localObjectReference: inline(1, LocalObjectReference),
  items: list(2, KeyToPath).atomicList,
  optional: bool(4).optional,
});
export interface SecretProjection extends Infer<typeof SecretProjection> {}

export const ServiceAccountTokenProjection = message("io.k8s.api.core.v1.ServiceAccountTokenProjection", {
  audience: string(1),
  expirationSeconds: int64(2).optional,
  path: string(3).always.required,
});
export interface ServiceAccountTokenProjection extends Infer<typeof ServiceAccountTokenProjection> {}

export const PodCertificateProjection = message("io.k8s.api.core.v1.PodCertificateProjection", {
  signerName: string(1).always.required,
  keyType: string(2).always.required,
  maxExpirationSeconds: int32(3),
  credentialBundlePath: string(4),
  keyPath: string(5),
  certificateChainPath: string(6),
  userAnnotations: map(7, "string"),
});
export interface PodCertificateProjection extends Infer<typeof PodCertificateProjection> {}

export const VolumeProjection = message("io.k8s.api.core.v1.VolumeProjection", {
  secret: struct(1, SecretProjection).optional,
  downwardAPI: struct(2, DownwardAPIProjection).optional,
  configMap: struct(3, ConfigMapProjection).optional,
  serviceAccountToken: struct(4, ServiceAccountTokenProjection).optional,
  clusterTrustBundle: struct(5, ClusterTrustBundleProjection).optional,
  podCertificate: struct(6, PodCertificateProjection).optional,
});
export interface VolumeProjection extends Infer<typeof VolumeProjection> {}

export const ProjectedVolumeSource = message("io.k8s.api.core.v1.ProjectedVolumeSource", {
  sources: list(1, VolumeProjection).atomicList,
  defaultMode: int32(2).optional,
});
export interface ProjectedVolumeSource extends Infer<typeof ProjectedVolumeSource> {}

export const StorageOSVolumeSource = message("io.k8s.api.core.v1.StorageOSVolumeSource", {
  volumeName: string(1),
  volumeNamespace: string(2),
  fsType: string(3),
  readOnly: bool(4),
  secretRef: struct(5, LocalObjectReference).optional,
});
export interface StorageOSVolumeSource extends Infer<typeof StorageOSVolumeSource> {}

export const VolumeSource = message("io.k8s.api.core.v1.VolumeSource", {
  hostPath: struct(1, HostPathVolumeSource).optional,
  emptyDir: struct(2, EmptyDirVolumeSource).optional,
  gcePersistentDisk: struct(3, GCEPersistentDiskVolumeSource).optional,
  awsElasticBlockStore: struct(4, AWSElasticBlockStoreVolumeSource).optional,
  gitRepo: struct(5, GitRepoVolumeSource).optional,
  secret: struct(6, SecretVolumeSource).optional,
  nfs: struct(7, NFSVolumeSource).optional,
  iscsi: struct(8, ISCSIVolumeSource).optional,
  glusterfs: struct(9, GlusterfsVolumeSource).optional,
  persistentVolumeClaim: struct(10, PersistentVolumeClaimVolumeSource).optional,
  rbd: struct(11, RBDVolumeSource).optional,
  flexVolume: struct(12, FlexVolumeSource).optional,
  cinder: struct(13, CinderVolumeSource).optional,
  cephfs: struct(14, CephFSVolumeSource).optional,
  flocker: struct(15, FlockerVolumeSource).optional,
  downwardAPI: struct(16, DownwardAPIVolumeSource).optional,
  fc: struct(17, FCVolumeSource).optional,
  azureFile: struct(18, AzureFileVolumeSource).optional,
  configMap: struct(19, ConfigMapVolumeSource).optional,
  vsphereVolume: struct(20, VsphereVirtualDiskVolumeSource).optional,
  quobyte: struct(21, QuobyteVolumeSource).optional,
  azureDisk: struct(22, AzureDiskVolumeSource).optional,
  photonPersistentDisk: struct(23, PhotonPersistentDiskVolumeSource).optional,
  portworxVolume: struct(24, PortworxVolumeSource).optional,
  scaleIO: struct(25, ScaleIOVolumeSource).optional,
  projected: struct(26, ProjectedVolumeSource).optional,
  storageos: struct(27, StorageOSVolumeSource).optional,
  csi: struct(28, CSIVolumeSource).optional,
  ephemeral: struct(29, EphemeralVolumeSource).optional,
  image: struct(30, ImageVolumeSource).optional,
});
export interface VolumeSource extends Infer<typeof VolumeSource> {}

export const Volume = message("io.k8s.api.core.v1.Volume", {
  name: string(1).always.required,
  volumeSource: inline(2, VolumeSource),
});
export interface Volume extends Infer<typeof Volume> {}

export const Sysctl = message("io.k8s.api.core.v1.Sysctl", {
  name: string(1).always.required,
  value: string(2).always.required,
});
export interface Sysctl extends Infer<typeof Sysctl> {}

export const PodSecurityContext = message("io.k8s.api.core.v1.PodSecurityContext", {
  seLinuxOptions: struct(1, SELinuxOptions).optional,
  runAsUser: int64(2).optional,
  runAsNonRoot: bool(3).optional,
  supplementalGroups: list(4, "int64").atomicList,
  fsGroup: int64(5).optional,
  runAsGroup: int64(6).optional,
  sysctls: list(7, Sysctl).atomicList,
  windowsOptions: struct(8, WindowsSecurityContextOptions).optional,
  fsGroupChangePolicy: string(9).optional,
  seccompProfile: struct(10, SeccompProfile).optional,
  appArmorProfile: struct(11, AppArmorProfile).optional,
  supplementalGroupsPolicy: string(12).optional,
  seLinuxChangePolicy: string(13).optional,
});
export interface PodSecurityContext extends Infer<typeof PodSecurityContext> {}

export const Toleration = message("io.k8s.api.core.v1.Toleration", {
  key: string(1),
  operator: string(2),
  value: string(3),
  effect: string(4),
  tolerationSeconds: int64(5).optional,
});
export interface Toleration extends Infer<typeof Toleration> {}

export const PodDNSConfigOption = message("io.k8s.api.core.v1.PodDNSConfigOption", {
  name: string(1),
  value: string(2),
});
export interface PodDNSConfigOption extends Infer<typeof PodDNSConfigOption> {}

export const PodDNSConfig = message("io.k8s.api.core.v1.PodDNSConfig", {
  nameservers: list(1, "string").atomicList,
  searches: list(2, "string").atomicList,
  options: list(3, PodDNSConfigOption).atomicList,
});
export interface PodDNSConfig extends Infer<typeof PodDNSConfig> {}

export const PodReadinessGate = message("io.k8s.api.core.v1.PodReadinessGate", {
  conditionType: string(1).always.required,
});
export interface PodReadinessGate extends Infer<typeof PodReadinessGate> {}

export const TopologySpreadConstraint = message("io.k8s.api.core.v1.TopologySpreadConstraint", {
  maxSkew: int32(1).always.required,
  topologyKey: string(2).always.required,
  whenUnsatisfiable: string(3).always.required,
  labelSelector: struct(4, LabelSelector).optional,
  minDomains: int32(5).optional,
  nodeAffinityPolicy: string(6).optional,
  nodeTaintsPolicy: string(7).optional,
  matchLabelKeys: list(8, "string").atomicList,
});
export interface TopologySpreadConstraint extends Infer<typeof TopologySpreadConstraint> {}

export const PodOS = message("io.k8s.api.core.v1.PodOS", {
  name: string(1).always.required,
});
export interface PodOS extends Infer<typeof PodOS> {}

export const PodSchedulingGate = message("io.k8s.api.core.v1.PodSchedulingGate", {
  name: string(1).always.required,
});
export interface PodSchedulingGate extends Infer<typeof PodSchedulingGate> {}

export const PodResourceClaim = message("io.k8s.api.core.v1.PodResourceClaim", {
  name: string(1).always.required,
  resourceClaimName: string(3),
  resourceClaimTemplateName: string(4),
});
export interface PodResourceClaim extends Infer<typeof PodResourceClaim> {}

export const PodSchedulingGroup = message(
  "io.k8s.api.core.v1.PodSchedulingGroup",
  {
    podGroupName: string(1),
  },
  { extensions: { "x-kubernetes-unions": [{ "fields-to-discriminateBy": { podGroupName: "PodGroupName" } }] } },
);
export interface PodSchedulingGroup extends Infer<typeof PodSchedulingGroup> {}

export const PodSpec = message("io.k8s.api.core.v1.PodSpec", {
  volumes: list(1, Volume).listMap("name").merge("name", "merge,retainKeys"),
  containers: list(2, Container).always.required.listMap("name").merge("name"),
  restartPolicy: string(3),
  terminationGracePeriodSeconds: int64(4).optional,
  activeDeadlineSeconds: int64(5).optional,
  dnsPolicy: string(6),
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
  preemptionPolicy: string(31).optional,
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
  resources: struct(40, ResourceRequirements),
  hostnameOverride: string(41).optional,
  schedulingGroup: struct(43, PodSchedulingGroup).optional,
});
export interface PodSpec extends Infer<typeof PodSpec> {}

export const PodCondition = message("io.k8s.api.core.v1.PodCondition", {
  type: string(1).always.required,
  status: string(2).always.required,
  lastProbeTime: time(3).optional,
  lastTransitionTime: time(4).optional,
  reason: string(5),
  message: string(6),
  observedGeneration: int64(7),
});
export interface PodCondition extends Infer<typeof PodCondition> {}

export const PodIP = message("io.k8s.api.core.v1.PodIP", {
  ip: string(1).always.required,
});
export interface PodIP extends Infer<typeof PodIP> {}

export const PodResourceClaimStatus = message("io.k8s.api.core.v1.PodResourceClaimStatus", {
  name: string(1).always.required,
  resourceClaimName: string(2),
});
export interface PodResourceClaimStatus extends Infer<typeof PodResourceClaimStatus> {}

export const PodExtendedResourceClaimStatus = message("io.k8s.api.core.v1.PodExtendedResourceClaimStatus", {
  requestMappings: list(1, ContainerExtendedResourceRequest).always.required.atomicList,
  resourceClaimName: string(2).always.required,
});
export interface PodExtendedResourceClaimStatus extends Infer<typeof PodExtendedResourceClaimStatus> {}

export const PodStatus = message("io.k8s.api.core.v1.PodStatus", {
  phase: string(1),
  conditions: list(2, PodCondition).listMap("type").merge("type"),
  message: string(3),
  reason: string(4),
  hostIP: string(5),
  podIP: string(6),
  startTime: time(7).optional,
  containerStatuses: list(8, ContainerStatus).atomicList,
  qosClass: string(9),
  initContainerStatuses: list(10, ContainerStatus).atomicList,
  nominatedNodeName: string(11),
  podIPs: list(12, PodIP).listMap("ip").merge("ip"),
  ephemeralContainerStatuses: list(13, ContainerStatus).atomicList,
  resize: string(14),
  resourceClaimStatuses: list(15, PodResourceClaimStatus).listMap("name").merge("name", "merge,retainKeys"),
  hostIPs: list(16, HostIP).atomicList.merge("ip"),
  observedGeneration: int64(17),
  extendedResourceClaimStatus: struct(18, PodExtendedResourceClaimStatus).optional,
  allocatedResources: map(19, "quantity"),
  resources: struct(20, ResourceRequirements),
  nodeAllocatableResourceClaimStatuses: list(21, NodeAllocatableResourceClaimStatus).atomicList,
});
export interface PodStatus extends Infer<typeof PodStatus> {}

export const PodTemplateSpec = message("io.k8s.api.core.v1.PodTemplateSpec", {
  metadata: struct(1, ObjectMeta),
  spec: struct(2, PodSpec),
});
export interface PodTemplateSpec extends Infer<typeof PodTemplateSpec> {}

export const ServicePort = message("io.k8s.api.core.v1.ServicePort", {
  name: string(1),
  protocol: string(2),
  port: int32(3).always.required,
  targetPort: intOrString(4).optional,
  nodePort: int32(5),
  appProtocol: string(6).optional,
});
export interface ServicePort extends Infer<typeof ServicePort> {}

export const SessionAffinityConfig = message("io.k8s.api.core.v1.SessionAffinityConfig", {
  clientIP: struct(1, ClientIPConfig).optional,
});
export interface SessionAffinityConfig extends Infer<typeof SessionAffinityConfig> {}

export const ServiceSpec = message("io.k8s.api.core.v1.ServiceSpec", {
  ports: list(1, ServicePort).listMap("port", "protocol").merge("port"),
  selector: map(2, "string").atomicMap,
  clusterIP: string(3),
  type: string(4),
  externalIPs: list(5, "string").atomicList,
  sessionAffinity: string(7),
  loadBalancerIP: string(8),
  loadBalancerSourceRanges: list(9, "string").atomicList,
  externalName: string(10),
  externalTrafficPolicy: string(11),
  healthCheckNodePort: int32(12),
  publishNotReadyAddresses: bool(13),
  sessionAffinityConfig: struct(14, SessionAffinityConfig).optional,
  ipFamilyPolicy: string(17).optional,
  clusterIPs: list(18, "string").atomicList,
  ipFamilies: list(19, "string").atomicList,
  allocateLoadBalancerNodePorts: bool(20).optional,
  loadBalancerClass: string(21).optional,
  internalTrafficPolicy: string(22).optional,
  trafficDistribution: string(23).optional,
});
export interface ServiceSpec extends Infer<typeof ServiceSpec> {}

export const ServiceStatus = message("io.k8s.api.core.v1.ServiceStatus", {
  loadBalancer: struct(1, LoadBalancerStatus),
  conditions: list(2, Condition).listMap("type").merge("type"),
});
export interface ServiceStatus extends Infer<typeof ServiceStatus> {}
