export { GrpcChannel, type GrpcCode, GrpcError, type Method } from "../util/grpc/channel.ts";
export * as wire from "../util/grpc/wire.ts";
export { type CriClient, connectCri, type RuntimeEvent } from "./client.ts";
export { isRuntimeGone, isRuntimeNotFound } from "./errors.ts";
export type * from "./messages.ts";
