/** The messages of CRI v1 (package runtime.v1) that a node uses; field numbers are those of the protocol. */
import {
  bool,
  bytes,
  type Decoded,
  type Encodable,
  instant,
  int32,
  int64,
  list,
  message,
  nested,
  oneOf,
  string,
  stringMap,
  uint32,
  uint64,
  wrapped,
} from "../util/grpc/wire.ts";

export const VersionRequest = message({ version: string(1) });
export const VersionResponse = message({
  version: string(1),
  runtimeName: string(2),
  runtimeVersion: string(3),
  runtimeApiVersion: string(4),
});
export type Version = Decoded<typeof VersionResponse>;

const DnsConfig = message({ servers: list(1, "string"), searches: list(2, "string"), options: list(3, "string") });

const PortMapping = message({
  protocol: oneOf(1, "TCP", "UDP", "SCTP"),
  containerPort: int32(2),
  hostPort: int32(3),
  hostIp: string(4),
});

export const ImageSpec = message({
  image: string(1),
  annotations: stringMap(2),
  userSpecifiedImage: string(18),
  runtimeHandler: string(19),
  imageRef: string(20),
});

const IdMapping = message({ hostId: uint32(1), containerId: uint32(2), length: uint32(3) });

const Mount = message({
  containerPath: string(1),
  hostPath: string(2),
  readonly: bool(3),
  selinuxRelabel: bool(4),
  propagation: oneOf(5, "PROPAGATION_PRIVATE", "PROPAGATION_HOST_TO_CONTAINER", "PROPAGATION_BIDIRECTIONAL"),
  uidMappings: list(6, IdMapping),
  gidMappings: list(7, IdMapping),
  recursiveReadOnly: bool(8),
  image: nested(9, ImageSpec),
  imageSubPath: string(10),
});
export type Mount = Encodable<Decoded<typeof Mount>>;

const namespaceMode = (number: number) => oneOf(number, "POD", "CONTAINER", "NODE", "TARGET");
const NamespaceOption = message({
  network: namespaceMode(1),
  pid: namespaceMode(2),
  ipc: namespaceMode(3),
  targetId: string(4),
});
export type NamespaceOption = Encodable<Decoded<typeof NamespaceOption>>;

const SELinuxOption = message({ user: string(1), role: string(2), type: string(3), level: string(4) });

const SecurityProfile = message({
  profileType: oneOf(1, "RuntimeDefault", "Unconfined", "Localhost"),
  localhostRef: string(2),
});
export type SecurityProfile = Encodable<Decoded<typeof SecurityProfile>>;

const groupsPolicy = (number: number) => oneOf(number, "Merge", "Strict");

const LinuxSandboxSecurityContext = message({
  namespaceOptions: nested(1, NamespaceOption),
  selinuxOptions: nested(2, SELinuxOption),
  runAsUser: wrapped(3),
  runAsGroup: wrapped(8),
  readonlyRootfs: bool(4),
  supplementalGroups: list(5, "int64"),
  supplementalGroupsPolicy: groupsPolicy(11),
  privileged: bool(6),
  seccomp: nested(9, SecurityProfile),
  apparmor: nested(10, SecurityProfile),
  seccompProfilePath: string(7),
});

const HugepageLimit = message({ pageSize: string(1), limit: uint64(2) });

const LinuxContainerResources = message({
  cpuPeriod: int64(1),
  cpuQuota: int64(2),
  cpuShares: int64(3),
  memoryLimitInBytes: int64(4),
  oomScoreAdj: int64(5),
  cpusetCpus: string(6),
  cpusetMems: string(7),
  hugepageLimits: list(8, HugepageLimit),
  unified: stringMap(9),
  memorySwapLimitInBytes: int64(10),
});
export type LinuxContainerResources = Encodable<Decoded<typeof LinuxContainerResources>>;

