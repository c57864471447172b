/** All times in ms. */
export interface AutoscalerOptions {
  /** between two looks */
  scanInterval: number;
  /** how long a node must be idle before it is given back */
  unneededTime: number;
  /** nothing is given back so long after nodes were asked for */
  delayAfterAdd: number;
  /** a node is idle when less than this share of its CPU and of its memory is requested */
  utilizationThreshold: number;
  /** a machine that is no node by then is counted on no longer, and given back */
  provisionTime: number;
  /** how long a node's Pods may take to leave before it is kept after all */
  drainTime: number;
  /** a group whose cloud refused to grow is left alone so long */
  backoff: number;
}

const MINUTE = 60_000;

export const DEFAULTS: AutoscalerOptions = {
  scanInterval: 10_000,
  unneededTime: 10 * MINUTE,
  delayAfterAdd: 10 * MINUTE,
  utilizationThreshold: 0.5,
  provisionTime: 15 * MINUTE,
  drainTime: 10 * MINUTE,
  backoff: 5 * MINUTE,
};
