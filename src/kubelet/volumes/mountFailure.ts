/** A volume that could not be set up; the message is the event's, whole. */
export class MountFailure extends Error {
  /** While setting up one volume; `volume` is its name in the Pod, or its PersistentVolume's. */
  static of(volume: string, cause: unknown): MountFailure {
    if (cause instanceof MountFailure) return cause;
    return new MountFailure(`MountVolume.SetUp failed for volume "${volume}" : ${textOf(cause)}`, { cause });
  }
  /** What a Pod's volume stands for could not even be told. */
  static processing(volume: string, cause: unknown): MountFailure {
    const text =
      `Unable to attach or mount volumes: unmounted volumes=[${volume}], unattached volumes=[], ` +
      `failed to process volumes=[${volume}]: ${textOf(cause)}`;
    return new MountFailure(text, { cause });
  }
}

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
