import type { APIError } from "@linode/api-v4";

/** Linode refused, or could not be asked. `status` is 0 when no answer came, or the SDK itself found the call wrong. */
export class LinodeError extends Error {
  readonly status: number;
  readonly problems: readonly APIError[];
  /** ms after which to try again, where the answer says so */
  readonly retryAfter: number | undefined;

  constructor(call: string, status: number, problems: readonly APIError[], retryAfter?: number) {
    const why = problems.map(({ field, reason }) => (field ? `${field}: ${reason}` : reason)).join("; ");
    super(`Linode: ${call}: ${status === 0 ? "" : `${status} `}${why || "no reason given"}${hint(status)}`);
    this.status = status;
    this.problems = problems;
    this.retryAfter = retryAfter;
  }

  /**
   * The SDK rejects with three things: what its own validation found, as a bare array; axios' error with an answer; and
   * axios' error without one. None is kept as the cause: axios' errors carry the request, and with it the token.
   */
  static from(call: string, error: unknown): LinodeError {
    if (error instanceof LinodeError) return error;
    if (Array.isArray(error)) return new LinodeError(call, 0, problemsOf({ errors: error }));
    const { response, message, code } = error as AxiosFailure;
    if (!response) return new LinodeError(call, 0, [{ reason: message || code || String(error) }]);
    const seconds = Number(response.headers?.["retry-after"] ?? Number.NaN);
    const retryAfter = seconds >= 0 ? seconds * 1000 : undefined;
    return new LinodeError(call, response.status, problemsOf(response.data), retryAfter);
  }
}

interface AxiosFailure {
  message?: string;
  code?: string;
  response?: { status: number; headers?: Record<string, unknown>; data: unknown };
}

function hint(status: number): string {
  if (status === 401) return " (the token is wrong or has expired)";
  return status === 403 ? " (the token lacks a scope)" : "";
}

/** What is no JSON comes from something in between, such as a proxy: its text is the reason. */
function problemsOf(body: unknown): APIError[] {
  if (typeof body === "string") return [{ reason: body.slice(0, 200) }];
  const errors = (body as { errors?: unknown } | null)?.errors;
  return Array.isArray(errors) ? errors.filter((error): error is APIError => typeof error?.reason === "string") : [];
}
