export { type ApiServer, createApiServer } from "./apiServer.ts";
export type { ApiServerOptions } from "./options.ts";
export type { User } from "./pipeline/call.ts";
