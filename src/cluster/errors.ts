/** A failure the user can do something about: one line of cause, and what to look at and try next. */
export class ClusterError extends Error {
  /** the component whose log tells more */
  readonly component: string | undefined;
  /** the next thing to try */
  readonly hint: string | undefined;
  constructor(message: string, options: { component?: string; hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "ClusterError";
    this.component = options.component;
    this.hint = options.hint;
  }
}

export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
