import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { type Clock, realClock } from "../util/clock.ts";
import { createLogger, type Level, type Logger } from "../util/logger.ts";
import { type Random, realRandom } from "../util/random.ts";
import { FlagError, type Flags, type FlagValues, flagsHelp, parseFlags } from "./flags.ts";

export interface ProcessContext {
  clock: Clock;
  random: Random;
  logger: Logger;
  /** aborts on SIGTERM or SIGINT */
  signal: AbortSignal;
}

export const LOG_FLAGS = { "log-level": { description: "debug, info, warn or error", default: "info" } } as const;

/** How long an orderly end may take. */
const END_WITHIN = 10_000;

/** A line that cannot be written, as on a full disk, is lost: what it tells of must go on. */
function writeLog(line: string): void {
  try {
    writeSync(process.stderr.fd, line);
  } catch {
    // the next one may find room
  }
}

/** A process of its own: flags in, parts wired, then running until it is told to end. */
export function processCommand<F extends Flags>(
  command: string,
  description: string,
  flags: F,
  main: (values: FlagValues<F>, context: ProcessContext) => Promise<void>,
): (args: readonly string[]) => Promise<number> {
  return async (args) => {
    const all = { ...flags, ...LOG_FLAGS };
    let values: FlagValues<F & typeof LOG_FLAGS> | "help";
    try {
      values = parseFlags(all, args) as FlagValues<F & typeof LOG_FLAGS> | "help";
    } catch (error) {
      if (!(error instanceof FlagError)) throw error;
      process.stderr.write(`cox ${command}: ${error.message} (see cox ${command} --help)\n`);
      return 2;
    }
    if (values === "help") {
      process.stdout.write(flagsHelp(command, description, all));
      return 0;
    }
    return runUntilSignal(command, values["log-level"] as Level, (context) => main(values as FlagValues<F>, context));
  };
}

async function runUntilSignal(
  command: string,
  level: Level,
  main: (context: ProcessContext) => Promise<void>,
): Promise<number> {
  const clock = realClock;
  const logger = createLogger({ clock, level, write: writeLog });
  const ending = new AbortController();
  const end = () => {
    ending.abort();
    clock.setTimer(END_WITHIN, () => {
      logger.error("did not end in time", { seconds: END_WITHIN / 1000 });
      process.exit(1);
    });
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  process.on("unhandledRejection", (error) => {
    logger.error("a failure that nobody handled", { error });
    process.exit(1);
  });
  try {
    logger.info("starting", { command, pid: process.pid });
    await main({ clock, random: realRandom, logger, signal: ending.signal });
    logger.info("ended", { command });
    return 0;
  } catch (error) {
    if (ending.signal.aborted) return 0;
    if (error instanceof FlagError) {
      process.stderr.write(`cox ${command}: ${error.message}\n`);
      return 2;
    }
    logger.error("failed", { command, error });
    return 1;
  }
}

/** Keeps what was compiled for the next start, which may come after a SIGKILL. */
export function keepCompiled(): void {
  flushCompileCache();
}

/** Runs parts side by side until `signal` aborts; when one fails, the others are ended too. */
export async function runTogether(
  signal: AbortSignal,
  parts: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>>,
): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const running = Object.entries(parts).map(async ([name, run]) => {
    try {
      await run(both);
    } catch (error) {
      if (both.aborted) return;
      stop.abort();
      throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
    }
    if (!both.aborted) {
      stop.abort();
      throw new Error(`${name} ended by itself`);
    }
  });
  const results = await Promise.allSettled(running);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
