import type { Clock, Timer } from "../util/clock.ts";
import { UserError } from "./errors.ts";

export interface Screen {
  write(text: string): void;
  isTTY: boolean;
  columns?: number;
}

export interface StepContext {
  /** says what the step is waiting for, or what it did */
  note(text: string): void;
  signal: AbortSignal;
}

const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const FRAME_MS = 80;

/** Shows steps, one after the other: a line that moves on a terminal, plain lines elsewhere. */
export class Progress {
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #start: number;
  /** the time each step took, in ms, for `-o json` */
  readonly timings: { step: string; ms: number }[] = [];
  #quiet = false;

  constructor(screen: Screen, clock: Clock, options: { quiet?: boolean } = {}) {
    this.#screen = screen;
    this.#clock = clock;
    this.#start = clock.now();
    this.#quiet = options.quiet ?? false;
  }

  get elapsed(): number {
    return this.#clock.now() - this.#start;
  }

  /** Does a step of the work; it fails when `timeout` ms are over. */
  async step<T>(
    title: string,
    options: { timeout: number; component?: string },
    work: (step: StepContext) => Promise<T>,
  ): Promise<T> {
    const started = this.#clock.now();
    const line = new Line(this.#quiet ? undefined : this.#screen, this.#clock, title);
    const limit = new AbortController();
    const timer = this.#clock.setTimer(options.timeout, () => limit.abort(new TimeoutError(title, options, line.note)));
    try {
      const result = await Promise.race([
        work({ note: (text) => line.set(text), signal: limit.signal }),
        new Promise<never>((_, reject) => limit.signal.addEventListener("abort", () => reject(limit.signal.reason))),
      ]);
      this.timings.push({ step: title, ms: this.#clock.now() - started });
      line.end("✓");
      return result;
    } catch (error) {
      line.end("✗");
      throw limit.signal.aborted ? limit.signal.reason : withComponent(error, options.component);
    } finally {
      timer.cancel();
    }
  }

  say(text: string): void {
    if (!this.#quiet) this.#screen.write(`${text}\n`);
  }
}

class TimeoutError extends UserError {
  readonly component: string | undefined;
  constructor(title: string, options: { timeout: number; component?: string }, note: string) {
    super(`${title}: not done after ${options.timeout / 1000} s${note === "" ? "" : ` (${note})`}`);
    this.component = options.component;
  }
}

function withComponent(error: unknown, component: string | undefined): unknown {
  if (error instanceof Error && component !== undefined && !("component" in error && error.component)) {
    Object.defineProperty(error, "component", { value: component, configurable: true });
  }
  return error;
}

/** The line of one step. */
class Line {
  readonly #screen: Screen | undefined;
  readonly #clock: Clock;
  readonly #title: string;
  readonly #started: number;
  #timer: Timer | undefined;
  #frame = 0;
  note = "";

  constructor(screen: Screen | undefined, clock: Clock, title: string) {
    this.#screen = screen;
    this.#clock = clock;
    this.#title = title;
    this.#started = clock.now();
    if (screen?.isTTY) this.#spin();
  }
  set(note: string): void {
    this.note = note;
  }
  end(mark: string): void {
    this.#timer?.cancel();
    const text = `${mark} ${this.#text()}`;
    this.#screen?.write(this.#screen.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`);
  }
  #spin(): void {
    const frame = FRAMES[this.#frame++ % FRAMES.length];
    this.#screen?.write(`\r\x1b[K${frame} ${this.#text()}`.slice(0, (this.#screen.columns ?? 80) + 3));
    this.#timer = this.#clock.setTimer(FRAME_MS, () => this.#spin());
  }
  #text(): string {
    const seconds = ((this.#clock.now() - this.#started) / 1000).toFixed(1);
    return `${this.#title}  ${seconds} s${this.note === "" ? "" : `  ${this.note}`}`;
  }
}
