import { PersistentVolume } from "../../api/core/v1/index.ts";
import { DEVICE_PATH, DISK_DRIVER, VolumeAttachment } from "../../api/storage/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { type Controller, controller, done, type ReconcileContext } from "../../client/index.ts";
import { sameWhenWritten } from "../sameJson.ts";
import type { Disks } from "./disks.ts";

const FINALIZER = "external-attacher/disk-coxswain-io";

/** Does what VolumeAttachments of disk.coxswain.io ask for. */
export function diskAttacher(disks: Disks): Controller {
  return controller({
    name: "disk",
    for: VolumeAttachment,
    reads: [PersistentVolume],
    async reconcile(attachment, context) {
      if (attachment.spec.attacher !== DISK_DRIVER) return done;
      if (attachment.metadata.deletionTimestamp) await detach(attachment, disks, context);
      // also what is attached: the machine may have been started anew, and find the device elsewhere
      else await attach(attachment, disks, context);
      return done;
    },
  });
}

/** The finalizer first: what is attached is never forgotten. */
async function attach(attachment: VolumeAttachment, disks: Disks, { client, clock, view }: ReconcileContext) {
  const { metadata } = attachment;
  const finalizers = [...(metadata.finalizers ?? []).filter((name) => name !== FINALIZER), FINALIZER];
  const has = metadata.finalizers?.includes(FINALIZER);
  const kept = has
    ? attachment
    : await client.update(VolumeAttachment, { ...attachment, metadata: { ...metadata, finalizers } });
  const { source, nodeName } = attachment.spec;
  const disk = view.get(PersistentVolume, { name: source.persistentVolumeName ?? "" })?.spec.csi?.volumeHandle;
  try {
    if (disk === undefined) throw new Error(`persistentvolume "${source.persistentVolumeName}" not found`);
    const { devicePath } = await disks.attach(disk, nodeName);
    const status = { attached: true, attachmentMetadata: { [DEVICE_PATH]: devicePath } };
    if (sameWhenWritten(status, kept.status)) return;
    await client.updateStatus(VolumeAttachment, { ...kept, status });
  } catch (error) {
    const attachError = { time: formatTime(clock.now()), message: (error as Error).message };
    await client.updateStatus(VolumeAttachment, { ...kept, status: { attached: false, attachError } });
    throw error;
  }
}

async function detach(attachment: VolumeAttachment, disks: Disks, { client, clock, view }: ReconcileContext) {
  const { metadata, spec, status } = attachment;
  if (!metadata.finalizers?.includes(FINALIZER)) return;
  const disk = view.get(PersistentVolume, { name: spec.source.persistentVolumeName ?? "" })?.spec.csi?.volumeHandle;
  try {
    // a volume that is gone took its disk along
    if (disk !== undefined) await disks.detach(disk, spec.nodeName);
  } catch (error) {
    const detachError = { time: formatTime(clock.now()), message: (error as Error).message };
    await client.updateStatus(VolumeAttachment, { ...attachment, status: { ...status, detachError } });
    throw error;
  }
  const finalizers = metadata.finalizers.filter((name) => name !== FINALIZER);
  await client.update(VolumeAttachment, { ...attachment, metadata: { ...metadata, finalizers } });
}
