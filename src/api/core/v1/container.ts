import { bool, type Infer, inline, int32, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { EnvFromSource, EnvVar } from "./env.ts";
import { Lifecycle, Probe } from "./probes.ts";
import { SecurityContext } from "./securityContext.ts";

export const ContainerPort = message(
  "io.k8s.api.core.v1.ContainerPort",
  {
    name: string(1).doc("The port's name, by which Services and probes can refer to it."),
    hostPort: int32(2).doc("A port of the host that leads here; seldom needed."),
    containerPort: int32(3).always.required.doc("The port's number in the Pod's network."),
    protocol: string(4).named("Protocol").default("TCP").doc("TCP, UDP or SCTP."),
    hostIP: string(5).doc("The host's address to which hostPort is bound; all if absent."),
  },
  { doc: "A port on which a container listens." },
);
export interface ContainerPort extends Infer<typeof ContainerPort> {}

export const ResourceClaim = message(
  "io.k8s.api.core.v1.ResourceClaim",
  {
    name: string(1).always.required.doc("The entry."),
    request: string(2).doc("One request of the claim; absent: all."),
  },
  { doc: "An entry of the Pod's resourceClaims that a container uses." },
);
export interface ResourceClaim extends Infer<typeof ResourceClaim> {}

export const ResourceRequirements = message(
  "io.k8s.api.core.v1.ResourceRequirements",
  {
    limits: map(1, "quantity").doc("The most that may be used of each resource."),
    requests: map(2, "quantity").doc("What is set aside; what the limit says if absent."),
    claims: list(3, ResourceClaim).listMap("name").doc("Resource claims of the Pod that this container uses."),
  },
  { doc: "What is asked for and what may be used at most." },
);
export interface ResourceRequirements extends Infer<typeof ResourceRequirements> {}

export const VolumeMount = message(
  "io.k8s.api.core.v1.VolumeMount",
  {
    name: string(1).always.required.doc("The volume."),
    readOnly: bool(2).doc("Mount for reading only."),
    mountPath: string(3).always.required.doc("Where it appears."),
    subPath: string(4).doc("The folder or file within the volume; its root if absent."),
    mountPropagation: string(5)
      .named("MountPropagationMode")
      .optional.doc("Whether mounts made later are seen on the other side: None, HostToContainer or Bidirectional."),
    subPathExpr: string(6).doc("Like subPath, with $(NAME) for environment variables."),
    recursiveReadOnly: string(7)
      .named("RecursiveReadOnlyMode")
      .optional.doc("Whether mounts below are for reading only as well: Disabled, IfPossible or Enabled."),
  },
  { doc: "A volume in a container's file system." },
);
export interface VolumeMount extends Infer<typeof VolumeMount> {}

export const VolumeDevice = message(
  "io.k8s.api.core.v1.VolumeDevice",
  {
    name: string(1).always.required.doc("The volume."),
    devicePath: string(2).always.required.doc("The device's path in the container."),
  },
  { doc: "A volume as a raw block device of a container." },
);
export interface VolumeDevice extends Infer<typeof VolumeDevice> {}

export const ContainerResizePolicy = message(
  "io.k8s.api.core.v1.ContainerResizePolicy",
  {
    resourceName: string(1).named("ResourceName").always.required.doc("cpu or memory."),
    restartPolicy: string(2)
      .named("ResourceResizeRestartPolicy")
      .always.required.doc("NotRequired or RestartContainer."),
  },
  { doc: "What must happen to a container when one of its resources changes." },
);
export interface ContainerResizePolicy extends Infer<typeof ContainerResizePolicy> {}

export const ContainerRestartRuleOnExitCodes = message(
  "io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes",
  {
    operator: string(1).named("ContainerRestartRuleOnExitCodesOperator").required.doc("In or NotIn."),
    values: list(2, "int32").listSet.doc("The exit codes, at most 255."),
  },
  { doc: "A set of exit codes." },
);
export interface ContainerRestartRuleOnExitCodes extends Infer<typeof ContainerRestartRuleOnExitCodes> {}

export const ContainerRestartRule = message(
  "io.k8s.api.core.v1.ContainerRestartRule",
  {
    action: string(1).named("ContainerRestartRuleAction").required.doc("Restart, or RestartAllContainers."),
    exitCodes: struct(2, ContainerRestartRuleOnExitCodes).optional.doc("The exit codes for which the rule holds."),
  },
  { doc: "What is done when a container ends in a certain way." },
);
export interface ContainerRestartRule extends Infer<typeof ContainerRestartRule> {}

export const Container = message(
  "io.k8s.api.core.v1.Container",
  {
    name: string(1).always.required.doc("The container's name, unique in its Pod."),
    image: string(2).doc("The image to run."),
    command: list(3, "string").atomicList.doc(
      "The program and its first arguments, not through a shell; absent: the image's entrypoint. $(NAME) stands for a variable.",
    ),
    args: list(4, "string").atomicList.doc(
      "Arguments of the entrypoint; absent: the image's own. $(NAME) stands for a variable.",
    ),
    workingDir: string(5).doc("The folder in which the program starts; absent: the image's."),
    ports: list(6, ContainerPort)
      .listMap("containerPort", "protocol")
      .merge("containerPort")
      .doc("Ports on which the container listens; tells others, opens nothing."),
    env: list(7, EnvVar).listMap("name").merge("name").doc("Environment variables."),
    resources: struct(8, ResourceRequirements).doc("How much CPU, memory and the like it asks for and may use."),
    volumeMounts: list(9, VolumeMount)
      .listMap("mountPath")
      .merge("mountPath")
      .doc("Which of the Pod's volumes it sees where."),
    livenessProbe: struct(10, Probe).optional.doc("Tells whether the container still works; if not, it is restarted."),
    readinessProbe: struct(11, Probe).optional.doc(
      "Tells whether the container can serve; if not, Services pass it by.",
    ),
    lifecycle: struct(12, Lifecycle).optional.doc("What is done right after the start and before the end."),
    terminationMessagePath: string(13).doc(
      "The file in the container whose content becomes its last message; /dev/termination-log by default.",
    ),
    imagePullPolicy: string(14)
      .named("PullPolicy")
      .doc("Always, IfNotPresent or Never; by default Always for images tagged latest or not at all."),
    securityContext: struct(15, SecurityContext).optional.doc(
      "What the container's processes may do; wins over the Pod's own settings.",
    ),
    stdin: bool(16).doc("Whether a buffer for standard input is kept open."),
    stdinOnce: bool(17).doc("Whether standard input closes after the first client has gone."),
    tty: bool(18).doc("Whether the container gets a terminal; needs stdin."),
    envFrom: list(19, EnvFromSource).atomicList.doc(
      "ConfigMaps and Secrets whose keys all become variables; env wins.",
    ),
    terminationMessagePolicy: string(20)
      .named("TerminationMessagePolicy")
      .doc("File, or FallbackToLogsOnError: the end of the log when the file is empty and the container failed."),
    volumeDevices: list(21, VolumeDevice)
      .listMap("devicePath")
      .merge("devicePath")
      .doc("Which of the Pod's volumes it sees as raw block devices."),
    startupProbe: struct(22, Probe).optional.doc(
      "Tells whether the container has started; until then the other probes wait.",
    ),
    resizePolicy: list(23, ContainerResizePolicy).atomicList.doc(
      "What must happen when resources change while it runs.",
    ),
    restartPolicy: string(24)
      .named("ContainerRestartPolicy")
      .optional.doc("When this container is restarted; for init containers, Always makes a sidecar."),
    restartPolicyRules: list(25, ContainerRestartRule).atomicList.doc(
      "Exceptions from the restart policy by exit code, checked in order.",
    ),
  },
  { doc: "One program that a Pod runs, in its own root file system." },
);
export interface Container extends Infer<typeof Container> {}

export const EphemeralContainerCommon = message(
  "io.k8s.api.core.v1.EphemeralContainerCommon",
  {
    name: string(1).always.required.doc("The container's name, unique among all of its Pod."),
    image: string(2).doc("The image to run."),
    command: list(3, "string").atomicList.doc("The program and its first arguments; absent: the image's entrypoint."),
    args: list(4, "string").atomicList.doc("Arguments of the entrypoint; absent: the image's own."),
    workingDir: string(5).doc("The folder in which the program starts."),
    ports: list(6, ContainerPort).listMap("containerPort", "protocol").merge("containerPort").doc("Not allowed here."),
    env: list(7, EnvVar).listMap("name").merge("name").doc("Environment variables."),
    resources: struct(8, ResourceRequirements).doc("Not allowed here."),
    volumeMounts: list(9, VolumeMount)
      .listMap("mountPath")
      .merge("mountPath")
      .doc("Which of the Pod's volumes it sees where; without subPath."),
    livenessProbe: struct(10, Probe).optional.doc("Not allowed here."),
    readinessProbe: struct(11, Probe).optional.doc("Not allowed here."),
    lifecycle: struct(12, Lifecycle).optional.doc("Not allowed here."),
    terminationMessagePath: string(13).doc("The file whose content becomes its last message."),
    imagePullPolicy: string(14).named("PullPolicy").doc("Always, IfNotPresent or Never."),
    securityContext: struct(15, SecurityContext).optional.doc("What the container's processes may do."),
    stdin: bool(16).doc("Whether a buffer for standard input is kept open."),
    stdinOnce: bool(17).doc("Whether standard input closes after the first client has gone."),
    tty: bool(18).doc("Whether the container gets a terminal; needs stdin."),
    envFrom: list(19, EnvFromSource).atomicList.doc("ConfigMaps and Secrets whose keys all become variables."),
    terminationMessagePolicy: string(20).named("TerminationMessagePolicy").doc("File or FallbackToLogsOnError."),
    volumeDevices: list(21, VolumeDevice)
      .listMap("devicePath")
      .merge("devicePath")
      .doc("Which of the Pod's volumes it sees as raw block devices."),
    startupProbe: struct(22, Probe).optional.doc("Not allowed here."),
    resizePolicy: list(23, ContainerResizePolicy).atomicList.doc("Not allowed here."),
    restartPolicy: string(24).named("ContainerRestartPolicy").optional.doc("Not allowed here."),
    restartPolicyRules: list(25, ContainerRestartRule).atomicList.doc("Not allowed here."),
  },
  { doc: "What an ephemeral container has in common with others; ports, probes, hooks and resources may not be set." },
);
export interface EphemeralContainerCommon extends Infer<typeof EphemeralContainerCommon> {}

export const EphemeralContainer = message(
  "io.k8s.api.core.v1.EphemeralContainer",
  {
    ephemeralContainerCommon: inline(1, EphemeralContainerCommon).doc("What it has in common with other containers."),
    targetContainerName: string(2).doc("The container whose processes it sees."),
  },
  { doc: "A container added to a running Pod, to look into it." },
);
export interface EphemeralContainer extends Infer<typeof EphemeralContainer> {}
