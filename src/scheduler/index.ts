export { ConfigurationError, parseConfiguration } from "./config/parse.ts";
export { defaultConfiguration, type SchedulerConfiguration } from "./config/types.ts";
export { runScheduler, type SchedulerOptions } from "./scheduler.ts";
