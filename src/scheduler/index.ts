export { ConfigurationError, parseConfiguration } from "./config/parse.ts";
export { defaultConfiguration, type SchedulerConfiguration } from "./config/types.ts";
export { Rehearsal } from "./rehearsal.ts";
export { runScheduler, type SchedulerOptions } from "./scheduler.ts";
