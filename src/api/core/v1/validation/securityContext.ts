import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import { groupID, userID } from "../../../../apimachinery/validation/names.ts";
import type { PodSpec } from "../podSpec.ts";
import type {
  AppArmorProfile,
  PodSecurityContext,
  SeccompProfile,
  SecurityContext,
  Sysctl,
  WindowsSecurityContextOptions,
} from "../securityContext.ts";
import { supportedIn } from "./fields.ts";
import { validateDescendingPath } from "./paths.ts";

function validateID(id: number | undefined, check: (id: number) => string[], path: FieldPath): FieldError[] {
  return id === undefined ? [] : fieldInvalidEach(path, id, check(id));
}

function validateChoice(value: string | undefined, supported: readonly string[], path: FieldPath): FieldError[] {
  return value === undefined ? [] : supportedIn(value, supported, path);
}

function validateSeccomp(profile: SeccompProfile | undefined, path: FieldPath): FieldError[] {
  if (profile === undefined) return [];
  if (profile.type === "") return [fieldRequired(path.child("type"), "type is required when seccompProfile is set")];
  const at = path.child("localhostProfile");
  const file = profile.localhostProfile;
  if (profile.type === "Localhost") {
    return file ? validateDescendingPath(file, at) : [fieldRequired(at, "must be set when seccomp type is Localhost")];
  }
  const errors = supportedIn(profile.type, ["Localhost", "RuntimeDefault", "Unconfined"], path.child("type"));
  if (errors.length === 0 && file !== undefined) {
    errors.push(fieldInvalid(at, file, "can only be set when seccomp type is Localhost"));
  }
  return errors;
}

const LONGEST_PROFILE = 4095;

function validateAppArmor(profile: AppArmorProfile | undefined, path: FieldPath): FieldError[] {
  if (profile === undefined) return [];
  const at = path.child("localhostProfile");
  const file = profile.localhostProfile;
  if (profile.type === "") return [fieldRequired(path.child("type"), "type is required when appArmorProfile is set")];
  if (profile.type === "Localhost") {
    if (file === undefined || file.trim() === "") {
      return [fieldRequired(at, "must be set when AppArmor type is Localhost")];
    }
    if (file.trim() !== file) return [fieldInvalid(at, file, "must not be padded with whitespace")];
    return file.length > LONGEST_PROFILE
      ? [fieldInvalid(at, file, `may not be more than ${LONGEST_PROFILE} bytes`)]
      : [];
  }
  const errors = supportedIn(profile.type, ["Localhost", "RuntimeDefault", "Unconfined"], path.child("type"));
  if (errors.length === 0 && file !== undefined) {
    errors.push(fieldInvalid(at, file, "can only be set when AppArmor type is Localhost"));
  }
  return errors;
}

function validateWindows(options: WindowsSecurityContextOptions | undefined, path: FieldPath): FieldError[] {
  if (options?.runAsUserName === undefined) return [];
  const at = path.child("runAsUserName");
  const user = options.runAsUserName;
  if (user.length === 0) return [fieldInvalid(at, user, "runAsUserName cannot be an empty string")];
  return user.includes("\\") && user.split("\\").length > 2
    ? [fieldInvalid(at, user, "runAsUserName cannot contain more than one backslash")]
    : [];
}

const SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const SYSCTL = `(${SEGMENT}[\\./])*${SEGMENT}`;
const SYSCTL_RE = new RegExp(`^${SYSCTL}$`);
const LONGEST_SYSCTL = 253;

/** A sysctl of a namespace that the Pod shares with its host would be the host's. */
function hostSysctl(name: string, spec: PodSpec): string | undefined {
  const dotted = name.includes("/") && !/^[^/]*\./.test(name) ? name.replaceAll("/", ".") : name;
  if (spec.hostNetwork && dotted.startsWith("net.")) return "may not be specified when 'hostNetwork' is true";
  if (spec.hostIPC && /^(kernel\.(shm|msg|sem)|fs\.mqueue\.)/.test(dotted)) {
    return "may not be specified when 'hostIPC' is true";
  }
  return undefined;
}

