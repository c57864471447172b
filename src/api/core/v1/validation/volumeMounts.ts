import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotFound,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import type { VolumeDevice, VolumeMount } from "../container.ts";
import type { Volume } from "../volumes.ts";
import { supportedIn } from "./fields.ts";
import { validateDescendingPath, validateNoBacksteps } from "./paths.ts";

interface Mounting {
  volumeMounts?: readonly VolumeMount[];
  volumeDevices?: readonly VolumeDevice[];
  securityContext?: { privileged?: boolean };
}

function validatePropagation(mount: VolumeMount, privileged: boolean, path: FieldPath): FieldError[] {
  if (mount.mountPropagation === undefined) return [];
  const errors = supportedIn(mount.mountPropagation, ["Bidirectional", "HostToContainer", "None"], path);
  if (mount.mountPropagation === "Bidirectional" && !privileged) {
    errors.push(fieldForbidden(path, "Bidirectional mount propagation is available only to privileged containers"));
  }
  return errors;
}

function validateRecursiveReadOnly(mount: VolumeMount, path: FieldPath): FieldError[] {
  const { recursiveReadOnly, readOnly, mountPropagation } = mount;
  if (recursiveReadOnly === undefined || recursiveReadOnly === "Disabled") return [];
  const errors = supportedIn(recursiveReadOnly, ["Disabled", "Enabled", "IfPossible"], path);
  if (errors.length > 0) return errors;
  if (!readOnly) errors.push(fieldForbidden(path, "may only be specified when readOnly is true"));
  if (mountPropagation !== undefined && mountPropagation !== "None") {
    errors.push(fieldForbidden(path, "may only be specified when mountPropagation is None or not specified"));
  }
  return errors;
}

/** Errors below the mount's own name and path name the list, not the item. */
function validateMount(mount: VolumeMount, container: Mounting, list: FieldPath, at: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const devices = container.volumeDevices ?? [];
  if (devices.some((device) => device.name === mount.name)) {
    errors.push(fieldInvalid(at.child("name"), mount.name, "must not already exist in volumeDevices"));
  }
  if (devices.some((device) => device.devicePath === mount.mountPath)) {
    const text = "must not already exist as a path in volumeDevices";
    errors.push(fieldInvalid(at.child("mountPath"), mount.mountPath, text));
  }
  if (mount.subPath) errors.push(...validateDescendingPath(mount.subPath, list.child("subPath")));
  if (mount.subPathExpr) {
    if (mount.subPath) {
      const text = "subPathExpr and subPath are mutually exclusive";
      errors.push(fieldInvalid(at.child("subPathExpr"), mount.subPathExpr, text));
    }
    errors.push(...validateDescendingPath(mount.subPathExpr, list.child("subPathExpr")));
  }
  const privileged = container.securityContext?.privileged === true;
  return [
    ...errors,
    ...validatePropagation(mount, privileged, list.child("mountPropagation")),
    ...validateRecursiveReadOnly(mount, list.child("recursiveReadOnly")),
  ];
}

export function validateVolumeMounts(
  container: Mounting,
  volumes: ReadonlyMap<string, Volume>,
  path: FieldPath,
): FieldError[] {
  const targets = new Set<string>();
  return (container.volumeMounts ?? []).flatMap((mount, i) => {
    const at = path.index(i);
    const errors: FieldError[] = [];
    if (mount.name === "") errors.push(fieldRequired(at.child("name")));
    if (!volumes.has(mount.name)) errors.push(fieldNotFound(at.child("name"), mount.name));
    if (mount.mountPath === "") errors.push(fieldRequired(at.child("mountPath")));
    if (targets.has(mount.mountPath)) {
      errors.push(fieldInvalid(at.child("mountPath"), mount.mountPath, "must be unique"));
    }
    targets.add(mount.mountPath);
    return [...errors, ...validateMount(mount, container, path, at)];
  });
}

export function validateVolumeDevices(
  container: Mounting,
  volumes: ReadonlyMap<string, Volume>,
  path: FieldPath,
): FieldError[] {
  const [names, targets] = [new Set<string>(), new Set<string>()];
  const mounts = container.volumeMounts ?? [];
  return (container.volumeDevices ?? []).flatMap(({ name, devicePath }, i) => {
    const [atName, atPath] = [path.index(i).child("name"), path.index(i).child("devicePath")];
    const errors: FieldError[] = [];
    const volume = volumes.get(name);
    if (name === "") errors.push(fieldRequired(atName));
    if (names.has(name)) errors.push(fieldInvalid(atName, name, "must be unique"));
    if (volume !== undefined && !volume.persistentVolumeClaim && !volume.ephemeral) {
      const text = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
      errors.push(fieldInvalid(atName, name, text));
    }
    if (volume === undefined) errors.push(fieldNotFound(atName, name));
    if (devicePath === "") errors.push(fieldRequired(atPath));
    if (targets.has(devicePath)) errors.push(fieldInvalid(atPath, devicePath, "must be unique"));
    if (devicePath !== "" && validateNoBacksteps(devicePath, atPath).length > 0) {
      errors.push(fieldInvalid(atPath, devicePath, "can not contain backsteps ('..')"));
    }
    if (mounts.some((mount) => mount.name === name)) {
      errors.push(fieldInvalid(atName, name, "must not already exist in volumeMounts"));
    }
    if (mounts.some((mount) => mount.mountPath === devicePath)) {
      errors.push(fieldInvalid(atPath, devicePath, "must not already exist as a path in volumeMounts"));
    }
    names.add(name);
    targets.add(devicePath);
    return errors;
  });
}