const LinuxPodSandboxConfig = message({
  cgroupParent: string(1),
  securityContext: nested(2, LinuxSandboxSecurityContext),
  sysctls: stringMap(3),
  overhead: nested(4, LinuxContainerResources),
  resources: nested(5, LinuxContainerResources),
});

const PodSandboxMetadata = message({ name: string(1), uid: string(2), namespace: string(3), attempt: uint32(4) });

export const PodSandboxConfig = message({
  metadata: nested(1, PodSandboxMetadata),
  hostname: string(2),
  logDirectory: string(3),
  dnsConfig: nested(4, DnsConfig),
  portMappings: list(5, PortMapping),
  labels: stringMap(6),
  annotations: stringMap(7),
  linux: nested(8, LinuxPodSandboxConfig),
});
export type PodSandboxConfig = Encodable<Decoded<typeof PodSandboxConfig>>;

export const RunPodSandboxRequest = message({ config: nested(1, PodSandboxConfig), runtimeHandler: string(2) });
export const RunPodSandboxResponse = message({ podSandboxId: string(1) });
export const SandboxIdRequest = message({ podSandboxId: string(1) });
export const Empty = message({});

const PodIp = message({ ip: string(1) });
const PodSandboxNetworkStatus = message({ ip: string(1), additionalIps: list(2, PodIp) });
const Namespace = message({ options: nested(2, NamespaceOption) });
const LinuxPodSandboxStatus = message({ namespaces: nested(1, Namespace) });
const sandboxState = (number: number) => oneOf(number, "SANDBOX_READY", "SANDBOX_NOTREADY");

export const PodSandboxStatus = message({
  id: string(1),
  metadata: nested(2, PodSandboxMetadata),
  state: sandboxState(3),
  createdAt: instant(4),
  network: nested(5, PodSandboxNetworkStatus),
  linux: nested(6, LinuxPodSandboxStatus),
  labels: stringMap(7),
  annotations: stringMap(8),
  runtimeHandler: string(9),
});
export type PodSandboxStatus = Decoded<typeof PodSandboxStatus>;

export const PodSandboxStatusRequest = message({ podSandboxId: string(1), verbose: bool(2) });
export const PodSandboxStatusResponse = message({ status: nested(1, PodSandboxStatus), info: stringMap(2) });

const SandboxStateValue = message({ state: sandboxState(1) });
const PodSandboxFilter = message({ id: string(1), state: nested(2, SandboxStateValue), labelSelector: stringMap(3) });
export type PodSandboxFilter = Encodable<Decoded<typeof PodSandboxFilter>>;
export const ListPodSandboxRequest = message({ filter: nested(1, PodSandboxFilter) });
export const PodSandbox = message({
  id: string(1),
  metadata: nested(2, PodSandboxMetadata),
  state: sandboxState(3),
  createdAt: instant(4),
  labels: stringMap(5),
  annotations: stringMap(6),
  runtimeHandler: string(7),
});
export type PodSandbox = Decoded<typeof PodSandbox>;
export const ListPodSandboxResponse = message({ items: list(1, PodSandbox) });

const KeyValue = message({ key: string(1), value: string(2) });
const Capability = message({
  addCapabilities: list(1, "string"),
  dropCapabilities: list(2, "string"),
  addAmbientCapabilities: list(3, "string"),
});

const LinuxContainerSecurityContext = message({
  capabilities: nested(1, Capability),
  privileged: bool(2),
  namespaceOptions: nested(3, NamespaceOption),
  selinuxOptions: nested(4, SELinuxOption),
  runAsUser: wrapped(5),
  runAsGroup: wrapped(12),
  runAsUsername: string(6),
  readonlyRootfs: bool(7),
  supplementalGroups: list(8, "int64"),
  supplementalGroupsPolicy: groupsPolicy(17),
  noNewPrivs: bool(11),
  maskedPaths: list(13, "string"),
  readonlyPaths: list(14, "string"),
  seccomp: nested(15, SecurityProfile),
  apparmor: nested(16, SecurityProfile),
  apparmorProfile: string(9),
  seccompProfilePath: string(10),
});
export type LinuxContainerSecurityContext = Encodable<Decoded<typeof LinuxContainerSecurityContext>>;

