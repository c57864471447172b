export { Eviction, EvictionSchema } from "./eviction.ts";
export { PodDisruptionBudget, PodDisruptionBudgetSchema } from "./podDisruptionBudget.ts";
export * from "./podDisruptionBudgetMessages.ts";
