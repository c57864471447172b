import { timeout } from "../../apimachinery/errors.ts";
import { failure, type StatusError } from "../../apimachinery/status.ts";
import { GuardError } from "../../store/backend.ts";
import { OutcomeUnknownError, StoreClosedError, StoreFullError, StoreUnavailableError } from "../../store/errors.ts";

/** What the store's failures are to a client; anything else stays what it is. */
export function storeFailure(thrown: unknown): StatusError | unknown {
  if (!(thrown instanceof Error)) return thrown;
  const { message } = thrown;
  // The client must look for itself: 504 is what says so.
  if (thrown instanceof OutcomeUnknownError) return timeout(message);
  if (thrown instanceof GuardError) return failure(409, "Conflict", `this leader has been deposed: ${message}`);
  if (thrown instanceof StoreUnavailableError || thrown instanceof StoreClosedError) {
    return failure(503, "ServiceUnavailable", message, { retryAfterSeconds: 1 });
  }
  // Kubernetes has no reason of its own for this; the message must say it.
  return thrown instanceof StoreFullError ? failure(500, "InternalError", message, { causes: [{ message }] }) : thrown;
}
