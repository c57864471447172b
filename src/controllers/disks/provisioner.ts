import { PersistentVolume, PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import { DISK_DRIVER, StorageClass } from "../../api/storage/v1/index.ts";
import { isAlreadyExists, isNotFound } from "../../apimachinery/status.ts";
import { type Controller, controller, done, type ReconcileContext } from "../../client/index.ts";
import { classOf, PROVISIONED_BY, referenceTo, requestOf, SELECTED_NODE, STORAGE_PROVISIONER } from "../storage.ts";
import type { Disks } from "./disks.ts";

const FINALIZER = "external-provisioner.volume.kubernetes.io/finalizer";
const MODES = ["ReadWriteOnce", "ReadWriteOncePod"];

/** Makes a disk for each claim of a class whose provisioner is disk.coxswain.io. */
export function diskProvisioner(disks: Disks): Controller {
  return controller({
    name: "disk",
    for: PersistentVolumeClaim,
    reads: [PersistentVolume, StorageClass],
    async reconcile(claim, context) {
      const { metadata, spec } = claim;
      if (spec.volumeName || metadata.deletionTimestamp) return done;
      if (metadata.annotations?.[STORAGE_PROVISIONER] !== DISK_DRIVER) return done;
      const storageClass = context.view.get(StorageClass, { name: classOf(claim) });
      if (!storageClass || context.view.get(PersistentVolume, { name: nameOf(claim) })) return done;
      const waits = storageClass.volumeBindingMode === "WaitForFirstConsumer";
      if (waits && metadata.annotations[SELECTED_NODE] === undefined) return done;
      await provision(claim, storageClass, disks, context);
      return done;
    },
  });
}

const nameOf = ({ metadata }: PersistentVolumeClaim): string => `pvc-${metadata.uid}`;

async function provision(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  disks: Disks,
  { client, events }: ReconcileContext,
): Promise<void> {
  const failed = (why: string) => {
    const text = `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${why}`;
    events.event(claim, "Warning", "ProvisioningFailed", text);
  };
  const mode = claim.spec.accessModes?.find((asked) => !MODES.includes(asked));
  if (mode) return failed(`access mode ${mode} is not supported: a disk serves one node at a time`);
  if (claim.spec.dataSource || claim.spec.dataSourceRef) return failed("data sources are not supported");
  const attributes = claim.spec.volumeAttributesClassName;
  if (attributes) return failed(`a disk has no attributes that VolumeAttributesClass "${attributes}" could set`);
  const { namespace, name } = claim.metadata;
  events.event(
    claim,
    "Normal",
    "Provisioning",
    `External provisioner is provisioning volume for claim "${namespace}/${name}"`,
  );
  try {
    const disk = await disks.create({ name: nameOf(claim), size: Number(requestOf(claim).value()) });
    await client.create(PersistentVolume, volumeOf(claim, storageClass, disk)).catch((error) => {
      if (!isAlreadyExists(error)) throw error; // an earlier attempt got this far
    });
  } catch (error) {
    failed((error as Error).message);
    throw error;
  }
  events.event(claim, "Normal", "ProvisioningSucceeded", `Successfully provisioned volume ${nameOf(claim)}`);
}

function volumeOf(claim: PersistentVolumeClaim, storageClass: StorageClass, disk: { id: string }): PersistentVolume {
  const { parameters, reclaimPolicy, mountOptions, metadata } = storageClass;
  const fsType = parameters?.["csi.storage.k8s.io/fstype"] ?? "ext4";
  const isBlock = claim.spec.volumeMode === "Block";
  return {
    metadata: { name: nameOf(claim), annotations: { [PROVISIONED_BY]: DISK_DRIVER }, finalizers: [FINALIZER] },
    spec: {
      capacity: { storage: claim.spec.resources!.requests!.storage! },
      accessModes: claim.spec.accessModes,
      claimRef: referenceTo(claim),
      persistentVolumeReclaimPolicy: reclaimPolicy ?? "Delete",
      storageClassName: metadata.name,
      volumeMode: claim.spec.volumeMode ?? "Filesystem",
      ...(mountOptions?.length ? { mountOptions } : {}),
      csi: { driver: DISK_DRIVER, volumeHandle: disk.id, ...(isBlock ? {} : { fsType }) },
    },
    status: {},
  } as PersistentVolume;
}

/** Deletes disks whose claim is gone. */
export function diskReclaimer(disks: Disks): Controller {
  return controller({
    name: "disk",
    for: PersistentVolume,
    async reconcile(volume, { client, events }) {
      const { metadata, spec, status } = volume;
      if (spec.csi?.driver !== DISK_DRIVER || metadata.annotations?.[PROVISIONED_BY] !== DISK_DRIVER) return done;
      const isToGo = spec.persistentVolumeReclaimPolicy === "Delete" && status.phase === "Released";
      if (isToGo && !metadata.deletionTimestamp) {
        await client.delete(PersistentVolume, { name: metadata.name! }).catch((error) => {
          if (!isNotFound(error)) throw error;
        });
      }
      if (!metadata.deletionTimestamp || status.phase === "Bound" || !metadata.finalizers?.includes(FINALIZER))
        return done;
      if (spec.persistentVolumeReclaimPolicy === "Delete") {
        await disks.delete(spec.csi.volumeHandle).catch((error) => {
          events.event(volume, "Warning", "VolumeFailedDelete", (error as Error).message);
          throw error;
        });
      }
      const finalizers = metadata.finalizers.filter((name) => name !== FINALIZER);
      await client.update(PersistentVolume, { ...volume, metadata: { ...metadata, finalizers } });
      return done;
    },
  });
}