const LinuxContainerConfig = message({
  resources: nested(1, LinuxContainerResources),
  securityContext: nested(2, LinuxContainerSecurityContext),
});
const ContainerMetadata = message({ name: string(1), attempt: uint32(2) });
export const Device = message({ containerPath: string(1), hostPath: string(2), permissions: string(3) });
export type Device = Encodable<Decoded<typeof Device>>;

export const ContainerConfig = message({
  metadata: nested(1, ContainerMetadata),
  image: nested(2, ImageSpec),
  command: list(3, "string"),
  args: list(4, "string"),
  workingDir: string(5),
  envs: list(6, KeyValue),
  mounts: list(7, Mount),
  devices: list(8, Device),
  labels: stringMap(9),
  annotations: stringMap(10),
  logPath: string(11),
  stdin: bool(12),
  stdinOnce: bool(13),
  tty: bool(14),
  linux: nested(15, LinuxContainerConfig),
  cdiDevices: list(17, message({ name: string(1) })),
});
export type ContainerConfig = Encodable<Decoded<typeof ContainerConfig>>;

export const CreateContainerRequest = message({
  podSandboxId: string(1),
  config: nested(2, ContainerConfig),
  sandboxConfig: nested(3, PodSandboxConfig),
});
export const ContainerIdResponse = message({ containerId: string(1) });
export const ContainerIdRequest = message({ containerId: string(1) });
export const StopContainerRequest = message({ containerId: string(1), timeout: int64(2) });

const containerState = (number: number) =>
  oneOf(number, "CONTAINER_CREATED", "CONTAINER_RUNNING", "CONTAINER_EXITED", "CONTAINER_UNKNOWN");
const ContainerStateValue = message({ state: containerState(1) });
const ContainerFilter = message({
  id: string(1),
  state: nested(2, ContainerStateValue),
  podSandboxId: string(3),
  labelSelector: stringMap(4),
});
export type ContainerFilter = Encodable<Decoded<typeof ContainerFilter>>;
export const ListContainersRequest = message({ filter: nested(1, ContainerFilter) });
export const Container = message({
  id: string(1),
  podSandboxId: string(2),
  metadata: nested(3, ContainerMetadata),
  image: nested(4, ImageSpec),
  imageRef: string(5),
  state: containerState(6),
  createdAt: instant(7),
  labels: stringMap(8),
  annotations: stringMap(9),
  imageId: string(10),
});
export type Container = Decoded<typeof Container>;
export const ListContainersResponse = message({ containers: list(1, Container) });

const LinuxContainerUser = message({ uid: int64(1), gid: int64(2), supplementalGroups: list(3, "int64") });
const ContainerUser = message({ linux: nested(1, LinuxContainerUser) });
const ContainerResources = message({ linux: nested(1, LinuxContainerResources) });

export const ContainerStatus = message({
  id: string(1),
  metadata: nested(2, ContainerMetadata),
  state: containerState(3),
  createdAt: instant(4),
  startedAt: instant(5),
  finishedAt: instant(6),
  exitCode: int32(7),
  image: nested(8, ImageSpec),
  imageRef: string(9),
  reason: string(10),
  message: string(11),
  labels: stringMap(12),
  annotations: stringMap(13),
  mounts: list(14, Mount),
  logPath: string(15),
  resources: nested(16, ContainerResources),
  imageId: string(17),
  user: nested(18, ContainerUser),
});
export type ContainerStatus = Decoded<typeof ContainerStatus>;
export const ContainerStatusRequest = message({ containerId: string(1), verbose: bool(2) });
export const ContainerStatusResponse = message({ status: nested(1, ContainerStatus), info: stringMap(2) });

