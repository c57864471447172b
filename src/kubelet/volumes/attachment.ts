import { attachmentName, VolumeAttachment } from "../../api/storage/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import type { Client } from "../../client/client.ts";
import type { Clock } from "../../util/clock.ts";
import { MountFailure } from "./mountFailure.ts";

const LOOK_AGAIN = 300;
const LONGEST_WAIT = 30_000;

export interface AttachmentWish {
  driver: string;
  /** the volume's name in the driver's terms */
  handle: string;
  /** the PersistentVolume's name */
  volume: string;
  node: string;
}

/** Waits until a volume is attached to this node; answers what its attacher tells the node to know. */
export async function attached(
  { driver, handle, volume, node }: AttachmentWish,
  { client, clock }: { client: Client; clock: Clock },
): Promise<Readonly<Record<string, string>>> {
  const name = attachmentName({ handle, driver, node });
  let refused: string | undefined;
  for (let waited = 0; waited < LONGEST_WAIT; waited += LOOK_AGAIN) {
    const found = await client.get(VolumeAttachment, { name }).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (found?.status.attached && !found.metadata.deletionTimestamp) return found.status.attachmentMetadata ?? {};
    refused = found?.status.attachError?.message;
    await clock.sleep(LOOK_AGAIN);
  }
  const why = refused ?? `watcher timed out waiting for volume attachment ${name}`;
  throw new MountFailure(`MountVolume.WaitForAttach failed for volume "${volume}" : ${why}`);
}
