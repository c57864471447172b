import { goQuote } from "./goText.ts";

/** The last answer of `formatTime`: thousands of writes may fall into one second. */
let lastSecond = Number.NaN;
let lastText = "";

/** An instant in ms since the epoch as the API prints it: RFC 3339, UTC, whole seconds. */
export function formatTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastText = `${new Date(ms).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastText;
}

/** As `formatTime`, with six digits of a second. */
export function formatMicroTime(ms: number): string {
  const whole = Math.floor(ms);
  const micros = Math.min(999, Math.floor((ms - whole) * 1000 + 1e-6));
  return `${new Date(whole).toISOString().slice(0, 23)}${String(micros).padStart(3, "0")}Z`;
}

/** The instant of an RFC 3339 time in ms (with a fraction, if finer); NaN when it is none. */
export function parseTime(text: string): number {
  const match = RFC3339.exec(text);
  if (!match || outOfRange(match) !== undefined) return Number.NaN;
  return instant(match);
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:(Z)|([+-])(\d\d):(\d\d))$/;

function instant(match: RegExpExecArray): number {
  const [, year, month, day, hour, minute, second, fraction, , sign, offsetHours, offsetMinutes] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const offset = sign ? (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 : 0;
  const ms = date.getTime() + (fraction ? Number(`0.${fraction}`) * 1000 : 0);
  return sign === "-" ? ms + offset : ms - offset;
}

function outOfRange(match: RegExpExecArray): string | undefined {
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as number[];
  if (month! < 1 || month! > 12) return "month";
  if (hour! > 23) return "hour";
  if (minute! > 59) return "minute";
  if (second! > 59) return "second";
  const date = new Date(0);
  date.setUTCFullYear(year!, month!, 0);
  if (day! < 1 || day! > date.getUTCDate()) return "day";
  if (match[10] !== undefined && Number(match[10]) > 24) return "time zone offset hour";
  if (match[11] !== undefined && Number(match[11]) > 60) return "time zone offset minute";
  return undefined;
}

// the days that every month has; others take the longer way
const CANONICAL = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const CANONICAL_MICRO = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/;

const LAYOUT = "2006-01-02T15:04:05Z07:00";
const MICRO_LAYOUT = "2006-01-02T15:04:05.000000Z07:00";

/** The API's form of any RFC 3339 time. Throws an Error with Go's text when it is none; undefined is Go's zero time. */
export function canonicalTime(text: string): string | undefined {
  if (CANONICAL.test(text) && !text.startsWith("0001-01-01")) return text;
  const ms = checked(text, LAYOUT);
  return isZeroTime(ms) ? undefined : formatTime(ms);
}

/** As `canonicalTime`, with microseconds. */
export function canonicalMicroTime(text: string): string | undefined {
  if (CANONICAL_MICRO.test(text)) return text;
  const ms = checked(text, MICRO_LAYOUT);
  if (isZeroTime(ms)) return undefined;
  const fraction = RFC3339.exec(text)?.[7] ?? "";
  return `${formatTime(Math.floor(ms)).slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, "0")}Z`;
}

const isZeroTime = (ms: number) => ms === -62135596800000;

function checked(text: string, layout: string): number {
  const match = RFC3339.exec(text);
  if (!match) throw new Error(parseFailure(text, layout));
  const bad = outOfRange(match);
  if (bad) throw new Error(`parsing time ${goQuote(text)}: ${bad} out of range`);
  return instant(match);
}

/** Says where a text stops being a time, as Go's parser does: it reads the layout's elements one after another. */
function parseFailure(text: string, layout: string): string {
  const micro = layout === MICRO_LAYOUT;
  const steps: [element: string, pattern: RegExp][] = [
    ["2006", /^\d{4}/],
    ["-", /^-/],
    ["01", /^\d\d/],
    ["-", /^-/],
    ["02", /^\d\d/],
    ["T", /^T/],
    ["15", /^\d\d?/],
    [":", /^:/],
    ["04", /^\d\d/],
    [":", /^:/],
    ["05", micro ? /^\d\d/ : /^\d\d([.,]\d+)?/],
    ...(micro ? ([[".000000", /^\.\d{6}/]] as [string, RegExp][]) : []),
    ["Z07:00", /^(Z|[+-]\d\d:\d\d)/],
  ];
  let rest = text;
  for (const [element, pattern] of steps) {
    const match = pattern.exec(rest);
    if (!match)
      return `parsing time ${goQuote(text)} as ${goQuote(layout)}: cannot parse ${goQuote(rest)} as ${goQuote(element)}`;
    rest = rest.slice(match[0].length);
  }
  return `parsing time ${goQuote(text)}: extra text: ${goQuote(rest)}`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** How kubectl prints an age: at most two units, and only as fine as it is short. */
export function humanDuration(ms: number): string {
  if (ms < -SECOND) return "<invalid>";
  if (ms < 0) return "0s";
  const whole = (unit: number) => Math.floor(ms / unit);
  const pair = (big: number, bigName: string, small: number, smallName: string) => {
    const rest = Math.floor((ms % big) / small);
    return rest === 0 ? `${whole(big)}${bigName}` : `${whole(big)}${bigName}${rest}${smallName}`;
  };
  if (ms < 2 * MINUTE) return `${whole(SECOND)}s`;
  if (ms < 10 * MINUTE) return pair(MINUTE, "m", SECOND, "s");
  if (ms < 3 * HOUR) return `${whole(MINUTE)}m`;
  if (ms < 8 * HOUR) return pair(HOUR, "h", MINUTE, "m");
  if (ms < 2 * DAY) return `${whole(HOUR)}h`;
  if (ms < 8 * DAY) return pair(DAY, "d", HOUR, "h");
  if (ms < 2 * YEAR) return `${whole(DAY)}d`;
  if (ms < 8 * YEAR) return pair(YEAR, "y", DAY, "d");
  return `${whole(YEAR)}y`;
}

const DURATION_UNITS: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** A Go duration such as "1m30s" in nanoseconds. Throws an Error with Go's text. */
export function parseDuration(text: string): bigint {
  const bad = () => new Error(`time: invalid duration ${goQuote(text)}`);
  const match = /^([+-]?)(.+)$/s.exec(text);
  if (!match) throw bad();
  if (match[2] === "0") return 0n;
  let total = 0;
  let rest = match[2]!;
  while (rest !== "") {
    const part = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (!part) throw bad();
    if (part[2] === "") throw new Error(`time: missing unit in duration ${goQuote(text)}`);
    const unit = DURATION_UNITS[part[2]!];
    if (unit === undefined) throw new Error(`time: unknown unit ${goQuote(part[2]!)} in duration ${goQuote(text)}`);
    total += Number(part[1]) * unit;
    rest = rest.slice(part[0].length);
  }
  if (total >= 2 ** 63) throw bad();
  return BigInt(Math.trunc(match[1] === "-" ? -total : total));
}

/** Nanoseconds as Go prints a duration: "1h0m0s", "1.5s", "250ms". */
export function formatDuration(nanoseconds: bigint | number): string {
  const n = BigInt(nanoseconds);
  if (n === 0n) return "0s";
  const sign = n < 0n ? "-" : "";
  const ns = n < 0n ? -n : n;
  if (ns < 1_000_000_000n) {
    const [unit, size] =
      ns < 1000n ? (["ns", 1n] as const) : ns < 1_000_000n ? (["µs", 1000n] as const) : (["ms", 1_000_000n] as const);
    return `${sign}${decimal(ns, size)}${unit}`;
  }
  const seconds = `${decimal(ns % 60_000_000_000n, 1_000_000_000n)}s`;
  const minutes = ns / 60_000_000_000n;
  if (minutes === 0n) return `${sign}${seconds}`;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const whole = value / unit;
  const rest = value % unit;
  if (rest === 0n) return whole.toString();
  return `${whole}.${rest
    .toString()
    .padStart(unit.toString().length - 1, "0")
    .replace(/0+$/, "")}`;
}
