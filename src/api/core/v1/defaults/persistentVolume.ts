import type { PersistentVolumeClaimStatus } from "../persistentVolumeClaimMessages.ts";
import type { PersistentVolumeClaimSpec } from "../persistentVolumeClaimSpec.ts";
import type { PersistentVolumeSpec, PersistentVolumeStatus } from "../persistentVolumeMessages.ts";
import { resourceListDefaults } from "./container.ts";
import { persistentVolumeClaimSpecDefaults, storageDefaults } from "./volumes.ts";

export function persistentVolumeDefaults(volume: { spec: PersistentVolumeSpec; status: PersistentVolumeStatus }): void {
  const { spec, status } = volume;
  status.phase ||= "Pending";
  spec.persistentVolumeReclaimPolicy ||= "Retain";
  spec.volumeMode ??= "Filesystem";
  resourceListDefaults(spec.capacity);
  storageDefaults(spec);
  if (spec.hostPath !== undefined) spec.hostPath.type ??= "";
}

export function persistentVolumeClaimDefaults(claim: {
  spec: PersistentVolumeClaimSpec;
  status: PersistentVolumeClaimStatus;
}): void {
  claim.status.phase ||= "Pending";
  persistentVolumeClaimSpecDefaults(claim.spec);
  resourceListDefaults(claim.status.capacity);
  resourceListDefaults(claim.status.allocatedResources);
}
