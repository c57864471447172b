/** A failure to show as it is: what was wrong, and what to do. */
export class UserError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "UserError";
    this.hint = options.hint;
  }
}

/** What may hang on any error: what to try, and whose log to show. */
export function adviceOf(error: unknown): { hint?: string; component?: string } {
  const { hint, component } = error as { hint?: unknown; component?: unknown };
  return {
    hint: typeof hint === "string" ? hint : undefined,
    component: typeof component === "string" ? component : undefined,
  };
}
