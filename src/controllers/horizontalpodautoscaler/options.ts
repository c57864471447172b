/** What kube-controller-manager's flags say; times in ms. */
export interface HorizontalPodAutoscalerOptions {
  /** how often an autoscaler looks */
  period: number;
  /** by how much a metric may be off its target before it counts, where the autoscaler does not say */
  tolerance: number;
  /** so far back reaches what keeps the number from falling, where the autoscaler does not say */
  downWindow: number;
  /** a starting Pod's CPU use says nothing about load, for this long */
  cpuInitialization: number;
  /** a Pod that became unready within this time of its start has never been ready */
  initialReadiness: number;
}

export const DEFAULTS: HorizontalPodAutoscalerOptions = {
  period: 15_000,
  tolerance: 0.1,
  downWindow: 300_000,
  cpuInitialization: 300_000,
  initialReadiness: 30_000,
};
