import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Clock } from "../../util/clock.ts";
import { rotatedLogs } from "../logRotation.ts";

export interface LogOptions {
  follow: boolean;
  timestamps: boolean;
  tailLines?: number;
  /** ms since the epoch */
  since?: number;
  limitBytes?: number;
  stream?: "stdout" | "stderr";
}

export interface LogEnvironment {
  clock: Clock;
  /** the container writes no more */
  isOver(): boolean;
  signal: AbortSignal;
}

interface Line {
  time: string;
  stream: string;
  partial: boolean;
  text: Buffer;
}

const CHUNK = 64 * 1024;
/** How often a followed log is looked at: as soon as a person would notice, and no sooner. */
const POLL = 50;

/** A line as the runtime writes it: `<time> <stream> <F|P> <text>`. Undefined for what is none. */
export function parseLine(line: Buffer): Line | undefined {
  const first = line.indexOf(32);
  const second = line.indexOf(32, first + 1);
  const third = line.indexOf(32, second + 1);
  if (first < 0 || second < 0) return undefined;
  const end = third < 0 ? line.length : third;
  return {
    time: line.toString("latin1", 0, first),
    stream: line.toString("latin1", first + 1, second),
    partial: line[second + 1] === 0x50,
    text: third < 0 ? Buffer.alloc(0) : line.subarray(third + 1, end === third ? line.length : end),
  };
}

/** The log as users see it, older files first; with `follow`, until the container has ended and all is read. */
export async function* readLog(path: string, options: LogOptions, environment: LogEnvironment): AsyncGenerator<Buffer> {
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  for await (const line of lines(path, options, environment)) {
    const shown = show(line, options);
    if (!shown) continue;
    if (shown.length >= left) return yield shown.subarray(0, left);
    left -= shown.length;
    yield shown;
  }
}

function show(raw: Buffer, { since, timestamps, stream }: LogOptions): Buffer | undefined {
  const line = parseLine(raw);
  if (!line || (stream && line.stream !== stream)) return undefined;
  if (since !== undefined && Date.parse(line.time) < since) return undefined;
  const parts = [line.text];
  if (timestamps) parts.unshift(Buffer.from(`${line.time} `));
  if (!line.partial) parts.push(NEWLINE);
  return Buffer.concat(parts);
}
const NEWLINE = Buffer.from("\n");

async function* lines(path: string, options: LogOptions, environment: LogEnvironment): AsyncGenerator<Buffer> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return;
  const reader = new LogFile(path, file);
  try {
    if (options.tailLines === undefined) yield* olderLines(path);
    else yield* await reader.tail(options.tailLines);
    for (;;) {
      // Asked before reading: what was written before the end is then still read.
      const over = environment.isOver();
      yield* reader.available();
      if (environment.signal.aborted || !options.follow) return;
      if (await reader.rotated()) continue;
      if (over) return;
      await environment.clock.pause(POLL, environment.signal);
    }
  } finally {
    await reader.close();
  }
}

async function* olderLines(path: string): AsyncGenerator<Buffer> {
  for (const file of await rotatedLogs(path)) {
    const raw = await readFile(file).catch(() => undefined);
    if (!raw) continue;
    const content = file.endsWith(".gz") ? await promisify(gunzip)(raw) : raw;
    yield* split(content);
  }
}

function* split(content: Buffer): Generator<Buffer> {
  let start = 0;
  for (let end = content.indexOf(10); end >= 0; end = content.indexOf(10, start)) {
    yield content.subarray(start, end);
    start = end + 1;
  }
}

/** An open log, read from where it was left; survives its file being set aside. */
class LogFile {
  readonly #path: string;
  #file: FileHandle;
  #at = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** The whole lines that stand in the file and have not been read. */
  async *available(): AsyncGenerator<Buffer> {
    const buffer = Buffer.alloc(CHUNK);
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, CHUNK, this.#at);
      if (bytesRead === 0) return;
      this.#at += bytesRead;
      const content = Buffer.concat([this.#rest, buffer.subarray(0, bytesRead)]);
      const end = content.lastIndexOf(10);
      this.#rest = content.subarray(end + 1);
      yield* split(content.subarray(0, end + 1));
    }
  }

  /** Another file stands in its place now: go on there. */
  async rotated(): Promise<boolean> {
    const [own, current] = await Promise.all([this.#file.stat(), stat(this.#path).catch(() => undefined)]);
    if (!current || current.ino === own.ino) return false;
    const next = await open(this.#path, "r").catch(() => undefined);
    if (!next) return false;
    await this.#file.close();
    this.#file = next;
    this.#at = 0;
    this.#rest = Buffer.alloc(0);
    return true;
  }

  /** The last `count` lines (those of older files, if the newest has too few); reading goes on behind them. */
  async tail(count: number): Promise<Buffer[]> {
    const { size } = await this.#file.stat();
    const start = await this.#startOfTail(size, count);
    this.#at = start.at;
    if (start.missing === 0) return [];
    const older: Buffer[] = [];
    for await (const line of olderLines(this.#path)) {
      older.push(line);
      if (older.length > start.missing) older.shift();
    }
    return older;
  }

  /** Reads backwards until enough line ends have gone by. */
  async #startOfTail(size: number, count: number): Promise<{ at: number; missing: number }> {
    if (count === 0) return { at: size, missing: 0 };
    const buffer = Buffer.alloc(CHUNK);
    let found = 0;
    for (let end = size; end > 0; ) {
      const begin = Math.max(0, end - CHUNK);
      const { bytesRead } = await this.#file.read(buffer, 0, end - begin, begin);
      for (let at = bytesRead - 1; at >= 0; at--) {
        if (buffer[at] === 10 && begin + at < size - 1 && ++found === count) return { at: begin + at + 1, missing: 0 };
      }
      end = begin;
    }
    return { at: 0, missing: size === 0 ? count : count - found - 1 };
  }
}
