import { PersistentVolume, PersistentVolumeClaim, type PersistentVolumeClaimStatus } from "../../api/core/v1/index.ts";
import type { Client } from "../../client/index.ts";
import { sameWhenWritten } from "../sameJson.ts";
import {
  annotated,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  hasAnnotation,
  isFor,
  marked,
  referenceTo,
} from "../storage.ts";

/** The volume as it points to its claim; marked when the controller chose it. */
export function boundVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { claimRef } = volume.spec;
  if (claimRef?.uid === claim.metadata.uid && isFor(volume, claim)) return volume;
  const chosen = isFor(volume, claim) ? volume : annotated(volume, marked(BOUND_BY_CONTROLLER));
  return { ...chosen, spec: { ...chosen.spec, claimRef: referenceTo(claim) } };
}

/** The claim as it points to its volume; marked when the controller chose it, and as done. */
export function boundClaim(claim: PersistentVolumeClaim, volume: PersistentVolume): PersistentVolumeClaim {
  const volumeName = volume.metadata.name;
  const chosen = claim.spec.volumeName === volumeName ? claim : annotated(claim, marked(BOUND_BY_CONTROLLER));
  if (chosen === claim && hasAnnotation(claim, BIND_COMPLETED)) return claim;
  const done = annotated(chosen, marked(BIND_COMPLETED));
  return { ...done, spec: { ...done.spec, volumeName } };
}

/** What a claim has by its volume; how much, is told when it becomes bound and then only by who resizes it. */
export function boundStatus(claim: PersistentVolumeClaim, volume: PersistentVolume): PersistentVolumeClaimStatus {
  const { phase, capacity } = claim.status;
  const { accessModes, capacity: offered, volumeAttributesClassName } = volume.spec;
  const isNew = phase !== "Bound" || capacity === undefined;
  return {
    ...claim.status,
    phase: "Bound",
    accessModes,
    ...(isNew ? { capacity: offered } : {}),
    ...(isNew && volumeAttributesClassName ? { currentVolumeAttributesClassName: volumeAttributesClassName } : {}),
  };
}

/**
 * Ties the two together, the volume first: whoever is interrupted finds at the next look how far it came, and no claim
 * is told that it is bound before its volume is taken.
 */
export async function bind(volume: PersistentVolume, claim: PersistentVolumeClaim, client: Client): Promise<void> {
  let [pv, pvc] = [boundVolume(volume, claim), boundClaim(claim, volume)];
  if (pv !== volume) pv = await client.update(PersistentVolume, pv);
  if (pv.status.phase !== "Bound") {
    const { message: _, reason: __, ...status } = pv.status;
    await client.updateStatus(PersistentVolume, { ...pv, status: { ...status, phase: "Bound" } });
  }
  if (pvc !== claim) pvc = await client.update(PersistentVolumeClaim, pvc);
  const status = boundStatus(pvc, pv);
  if (!sameWhenWritten(status, pvc.status)) await client.updateStatus(PersistentVolumeClaim, { ...pvc, status });
}