export const UpdateContainerResourcesRequest = message({
  containerId: string(1),
  linux: nested(2, LinuxContainerResources),
  annotations: stringMap(4),
});
export const ExecSyncRequest = message({ containerId: string(1), cmd: list(2, "string"), timeout: int64(3) });
export const ExecSyncResponse = message({ stdout: bytes(1), stderr: bytes(2), exitCode: int32(3) });
export type ExecSyncResult = Decoded<typeof ExecSyncResponse>;
export const ExecRequest = message({
  containerId: string(1),
  cmd: list(2, "string"),
  tty: bool(3),
  stdin: bool(4),
  stdout: bool(5),
  stderr: bool(6),
});
export type ExecRequest = Decoded<typeof ExecRequest>;
export const AttachRequest = message({
  containerId: string(1),
  stdin: bool(2),
  tty: bool(3),
  stdout: bool(4),
  stderr: bool(5),
});
export type AttachRequest = Decoded<typeof AttachRequest>;
export const PortForwardRequest = message({ podSandboxId: string(1), port: list(2, "int32") });
export const UrlResponse = message({ url: string(1) });

const ImageFilter = message({ image: nested(1, ImageSpec) });
export const ListImagesRequest = message({ filter: nested(1, ImageFilter) });
export const Image = message({
  id: string(1),
  repoTags: list(2, "string"),
  repoDigests: list(3, "string"),
  size: uint64(4),
  uid: wrapped(5),
  username: string(6),
  spec: nested(7, ImageSpec),
  pinned: bool(8),
});
export type Image = Decoded<typeof Image>;
export const ListImagesResponse = message({ images: list(1, Image) });
export const ImageStatusRequest = message({ image: nested(1, ImageSpec), verbose: bool(2) });
export const ImageStatusResponse = message({ image: nested(1, Image), info: stringMap(2) });
const AuthConfig = message({
  username: string(1),
  password: string(2),
  auth: string(3),
  serverAddress: string(4),
  identityToken: string(5),
  registryToken: string(6),
});
export type AuthConfig = Encodable<Decoded<typeof AuthConfig>>;
export const PullImageRequest = message({
  image: nested(1, ImageSpec),
  auth: nested(2, AuthConfig),
  sandboxConfig: nested(3, PodSandboxConfig),
});
export const PullImageResponse = message({ imageRef: string(1) });
export const RemoveImageRequest = message({ image: nested(1, ImageSpec) });

const RuntimeCondition = message({ type: string(1), status: bool(2), reason: string(3), message: string(4) });
export type RuntimeCondition = Decoded<typeof RuntimeCondition>;
const RuntimeStatus = message({ conditions: list(1, RuntimeCondition) });
const RuntimeHandlerFeatures = message({ recursiveReadOnlyMounts: bool(1), userNamespaces: bool(2) });
const RuntimeHandler = message({ name: string(1), features: nested(2, RuntimeHandlerFeatures) });
const RuntimeFeatures = message({ supplementalGroupsPolicy: bool(1) });
export const StatusRequest = message({ verbose: bool(1) });
export const StatusResponse = message({
  status: nested(1, RuntimeStatus),
  info: stringMap(2),
  runtimeHandlers: list(3, RuntimeHandler),
  features: nested(4, RuntimeFeatures),
});
export type RuntimeStatusResult = Decoded<typeof StatusResponse>;

const FilesystemIdentifier = message({ mountpoint: string(1) });
const FilesystemUsage = message({
  timestamp: instant(1),
  fsId: nested(2, FilesystemIdentifier),
  usedBytes: wrapped(3),
  inodesUsed: wrapped(4),
});
export type FilesystemUsage = Decoded<typeof FilesystemUsage>;
export const ImageFsInfoResponse = message({
  imageFilesystems: list(1, FilesystemUsage),
  containerFilesystems: list(2, FilesystemUsage),
});
export type ImageFsInfo = Decoded<typeof ImageFsInfoResponse>;

