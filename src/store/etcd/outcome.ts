import { GrpcError } from "../../util/grpc/channel.ts";
import { OutcomeUnknownError, StoreFullError, StoreUnavailableError } from "../errors.ts";

/**
 * What an error of etcd says about the write it answers. "refused" and "unseen" are certain: nothing was written;
 * "unseen" may be tried at another member. Everything else, a deadline and a broken connection among it, is "unknown":
 * the proposal may still be on its way to the log.
 */
export type Outcome = "unseen" | "refused" | "unknown";

/** Said by a member before it looks at the request, as it knows of no leader. */
const NO_LEADER = /^etcdserver: no leader$/;
const FULL = /database space exceeded/;
const BUSY = /too many requests/;

export function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof GrpcError)) return "unknown";
  if (error.unsent || NO_LEADER.test(error.message) || BUSY.test(error.message)) return "unseen";
  switch (error.code) {
    case "INVALID_ARGUMENT":
    case "PERMISSION_DENIED":
    case "UNAUTHENTICATED":
    case "OUT_OF_RANGE":
    case "UNIMPLEMENTED":
    case "NOT_FOUND":
    case "FAILED_PRECONDITION":
      return "refused";
    case "RESOURCE_EXHAUSTED":
      return FULL.test(error.message) ? "refused" : "unknown";
    default:
      return "unknown";
  }
}

/** Whether a read that failed so may succeed at another member, or later. */
export function mayBeReadAgain(error: unknown): boolean {
  return outcomeOf(error) !== "refused";
}

export const isCompacted = (error: unknown) =>
  error instanceof GrpcError && error.code === "OUT_OF_RANGE" && /has been compacted/.test(error.message);
export const isFuture = (error: unknown) =>
  error instanceof GrpcError && error.code === "OUT_OF_RANGE" && /is a future revision/.test(error.message);

/** What the caller of a write is told. */
export function writeError(error: unknown): unknown {
  if (!(error instanceof GrpcError)) return error;
  if (FULL.test(error.message)) return new StoreFullError(error.message);
  const outcome = outcomeOf(error);
  if (outcome === "unseen") return new StoreUnavailableError(error.message, error);
  return outcome === "unknown" ? new OutcomeUnknownError(error.message, error) : error;
}

export function readError(error: unknown): unknown {
  return mayBeReadAgain(error) && error instanceof GrpcError ? new StoreUnavailableError(error.message, error) : error;
}
