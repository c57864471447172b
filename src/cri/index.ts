export { type CriClient, connectCri, type RuntimeEvent } from "./client.ts";
export { GrpcChannel, type GrpcCode, GrpcError, isRuntimeGone, isRuntimeNotFound, type Method } from "./grpc.ts";
export type * from "./messages.ts";
export * as wire from "./wire.ts";