const ContainerAttributes = message({
  id: string(1),
  metadata: nested(2, ContainerMetadata),
  labels: stringMap(3),
  annotations: stringMap(4),
});
const CpuUsage = message({ timestamp: instant(1), usageCoreNanoSeconds: wrapped(2), usageNanoCores: wrapped(3) });
const MemoryUsage = message({
  timestamp: instant(1),
  workingSetBytes: wrapped(2),
  availableBytes: wrapped(3),
  usageBytes: wrapped(4),
  rssBytes: wrapped(5),
  pageFaults: wrapped(6),
  majorPageFaults: wrapped(7),
});
export const ContainerStats = message({
  attributes: nested(1, ContainerAttributes),
  cpu: nested(2, CpuUsage),
  memory: nested(3, MemoryUsage),
  writableLayer: nested(4, FilesystemUsage),
});
export type ContainerStats = Decoded<typeof ContainerStats>;
export const ContainerStatsResponse = message({ stats: nested(1, ContainerStats) });
const ContainerStatsFilter = message({ id: string(1), podSandboxId: string(2), labelSelector: stringMap(3) });
export type ContainerStatsFilter = Encodable<Decoded<typeof ContainerStatsFilter>>;
export const ListContainerStatsRequest = message({ filter: nested(1, ContainerStatsFilter) });
export const ListContainerStatsResponse = message({ stats: list(1, ContainerStats) });

const NetworkInterfaceUsage = message({
  name: string(1),
  rxBytes: wrapped(2),
  rxErrors: wrapped(3),
  txBytes: wrapped(4),
  txErrors: wrapped(5),
});
const NetworkUsage = message({
  timestamp: instant(1),
  defaultInterface: nested(2, NetworkInterfaceUsage),
  interfaces: list(3, NetworkInterfaceUsage),
});
const ProcessUsage = message({ timestamp: instant(1), processCount: wrapped(2) });
const LinuxPodSandboxStats = message({
  cpu: nested(1, CpuUsage),
  memory: nested(2, MemoryUsage),
  network: nested(3, NetworkUsage),
  process: nested(4, ProcessUsage),
  containers: list(5, ContainerStats),
});
const PodSandboxAttributes = message({
  id: string(1),
  metadata: nested(2, PodSandboxMetadata),
  labels: stringMap(3),
  annotations: stringMap(4),
});
export const PodSandboxStats = message({
  attributes: nested(1, PodSandboxAttributes),
  linux: nested(2, LinuxPodSandboxStats),
});
export type PodSandboxStats = Decoded<typeof PodSandboxStats>;
export const PodSandboxStatsResponse = message({ stats: nested(1, PodSandboxStats) });
const PodSandboxStatsFilter = message({ id: string(1), labelSelector: stringMap(2) });
export const ListPodSandboxStatsRequest = message({ filter: nested(1, PodSandboxStatsFilter) });
export const ListPodSandboxStatsResponse = message({ stats: list(1, PodSandboxStats) });

/** CRI's own event stream (containerd 1.7 and later, CRI-O). */
export const ContainerEventResponse = message({
  containerId: string(1),
  containerEventType: oneOf(2, "created", "started", "stopped", "deleted"),
  createdAt: instant(3),
});

/** containerd's own events service, which every version has: package containerd.services.events.v1. */
export const SubscribeRequest = message({ filters: list(1, "string") });
const Any = message({ typeUrl: string(1), value: bytes(2) });
export const Envelope = message({ namespace: string(2), topic: string(3), event: nested(4, Any) });
/** containerd.events.TaskExit, TaskStart, TaskOOM and TaskDelete all begin with these. */
export const TaskEvent = message({ containerId: string(1), id: string(2), pid: uint32(3) });