function validateSysctls(sysctls: readonly Sysctl[], spec: PodSpec, path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return sysctls.flatMap(({ name }, i) => {
    const at = path.index(i).child("name");
    if (name === "") return [fieldRequired(at)];
    const errors: FieldError[] = [];
    if (name.length > LONGEST_SYSCTL || !SYSCTL_RE.test(name)) {
      errors.push(fieldInvalid(at, name, `must have at most ${LONGEST_SYSCTL} characters and match regex ${SYSCTL}`));
    } else if (seen.has(name)) errors.push(fieldDuplicate(at, name));
    const ofHost = hostSysctl(name, spec);
    if (ofHost !== undefined) errors.push(fieldInvalid(at, name, ofHost));
    seen.add(name);
    return errors;
  });
}

export function validatePodSecurityContext(
  context: PodSecurityContext | undefined,
  spec: PodSpec,
  path: FieldPath,
): FieldError[] {
  if (context === undefined) return [];
  const groups = path.child("supplementalGroups");
  const errors = [
    ...validateID(context.fsGroup, groupID, path.child("fsGroup")),
    ...validateID(context.runAsUser, userID, path.child("runAsUser")),
    ...validateID(context.runAsGroup, groupID, path.child("runAsGroup")),
    ...(context.supplementalGroups ?? []).flatMap((id, i) => validateID(id, groupID, groups.index(i))),
  ];
  if (spec.shareProcessNamespace && spec.hostPID) {
    const at = path.child("shareProcessNamespace");
    errors.push(fieldInvalid(at, true, "ShareProcessNamespace and HostPID cannot both be enabled"));
  }
  return [
    ...errors,
    ...validateSysctls(context.sysctls ?? [], spec, path.child("sysctls")),
    ...validateChoice(context.fsGroupChangePolicy, ["Always", "OnRootMismatch"], path.child("fsGroupChangePolicy")),
    ...validateSeccomp(context.seccompProfile, path.child("seccompProfile")),
    ...validateWindows(context.windowsOptions, path.child("windowsOptions")),
    ...validateAppArmor(context.appArmorProfile, path.child("appArmorProfile")),
    ...validateChoice(context.supplementalGroupsPolicy, ["Merge", "Strict"], path.child("supplementalGroupsPolicy")),
    ...validateChoice(context.seLinuxChangePolicy, ["MountOption", "Recursive"], path.child("seLinuxChangePolicy")),
  ];
}

/** Privileges that a process could still gain although it must not. */
function contradictions(context: SecurityContext, path: FieldPath): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return [];
  const text = "cannot set `allowPrivilegeEscalation` to false and";
  const errors = context.privileged ? [fieldInvalid(path, context, `${text} \`privileged\` to true`)] : [];
  if (context.capabilities?.add?.includes("CAP_SYS_ADMIN")) {
    errors.push(fieldInvalid(path, context, `${text} \`capabilities.Add\` CAP_SYS_ADMIN`));
  }
  return errors;
}

/** `hostUsers`: the container's users are the host's. */
export function validateSecurityContext(
  context: SecurityContext | undefined,
  hostUsers: boolean,
  path: FieldPath,
): FieldError[] {
  if (context === undefined) return [];
  const procMount = path.child("procMount");
  const errors = [
    ...validateID(context.runAsUser, userID, path.child("runAsUser")),
    ...validateID(context.runAsGroup, groupID, path.child("runAsGroup")),
    ...validateChoice(context.procMount, ["Default", "Unmasked"], procMount),
  ];
  if (hostUsers && context.procMount === "Unmasked") {
    errors.push(fieldInvalid(procMount, context.procMount, "`hostUsers` must be false to use `Unmasked`"));
  }
  return [
    ...errors,
    ...validateSeccomp(context.seccompProfile, path.child("seccompProfile")),
    ...contradictions(context, path),
    ...validateWindows(context.windowsOptions, path.child("windowsOptions")),
    ...validateAppArmor(context.appArmorProfile, path.child("appArmorProfile")),
  ];
}
