import type { Pod, Volume } from "../../api/core/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Clock } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import { claimNameOf } from "./claims.ts";
import { folderUsage, type VolumeUsage } from "./usage.ts";

/** Counting files takes long: what was found is told again until it is this old. */
const GOOD_FOR = 60_000;

/** One volume of a Pod in the kubelet's summary. */
export interface VolumeStats extends VolumeUsage {
  time: string;
  name: string;
  /** the claim behind it */
  pvcRef?: { name: string; namespace: string };
}

export interface VolumeMeterOptions {
  clock: Clock;
  logger: Logger;
  /** where a volume of a Pod lies */
  source(pod: Pod, volume: Volume): string;
  /** how to measure the volume of a claim, once it is there; undefined where nothing can be told */
  ofClaim(podUid: string, volume: string): (() => Promise<VolumeUsage>) | undefined;
}

/** How full Pods' volumes are. */
export class VolumeMeter {
  readonly #options: VolumeMeterOptions;
  readonly #known = new Map<string, { at: number; stats: Promise<VolumeStats[]> }>();

  constructor(options: VolumeMeterOptions) {
    this.#options = options;
  }

  /** By Pod's UID. Pods that are not asked about are forgotten. */
  async read(pods: readonly Pod[]): Promise<ReadonlyMap<string, readonly VolumeStats[]>> {
    const uids = new Set(pods.map(({ metadata }) => metadata.uid!));
    for (const uid of this.#known.keys()) if (!uids.has(uid)) this.#known.delete(uid);
    const all = pods.map(async (pod) => [pod.metadata.uid!, await this.#read(pod)] as const);
    return new Map(await Promise.all(all));
  }

  #read(pod: Pod): Promise<VolumeStats[]> {
    const now = this.#options.clock.now();
    const known = this.#known.get(pod.metadata.uid!);
    if (known && now - known.at < GOOD_FOR) return known.stats;
    const stats = this.#measure(pod);
    this.#known.set(pod.metadata.uid!, { at: now, stats });
    return stats;
  }

  async #measure(pod: Pod): Promise<VolumeStats[]> {
    const stats: VolumeStats[] = [];
    const { clock, logger } = this.#options;
    for (const volume of pod.spec.volumes ?? []) {
      const measure = this.#way(pod, volume);
      if (!measure) continue;
      try {
        const claim = claimNameOf(pod, volume);
        const pvcRef = claim === undefined ? {} : { pvcRef: { name: claim, namespace: pod.metadata.namespace! } };
        stats.push({ time: formatTime(clock.now()), name: volume.name, ...pvcRef, ...(await measure()) });
      } catch (error) {
        // a volume that is not there yet, or a driver that does not answer: the others are told all the same
        logger.debug("volume not measured", { pod: pod.metadata.name, volume: volume.name, error });
      }
    }
    return stats;
  }

  #way(pod: Pod, volume: Volume): (() => Promise<VolumeUsage>) | undefined {
    const { emptyDir, configMap, secret, projected, downwardAPI, csi } = volume;
    if (emptyDir || configMap || secret || projected || downwardAPI) {
      return () => folderUsage(this.#options.source(pod, volume));
    }
    const isOfOthers = csi !== undefined || claimNameOf(pod, volume) !== undefined;
    return isOfOthers ? this.#options.ofClaim(pod.metadata.uid!, volume.name) : undefined;
  }
}

/** The files of these volumes are on the node's own disk, and count as the Pod's ephemeral storage. */
export const isOnNodeDisk = ({ emptyDir, configMap }: Volume): boolean =>
  configMap !== undefined || (emptyDir !== undefined && emptyDir.medium !== "Memory");
