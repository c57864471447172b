import type { Clock } from "./clock.ts";

export type Level = "debug" | "info" | "warn" | "error";

/** Structured log: a message that never varies, and fields that do. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** A logger that adds `fields` to each line. */
  with(fields: Record<string, unknown>): Logger;
}

const ORDER: Level[] = ["debug", "info", "warn", "error"];

function show(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.stack ?? value.message);
  if (typeof value === "string") return /[\s"=]/.test(value) || value === "" ? JSON.stringify(value) : value;
  return JSON.stringify(value) ?? String(value);
}

/** Writes `2030-01-01T00:00:00.000Z info  message key=value …` lines to `write`. */
export function createLogger(options: {
  clock: Clock;
  level?: Level;
  write?: (line: string) => void;
  fields?: Record<string, unknown>;
}): Logger {
  const { clock, level = "info", write = (line) => void process.stderr.write(line), fields = {} } = options;
  const least = ORDER.indexOf(level);
  const log = (at: Level) => (message: string, more?: Record<string, unknown>) => {
    if (ORDER.indexOf(at) < least) return;
    let line = `${new Date(clock.now()).toISOString()} ${at.padEnd(5)} ${message}`;
    for (const [key, value] of Object.entries({ ...fields, ...more })) line += ` ${key}=${show(value)}`;
    write(`${line}\n`);
  };
  return {
    debug: log("debug"),
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    with: (more) => createLogger({ ...options, fields: { ...fields, ...more } }),
  };
}

export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  with: () => silentLogger,
};
