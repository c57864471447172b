import {
  Node,
  nodeSelectorMatches,
  PersistentVolume,
  PersistentVolumeClaim,
  type Pod,
  type Volume,
} from "../../api/core/v1/index.ts";
import type { Client } from "../../client/client.ts";
import { allContainers } from "../pod/spec.ts";
import { MountFailure } from "./mountFailure.ts";

/** A claim of a Pod's volume, with the volume that serves it. */
export interface ClaimedVolume {
  claim: PersistentVolumeClaim;
  volume: PersistentVolume;
  readOnly: boolean;
}

/** The name of the claim behind a Pod's volume; undefined for volumes of other kinds. */
export function claimNameOf(pod: Pod, { name, persistentVolumeClaim, ephemeral }: Volume): string | undefined {
  if (persistentVolumeClaim) return persistentVolumeClaim.claimName;
  return ephemeral ? `${pod.metadata.name}-${name}` : undefined;
}

/** Reads claim and volume, and checks that this Pod may use them here. Throws MountFailure in Kubernetes' words. */
export async function readClaim(client: Client, pod: Pod, volume: Volume, nodeName: string): Promise<ClaimedVolume> {
  try {
    const claim = await readUsableClaim(client, pod, volume);
    const found = await client.get(PersistentVolume, { name: claim.spec.volumeName! }).catch((error) => {
      throw new Error(`failed to fetch PV ${claim.spec.volumeName} from API server: ${error.message}`);
    });
    checkBinding(found, claim);
    checkMode(pod, volume, found);
    await checkNode(client, found, nodeName);
    const readOnly = volume.persistentVolumeClaim?.readOnly === true;
    return { claim, volume: found, readOnly };
  } catch (error) {
    throw error instanceof MountFailure ? error : MountFailure.processing(volume.name, error);
  }
}

async function readUsableClaim(client: Client, pod: Pod, volume: Volume): Promise<PersistentVolumeClaim> {
  const { namespace } = pod.metadata;
  const name = claimNameOf(pod, volume)!;
  const failed = (why: string) => new Error(`error processing PVC ${namespace}/${name}: ${why}`);
  const claim = await client.get(PersistentVolumeClaim, { namespace, name }).catch((error) => {
    throw failed(`failed to fetch PVC from API server: ${error.message}`);
  });
  const owned = claim.metadata.ownerReferences?.some((it) => it.controller && it.uid === pod.metadata.uid);
  if (volume.ephemeral && !owned) {
    const who = `${namespace}/${pod.metadata.name}`;
    throw failed(`PVC "${namespace}/${name}" was not created for pod "${who}" (pod is not owner)`);
  }
  // a Pod that ran before goes on; a new one is not begun
  const hasRun = pod.status.phase === "Running";
  if (claim.metadata.deletionTimestamp && !hasRun) throw failed("can't start pod because PVC is being deleted");
  if (claim.status.phase !== "Bound" || !claim.spec.volumeName) throw failed("PVC is not bound");
  return claim;
}

function checkBinding({ metadata, spec }: PersistentVolume, claim: PersistentVolumeClaim): void {
  if (spec.claimRef?.uid === claim.metadata.uid) return;
  const { namespace, name } = claim.metadata;
  throw new Error(
    `error processing PVC ${namespace}/${name}: PV ${metadata.name} is not bound to it, but to ${spec.claimRef?.namespace}/${spec.claimRef?.name}`,
  );
}

function checkMode(pod: Pod, { name }: Volume, { spec }: PersistentVolume): void {
  const mode = spec.volumeMode ?? "Filesystem";
  const containers = allContainers(pod);
  const mounted = containers.some((it) => it.volumeMounts?.some((mount) => mount.name === name));
  const asDevice = containers.some((it) => it.volumeDevices?.some((device) => device.name === name));
  if (mounted && mode !== "Filesystem") {
    throw new Error(`volume ${name} has volumeMode ${mode}, but is specified in volumeMounts`);
  }
  if (asDevice && mode !== "Block") {
    throw new Error(`volume ${name} has volumeMode ${mode}, but is specified in volumeDevices`);
  }
}

async function checkNode(client: Client, { metadata, spec }: PersistentVolume, nodeName: string): Promise<void> {
  const required = spec.nodeAffinity?.required;
  if (required === undefined) return;
  if (nodeSelectorMatches(required, await client.get(Node, { name: nodeName }))) return;
  const why = "no matching NodeSelectorTerms";
  throw new MountFailure(`MountVolume.NodeAffinity check failed for volume "${metadata.name}" : ${why}`);
}
