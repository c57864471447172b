import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";
import { mountsBelow } from "./mounter.ts";

const run = promisify(execFile);

/** Shows the files of an image that the runtime has, for reading. */
export interface ImageMounter {
  /** `image` is the runtime's id of it; harmless when `target` is mounted already */
  mount(image: string, target: string): Promise<void>;
  unmount(target: string): Promise<void>;
}

/**
 * containerd's own tool makes a snapshot of the image and mounts it. (CRI has a word for it, which containerd knows from
 * version 2.1 on; this works with all versions.)
 */
export function containerdImageMounter(endpoint: string): ImageMounter {
  const address = endpoint.replace(/^unix:\/\//, "");
  const ctr = (...args: string[]) => run("ctr", ["--address", address, "--namespace", "k8s.io", "images", ...args]);
  const unmount = async (target: string) => void (await ctr("unmount", "--rm", target));
  return {
    async mount(image, target) {
      if ((await mountsBelow(target)).includes(target)) return;
      await mkdir(target, { recursive: true });
      // What an earlier attempt, or a machine that went down, has left is in the way.
      await unmount(target).catch(() => {});
      await ctr("mount", "--snapshotter", "overlayfs", image, target);
    },
    unmount,
  };
}
