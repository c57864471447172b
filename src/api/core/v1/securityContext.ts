import { bool, type Infer, int64, list, message, string, struct } from "../../../apimachinery/schema.ts";

export const AppArmorProfile = message(
  "io.k8s.api.core.v1.AppArmorProfile",
  {
    type: string(1)
      .named("AppArmorProfileType")
      .always.required.doc("Where the profile comes from: RuntimeDefault, Localhost or Unconfined."),
    localhostProfile: string(2).optional.doc(
      "Name of a profile loaded on the node; for type Localhost, and only then.",
    ),
  },
  {
    doc: "The AppArmor profile that confines a container.",
    extensions: {
      "x-kubernetes-unions": [
        { discriminator: "type", "fields-to-discriminateBy": { localhostProfile: "LocalhostProfile" } },
      ],
    },
  },
);
export interface AppArmorProfile extends Infer<typeof AppArmorProfile> {}

export const Capabilities = message(
  "io.k8s.api.core.v1.Capabilities",
  {
    add: list(1, "string").named("Capability").atomicList.doc("Capabilities to add, without CAP_; ALL is every one."),
    drop: list(2, "string").named("Capability").atomicList.doc("Capabilities to take away; ALL is every one."),
  },
  { doc: "POSIX capabilities that a container gains or loses against the runtime's default set." },
);
export interface Capabilities extends Infer<typeof Capabilities> {}

export const SELinuxOptions = message(
  "io.k8s.api.core.v1.SELinuxOptions",
  {
    user: string(1).doc("Its user part."),
    role: string(2).doc("Its role part."),
    type: string(3).doc("Its type part."),
    level: string(4).doc("Its level part."),
  },
  { doc: "An SELinux label." },
);
export interface SELinuxOptions extends Infer<typeof SELinuxOptions> {}

export const WindowsSecurityContextOptions = message(
  "io.k8s.api.core.v1.WindowsSecurityContextOptions",
  {
    gmsaCredentialSpecName: string(1).optional.doc("The GMSA credential specification by name."),
    gmsaCredentialSpec: string(2).optional.doc("The GMSA credential specification itself."),
    runAsUserName: string(3).optional.doc("The user to run as."),
    hostProcess: bool(4).optional.doc("Whether the container runs on the host itself."),
  },
  { doc: "What is particular to Windows." },
);
export interface WindowsSecurityContextOptions extends Infer<typeof WindowsSecurityContextOptions> {}

export const SeccompProfile = message(
  "io.k8s.api.core.v1.SeccompProfile",
  {
    type: string(1).named("SeccompProfileType").always.required.doc("RuntimeDefault, Unconfined or Localhost."),
    localhostProfile: string(2).optional.doc("A profile's file on the node; for type Localhost, and only then."),
  },
  {
    doc: "Which system calls a container may make.",
    extensions: {
      "x-kubernetes-unions": [
        { discriminator: "type", "fields-to-discriminateBy": { localhostProfile: "LocalhostProfile" } },
      ],
    },
  },
);
export interface SeccompProfile extends Infer<typeof SeccompProfile> {}

export const SecurityContext = message(
  "io.k8s.api.core.v1.SecurityContext",
  {
    capabilities: struct(1, Capabilities).optional.doc("POSIX capabilities gained or lost."),
    privileged: bool(2).optional.doc("Whether the container may do what root on the host may."),
    seLinuxOptions: struct(3, SELinuxOptions).optional.doc("Its SELinux label."),
    runAsUser: int64(4).optional.doc("User of its first process; the image's if absent."),
    runAsNonRoot: bool(5).optional.doc("Whether to refuse to run as user 0."),
    readOnlyRootFilesystem: bool(6).optional.doc("Whether its root file system is for reading only."),
    allowPrivilegeEscalation: bool(7).optional.doc("Whether a process may gain more privileges than its parent."),
    runAsGroup: int64(8).optional.doc("Group of its first process."),
    procMount: string(9).named("ProcMountType").optional.doc("Default, or Unmasked: /proc as it is."),
    windowsOptions: struct(10, WindowsSecurityContextOptions).optional.doc("What is particular to Windows."),
    seccompProfile: struct(11, SeccompProfile).optional.doc("Which system calls may be made."),
    appArmorProfile: struct(12, AppArmorProfile).optional.doc("Its AppArmor profile."),
  },
  { doc: "What a container's processes may do." },
);
export interface SecurityContext extends Infer<typeof SecurityContext> {}

export const Sysctl = message(
  "io.k8s.api.core.v1.Sysctl",
  {
    name: string(1).always.required.doc("The parameter."),
    value: string(2).always.required.doc("Its value."),
  },
  { doc: "A kernel parameter." },
);
export interface Sysctl extends Infer<typeof Sysctl> {}

export const PodSecurityContext = message(
  "io.k8s.api.core.v1.PodSecurityContext",
  {
    seLinuxOptions: struct(1, SELinuxOptions).optional.doc("SELinux label of all containers."),
    runAsUser: int64(2).optional.doc("User of the first process; the image's if absent."),
    runAsNonRoot: bool(3).optional.doc("Whether to refuse to run as user 0."),
    supplementalGroups: list(4, "int64").atomicList.doc("Further groups of the first process."),
    fsGroup: int64(5).optional.doc("Group that owns the Pod's volumes and that processes belong to."),
    runAsGroup: int64(6).optional.doc("Group of the first process."),
    sysctls: list(7, Sysctl).atomicList.doc("Kernel parameters of the Pod's namespaces."),
    windowsOptions: struct(8, WindowsSecurityContextOptions).optional.doc("What is particular to Windows."),
    fsGroupChangePolicy: string(9)
      .named("PodFSGroupChangePolicy")
      .optional.doc("When a volume's owner is changed: Always, or OnRootMismatch."),
    seccompProfile: struct(10, SeccompProfile).optional.doc("Which system calls may be made."),
    appArmorProfile: struct(11, AppArmorProfile).optional.doc("The AppArmor profile of all containers."),
    supplementalGroupsPolicy: string(12)
      .named("SupplementalGroupsPolicy")
      .optional.doc("Merge adds groups of the image's /etc/group; Strict does not."),
    seLinuxChangePolicy: string(13)
      .named("PodSELinuxChangePolicy")
      .optional.doc("How volumes are labelled: Recursive or MountOption."),
  },
  { doc: "What the Pod's processes may do, as far as containers do not say otherwise." },
);
export interface PodSecurityContext extends Infer<typeof PodSecurityContext> {}
