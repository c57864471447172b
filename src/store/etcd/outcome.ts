import { GrpcError } from "../../util/grpc/channel.ts";
import { OutcomeUnknownError, StoreUnavailableError } from "../errors.ts";

/**
 * What an error of etcd says about the write it answers. "refused" and "unseen" are certain: nothing was written;
 * "unseen" may be tried at another member. "full" is over, too, but one has to look: etcd says it to writes that it
 * refuses, and also to those that it does and that find the quota exceeded only then. Everything else, a deadline and a
 * broken connection among it, is "unknown": the proposal may still be on its way to the log.
 */
export type Outcome = "unseen" | "refused" | "full" | "unknown";

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
      return FULL.test(error.message) ? "full" : "unknown";
    default:
      return "unknown";
  }
}

/** Whether a read that failed so may succeed at another member, or later. */
export function mayBeReadAgain(error: unknown): boolean {
  const outcome = outcomeOf(error);
  return outcome === "unseen" || outcome === "unknown";
}

export const isCompacted = (error: unknown) =>
  error instanceof GrpcError && error.code === "OUT_OF_RANGE" && /has been compacted/.test(error.message);
export const isFuture = (error: unknown) =>
  error instanceof GrpcError && error.code === "OUT_OF_RANGE" && /is a future revision/.test(error.message);

/** What the caller of a write is told, unless the store was full. */
export function writeError(error: unknown): unknown {
  if (!(error instanceof GrpcError)) return error;
  const outcome = outcomeOf(error);
  if (outcome === "unseen") return new StoreUnavailableError(error.message, error);
  return outcome === "refused" ? error : new OutcomeUnknownError(error.message, error);
}

export function readError(error: unknown): unknown {
  return mayBeReadAgain(error) && error instanceof GrpcError ? new StoreUnavailableError(error.message, error) : error;
}
