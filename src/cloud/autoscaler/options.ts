import type { Expander } from "./expander.ts";

/** All times in ms. */
export interface AutoscalerOptions {
  /** between two looks */
  scanInterval: number;
  /** which group grows, where several could */
  expanders: readonly Expander[];
  /** whether nodes are given back at all */
  scaleDown: boolean;
  /** how long a node must be idle before it is given back; one that is not ready */
  unneededTime: number;
  unreadyTime: number;
  /** nothing is given back so long after nodes were asked for; after a node could not be emptied */
  delayAfterAdd: number;
  delayAfterFailure: number;
  /** a node is idle when less than this share of its CPU and of its memory is requested */
  utilizationThreshold: number;
  /** a machine that is no node by then is counted on no longer, and given back */
  provisionTime: number;
  /** how long a node's Pods may take to leave before it is kept after all */
  drainTime: number;
  /** a group that could not grow is left alone so long, and twice as long each time it fails again, up to so long */
  backoff: number;
  maxBackoff: number;
  /** after so long without a failure it begins anew */
  backoffReset: number;
  /** whether Pods with local volumes, and those of kube-system that no budget covers, hold their node */
  localStorageHolds: boolean;
  systemPodsHold: boolean;
  /** Pods of a lower priority neither ask for a node nor hold one */
  expendablePriority: number;
  /** With more nodes that are not ready than so many, and than this share of all (%), nothing is done. */
  okUnready: number;
  maxUnreadyPercentage: number;
}

const MINUTE = 60_000;

export const DEFAULTS: AutoscalerOptions = {
  scanInterval: 10_000,
  expanders: ["most-pods", "least-waste"],
  scaleDown: true,
  unneededTime: 10 * MINUTE,
  unreadyTime: 20 * MINUTE,
  delayAfterAdd: 10 * MINUTE,
  delayAfterFailure: 3 * MINUTE,
  utilizationThreshold: 0.5,
  provisionTime: 15 * MINUTE,
  drainTime: 10 * MINUTE,
  backoff: 5 * MINUTE,
  maxBackoff: 30 * MINUTE,
  backoffReset: 180 * MINUTE,
  localStorageHolds: true,
  systemPodsHold: true,
  expendablePriority: -10,
  okUnready: 3,
  maxUnreadyPercentage: 45,
};
