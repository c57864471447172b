import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What a later kubelet must know to undo a volume, even when its Pod and PersistentVolume are gone from the API. */
export interface Published {
  driverName: string;
  volumeHandle: string;
  /** the PersistentVolume's name, or that of the volume in the Pod */
  specVolID: string;
  volumeLifecycleMode: "Persistent" | "Ephemeral";
  nodeName: string;
  /** the control plane has attached it to this node */
  isAttached: boolean;
  isStaged: boolean;
  isBlock: boolean;
}

const FILE = "vol_data.json";

/** `folder` is that of all the CSI volumes of a Pod. */
export async function remember(folder: string, published: Published): Promise<void> {
  const own = join(folder, published.specVolID);
  await mkdir(own, { recursive: true, mode: 0o750 });
  await writeFile(join(own, FILE), JSON.stringify(published));
}

export async function readPublished(folder: string): Promise<Published[]> {
  const names = await readdir(folder).catch(() => []);
  const all = names.map((name) =>
    readFile(join(folder, name, FILE), "utf8").then(
      (text) => [JSON.parse(text) as Published],
      () => [], // gone, or never finished: nothing was asked of the driver before it was written
    ),
  );
  return (await Promise.all(all)).flat();
}

export const forgetPublished = (folder: string, name: string): Promise<void> =>
  rm(join(folder, name, FILE), { force: true });
