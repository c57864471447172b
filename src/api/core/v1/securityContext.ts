import { bool, type Infer, int64, list, message, string, struct } from "../../../apimachinery/schema.ts";

export const AppArmorProfile = message(
  "io.k8s.api.core.v1.AppArmorProfile",
  {
    type: string(1).named("AppArmorProfileType").always.required,
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

export const Capabilities = message("io.k8s.api.core.v1.Capabilities", {
  add: list(1, "string").named("Capability").atomicList,
  drop: list(2, "string").named("Capability").atomicList,
});
export interface Capabilities extends Infer<typeof Capabilities> {}

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
    type: string(1).named("SeccompProfileType").always.required,
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
  procMount: string(9).named("ProcMountType").optional,
  windowsOptions: struct(10, WindowsSecurityContextOptions).optional,
  seccompProfile: struct(11, SeccompProfile).optional,
  appArmorProfile: struct(12, AppArmorProfile).optional,
});
export interface SecurityContext extends Infer<typeof SecurityContext> {}

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
  fsGroupChangePolicy: string(9).named("PodFSGroupChangePolicy").optional,
  seccompProfile: struct(10, SeccompProfile).optional,
  appArmorProfile: struct(11, AppArmorProfile).optional,
  supplementalGroupsPolicy: string(12).named("SupplementalGroupsPolicy").optional,
  seLinuxChangePolicy: string(13).named("PodSELinuxChangePolicy").optional,
});
export interface PodSecurityContext extends Infer<typeof PodSecurityContext> {}
