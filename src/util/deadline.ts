import type { Clock } from "./clock.ts";

export interface DeadlineOptions {
  clock: Clock;
  /** ms; infinite: never */
  after: number;
  /** what the work is given up with */
  error(): Error;
  /** gives it up earlier */
  signal?: AbortSignal | undefined;
}

/** Does `work`, which must end when its signal aborts, and aborts it when its time is over. */
export async function withDeadline<T>(
  options: DeadlineOptions,
  work: (signal?: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, after, error, signal } = options;
  if (!Number.isFinite(after)) return work(signal);
  const over = new AbortController();
  const timer = clock.setTimer(after, () => over.abort(error()));
  try {
    return await work(signal ? AbortSignal.any([signal, over.signal]) : over.signal);
  } finally {
    timer.cancel();
  }
}
