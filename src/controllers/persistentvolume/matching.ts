import type { PersistentVolume, PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { capacityOf, classOf, isFor, requestOf } from "../storage.ts";

const FILESYSTEM = "Filesystem";

const sameMode = (claim: PersistentVolumeClaim, volume: PersistentVolume): boolean =>
  (claim.spec.volumeMode ?? FILESYSTEM) === (volume.spec.volumeMode ?? FILESYSTEM);

const sameAttributes = (claim: PersistentVolumeClaim, volume: PersistentVolume): boolean =>
  (claim.spec.volumeAttributesClassName ?? "") === (volume.spec.volumeAttributesClassName ?? "");

const offersModes = (claim: PersistentVolumeClaim, volume: PersistentVolume): boolean =>
  (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode));

const isLargeEnough = (claim: PersistentVolumeClaim, volume: PersistentVolume): boolean =>
  capacityOf(volume).compare(requestOf(claim)) >= 0;

/** Why the volume that a claim names cannot serve it; undefined when it can. */
export function whyUnfit(claim: PersistentVolumeClaim, volume: PersistentVolume): string | undefined {
  if (!isLargeEnough(claim, volume)) return "requested PV is too small";
  if (classOf(claim) !== classOf(volume)) return "storageClassName does not match";
  if (!sameMode(claim, volume)) return "incompatible volumeMode";
  if (!offersModes(claim, volume)) return "incompatible accessMode";
  if (!sameAttributes(claim, volume)) return "volumeAttributesClassName does not match";
  return undefined;
}

/**
 * The volume that serves a claim best: one kept for it, else (unless `onlyKept`) the one whose access modes go least
 * beyond what is asked, and of those the smallest.
 */
export function bestVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  onlyKept: boolean,
): PersistentVolume | undefined {
  const possible = volumes.filter(
    (volume) =>
      (!volume.spec.claimRef || isFor(volume, claim)) &&
      volume.metadata.deletionTimestamp === undefined &&
      isLargeEnough(claim, volume) &&
      sameMode(claim, volume) &&
      sameAttributes(claim, volume),
  );
  const kept = possible.find((volume) => isFor(volume, claim));
  if (kept || onlyKept) return kept;
  const selector = claim.spec.selector && labelSelector(claim.spec.selector);
  const fitting = possible.filter(
    (volume) =>
      volume.status.phase === "Available" &&
      classOf(volume) === classOf(claim) &&
      offersModes(claim, volume) &&
      (selector?.matches(volume.metadata.labels ?? {}) ?? true),
  );
  return fitting.sort(closer)[0];
}

function closer(a: PersistentVolume, b: PersistentVolume): number {
  const modes = (a.spec.accessModes?.length ?? 0) - (b.spec.accessModes?.length ?? 0);
  if (modes !== 0) return modes;
  return capacityOf(a).compare(capacityOf(b)) || ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1);
}
