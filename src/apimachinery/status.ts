/** A machine-readable reason, as in `Status.reason`. */
export type StatusReason =
  | ""
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Invalid"
  | "ServerTimeout"
  | "Timeout"
  | "TooManyRequests"
  | "BadRequest"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "RequestEntityTooLarge"
  | "UnsupportedMediaType"
  | "InternalError"
  | "Expired"
  | "ServiceUnavailable";

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The API's answer when there is no object to answer with (meta/v1 Status). */
export interface Status {
  kind: "Status";
  apiVersion: "v1";
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  status: "Success" | "Failure";
  message?: string;
  reason?: StatusReason;
  details?: StatusDetails;
  code: number;
}

/** An API failure: what every client method throws, and what the server turns into a `Status` body. */
export class StatusError extends Error {
  readonly status: Status;
  constructor(status: Status) {
    super(status.message ?? status.reason ?? "failed");
    this.name = "StatusError";
    this.status = status;
  }
  get reason(): StatusReason {
    return this.status.reason ?? "";
  }
  get code(): number {
    return this.status.code;
  }
  /** Any thrown value as a StatusError; what is none becomes InternalError. */
  static from(thrown: unknown): StatusError {
    if (thrown instanceof StatusError) return thrown;
    const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
    const error = failure(500, "InternalError", `Internal error occurred: ${cause.message}`, {
      causes: [{ message: cause.message }],
    });
    error.cause = cause;
    return error;
  }
}

/** A failure with any code and reason; prefer the named ones in `errors.ts`. */
export function failure(code: number, reason: StatusReason, message: string, details?: StatusDetails): StatusError {
  return new StatusError({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
    details,
    code,
  });
}

const has =
  (...reasons: StatusReason[]) =>
  (error: unknown): error is StatusError =>
    error instanceof StatusError && reasons.includes(error.reason);

export const isNotFound = has("NotFound");
export const isAlreadyExists = has("AlreadyExists");
export const isConflict = has("Conflict");
/** The asked revision is no longer kept: list again. */
export const isGone = has("Gone", "Expired");
export const isInvalid = has("Invalid");
export const isForbidden = has("Forbidden");
