import type { PersistentVolumeClaimSpec } from "../persistentVolumeClaimSpec.ts";
import type { PersistentVolumeSource } from "../persistentVolumeSources.ts";
import type { DownwardAPIVolumeFile, VolumeProjection } from "../projections.ts";
import type { Volume } from "../volumes.ts";
import { VolumeSource } from "../volumes.ts";
import { fieldRefDefaults, resourceListDefaults } from "./container.ts";
import { pullPolicyFor } from "./image.ts";

const FILE_MODE = 0o644;
const TOKEN_SECONDS = 3600;
const SOURCES = Object.keys(VolumeSource.fields) as (keyof VolumeSource)[];

export function volumeDefaults(volume: Volume): void {
  if (SOURCES.every((source) => volume[source] === undefined)) volume.emptyDir = {};
  fileDefaults(volume);
  storageDefaults(volume);
  if (volume.hostPath !== undefined) volume.hostPath.type ??= "";
  if (volume.image !== undefined) volume.image.pullPolicy ||= pullPolicyFor(volume.image.reference ?? "");
  const claim = volume.ephemeral?.volumeClaimTemplate;
  if (claim !== undefined) persistentVolumeClaimSpecDefaults(claim.spec);
}

export function persistentVolumeClaimSpecDefaults(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= "Filesystem";
  resourceListDefaults(spec.resources?.limits);
  resourceListDefaults(spec.resources?.requests);
}

/** Volumes whose content the API holds. */
function fileDefaults(volume: Volume): void {
  for (const source of [volume.configMap, volume.secret, volume.downwardAPI, volume.projected]) {
    if (source !== undefined) source.defaultMode ??= FILE_MODE;
  }
  downwardDefaults(volume.downwardAPI?.items);
  for (const source of volume.projected?.sources ?? []) projectionDefaults(source);
}

function downwardDefaults(items: readonly DownwardAPIVolumeFile[] | undefined): void {
  for (const item of items ?? []) fieldRefDefaults(item.fieldRef);
}

function projectionDefaults(source: VolumeProjection): void {
  downwardDefaults(source.downwardAPI?.items);
  if (source.serviceAccountToken !== undefined) source.serviceAccountToken.expirationSeconds ??= TOKEN_SECONDS;
  if (source.podCertificate !== undefined) source.podCertificate.maxExpirationSeconds ??= 24 * 3600;
}

type OfStorage<T> = { -readonly [S in "iscsi" | "rbd" | "azureDisk" | "scaleIO"]?: T[S & keyof T] };

/** Volumes of storage systems, in a Pod or by themselves. */
export function storageDefaults(volume: OfStorage<Volume> | OfStorage<PersistentVolumeSource>): void {
  const { iscsi, rbd, azureDisk, scaleIO } = volume;
  if (iscsi !== undefined) iscsi.iscsiInterface ||= "default";
  if (rbd !== undefined) {
    rbd.pool ||= "rbd";
    rbd.user ||= "admin";
    rbd.keyring ||= "/etc/ceph/keyring";
  }
  if (azureDisk !== undefined) {
    azureDisk.cachingMode ??= "ReadWrite";
    azureDisk.kind ??= "Shared";
    azureDisk.fsType ??= "ext4";
    azureDisk.readOnly ??= false;
  }
  if (scaleIO !== undefined) {
    scaleIO.storageMode ||= "ThinProvisioned";
    scaleIO.fsType ||= "xfs";
  }
}
