import type { Container, Pod, SeccompProfile } from "../../api/core/v1/index.ts";
import type { LinuxContainerSecurityContext, NamespaceOption, SecurityProfile } from "../../cri/index.ts";
import { ConfigError } from "./environment.ts";

export function namespaceOptions(pod: Pod): NamespaceOption {
  return {
    network: pod.spec.hostNetwork ? "NODE" : "POD",
    pid: pod.spec.hostPID ? "NODE" : pod.spec.shareProcessNamespace ? "POD" : "CONTAINER",
    ipc: pod.spec.hostIPC ? "NODE" : "POD",
  };
}

/** The image's own user, for what the pod leaves open. */
export interface ImageUser {
  uid?: number;
  username?: string;
}

export interface SecurityInput {
  pod: Pod;
  container: Container;
  image: ImageUser;
  seccompDirectory: string;
  /** groups that volumes bring along */
  volumeGroups?: readonly number[];
  /** for an ephemeral container that shares another's processes */
  targetId?: string;
}

/** The container's security settings, its own before the pod's. Throws ConfigError for what contradicts itself. */
export function containerSecurity(input: SecurityInput): LinuxContainerSecurityContext {
  const { pod, container, targetId } = input;
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  verifyNonRoot(input);
  const user = own.runAsUser ?? shared.runAsUser ?? input.image.uid;
  const group = own.runAsGroup ?? shared.runAsGroup;
  const namespaces = namespaceOptions(pod);
  return {
    capabilities: {
      addCapabilities: own.capabilities?.add ?? [],
      dropCapabilities: own.capabilities?.drop ?? [],
    },
    privileged: own.privileged ?? false,
    namespaceOptions: targetId ? { ...namespaces, pid: "TARGET", targetId } : namespaces,
    ...(user === undefined ? {} : { runAsUser: user }),
    ...(user === undefined && input.image.username ? { runAsUsername: input.image.username } : {}),
    ...(group === undefined ? {} : { runAsGroup: group }),
    readonlyRootfs: own.readOnlyRootFilesystem ?? false,
    supplementalGroups: supplementalGroups(pod, input.volumeGroups),
    supplementalGroupsPolicy: shared.supplementalGroupsPolicy === "Strict" ? "Strict" : "Merge",
    noNewPrivs: own.allowPrivilegeEscalation === false,
    ...maskedPaths(own.procMount),
    seccomp: seccomp(
      own.privileged ? undefined : (own.seccompProfile ?? shared.seccompProfile),
      input.seccompDirectory,
    ),
    apparmor: apparmor(own.appArmorProfile ?? shared.appArmorProfile),
  };
}

function supplementalGroups(pod: Pod, volumeGroups: readonly number[] = []): number[] {
  const { fsGroup, supplementalGroups: groups = [] } = pod.spec.securityContext ?? {};
  return [...new Set([...groups, ...(fsGroup === undefined ? [] : [fsGroup]), ...volumeGroups])];
}

/** runAsNonRoot is a promise about the user that will really run: a name in the image cannot be checked. */
function verifyNonRoot({ pod, container, image }: SecurityInput): void {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  if (!(own.runAsNonRoot ?? shared.runAsNonRoot)) return;
  const asked = own.runAsUser ?? shared.runAsUser;
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`;
  if (asked !== undefined) {
    if (asked === 0) throw new ConfigError(`container's runAsUser breaks non-root policy ${where}`);
    return;
  }
  if (image.uid === 0 || (image.uid === undefined && !image.username)) {
    throw new ConfigError(`container has runAsNonRoot and image will run as root ${where}`);
  }
  if (image.username) {
    throw new ConfigError(
      `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`,
    );
  }
}

export function seccomp(profile: SeccompProfile | undefined, directory: string): SecurityProfile {
  if (profile?.type === "RuntimeDefault") return { profileType: "RuntimeDefault" };
  if (profile?.type === "Localhost") {
    return { profileType: "Localhost", localhostRef: `${directory}/${profile.localhostProfile}` };
  }
  return { profileType: "Unconfined" };
}

function apparmor(profile: { type?: string; localhostProfile?: string } | undefined): SecurityProfile | undefined {
  if (!profile) return undefined;
  if (profile.type === "Localhost") return { profileType: "Localhost", localhostRef: profile.localhostProfile ?? "" };
  return { profileType: profile.type === "Unconfined" ? "Unconfined" : "RuntimeDefault" };
}

const MASKED = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

function maskedPaths(procMount: string | undefined) {
  if (procMount === "Unmasked") return {};
  return { maskedPaths: MASKED, readonlyPaths: READ_ONLY };
}
