import { GrpcError } from "../util/grpc/channel.ts";

export const isRuntimeNotFound = (error: unknown) => error instanceof GrpcError && error.code === "NOT_FOUND";
/** The runtime does not answer (it is being restarted, say): whatever was asked may be asked again. */
export const isRuntimeGone = (error: unknown) => error instanceof GrpcError && error.code === "UNAVAILABLE";
