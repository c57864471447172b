export {
  DISRUPTION_ALLOWED,
  disruptionConditions,
  SYNC_FAILED,
  withDisruptionCondition,
} from "./disruptionAllowed.ts";
export { Eviction, EvictionSchema } from "./eviction.ts";
export { PodDisruptionBudget, PodDisruptionBudgetSchema } from "./podDisruptionBudget.ts";
export * from "./podDisruptionBudgetMessages.ts";
