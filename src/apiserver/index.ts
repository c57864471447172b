export { type ApiServer, createApiServer } from "./apiServer.ts";
export type { ReadNode } from "./measurements/measurements.ts";
export type { Point, Reading } from "./measurements/reading.ts";
export type { ApiServerOptions } from "./options.ts";
export type { User } from "./pipeline/call.ts";
