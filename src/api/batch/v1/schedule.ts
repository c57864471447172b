/**
 * Schedules as Kubernetes reads them: five fields of cron, the names of times (@daily), and @every with a duration.
 * Times are ms since the epoch; a schedule fires at whole minutes of its zone (@every: at whole seconds).
 *
 * Where clocks are put forward, times that do not exist that day are left out; where they are put back, times that
 * exist twice come twice. Both follow from looking at what the clock on the wall shows at each instant.
 */
import { goQuote } from "../../../apimachinery/goText.ts";
import { parseDuration } from "../../../apimachinery/time.ts";
import { startOfDay, wallClock } from "./wallClock.ts";

export { isTimeZone } from "./wallClock.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** No date (say, 30 February) that has not come by then ever will. */
const HORIZON_YEARS = 5;

export interface Schedule {
  /** The first time after `after`; undefined when there is none. */
  next(after: number): number | undefined;
}

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: readonly Bounds[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 6, names: DAYS },
];

const NAMED: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** One field: the values that match, and whether it was written with a star. */
interface Field {
  readonly values: ReadonlySet<number>;
  readonly star: boolean;
}

function parseNumber(text: string, { least, names }: Bounds): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + least;
  if (!/^[-+]?\d+$/.test(text)) {
    throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${goQuote(text)}: invalid syntax`);
  }
  const value = Number(text);
  if (value < 0) throw new Error(`negative number (${value}) not allowed: ${text}`);
  return value;
}

/** What is before the slash: a star, one value or a range. */
function parseRange(text: string, whole: string, bounds: Bounds): { first: number; last: number; star: boolean } {
  if (text === "*" || text === "?") return { first: bounds.least, last: bounds.most, star: true };
  const parts = text.split("-");
  if (parts.length > 2) throw new Error(`too many hyphens: ${whole}`);
  const first = parseNumber(parts[0]!, bounds);
  return { first, last: parts.length === 1 ? first : parseNumber(parts[1]!, bounds), star: false };
}

/** One part of a list, such as "10-40/5". */
function parsePart(text: string, bounds: Bounds): { values: number[]; star: boolean } {
  const parts = text.split("/");
  const range = parseRange(parts[0]!, text, bounds);
  let { last } = range;
  if (parts.length > 2) throw new Error(`too many slashes: ${text}`);
  const step = parts.length === 1 ? 1 : parseNumber(parts[1]!, { ...bounds, names: undefined });
  // "7/10" means from 7 on
  if (parts.length === 2 && !range.star && !parts[0]!.includes("-")) last = bounds.most;
  const { first } = range;
  if (first < bounds.least) throw new Error(`beginning of range (${first}) below minimum (${bounds.least}): ${text}`);
  if (last > bounds.most) throw new Error(`end of range (${last}) above maximum (${bounds.most}): ${text}`);
  if (first > last) throw new Error(`beginning of range (${first}) beyond end of range (${last}): ${text}`);
  if (step === 0) throw new Error(`step of range should be a positive number: ${text}`);
  const values = Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
  return { values, star: range.star && step === 1 };
}

function parseField(text: string, bounds: Bounds): Field {
  const parts = text
    .split(",")
    .filter((part) => part !== "")
    .map((part) => parsePart(part, bounds));
  return { values: new Set(parts.flatMap(({ values }) => values)), star: parts.some(({ star }) => star) };
}

const ZONED = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/s;

/** Throws an Error with Kubernetes' text when `text` is no schedule. A zone in the text goes before `zone`. */
export function parseSchedule(text: string, zone = "UTC"): Schedule {
  const zoned = ZONED.exec(text);
  if (zoned) {
    if (!isKnown(zoned[1]!)) throw new Error(`provided bad location ${zoned[1]}: unknown time zone ${zoned[1]}`);
    return parseSchedule(zoned[2]!.trim(), zoned[1]);
  }
  if (text.startsWith("@")) return parseNamed(text, zone);
  const fields = text.split(/\s+/).filter((field) => field !== "");
  if (text === "") throw new Error("empty spec string");
  if (fields.length !== FIELDS.length) {
    const found = `[${fields.join(" ")}]`;
    throw new Error(`expected exactly ${FIELDS.length} fields, found ${fields.length}: ${found}`);
  }
  const [minutes, hours, days, months, weekdays] = fields.map((field, i) => parseField(field, FIELDS[i]!));
  return new Calendar({ minutes, hours, days, months, weekdays } as CalendarFields, zone);
}

function isKnown(zone: string): boolean {
  try {
    wallClock(zone, 0);
    return true;
  } catch {
    return false;
  }
}

function parseNamed(text: string, zone: string): Schedule {
  const fields = NAMED[text];
  if (fields) return parseSchedule(fields, zone);
  const every = /^@every (.*)$/s.exec(text);
  if (!every) throw new Error(`unrecognized descriptor: ${text}`);
  return new Every(durationOf(text, every[1]!));
}

function durationOf(whole: string, text: string): number {
  try {
    return Number(parseDuration(text) / 1_000_000n);
  } catch (error) {
    throw new Error(`failed to parse duration ${whole}: ${(error as Error).message}`);
  }
}

/** At equal distances, of at least a second. */
class Every implements Schedule {
  readonly #step: number;
  constructor(ms: number) {
    this.#step = Math.max(SECOND, ms - (ms % SECOND));
  }
  next(after: number): number {
    return after - (after % SECOND) + this.#step;
  }
}

interface CalendarFields {
  readonly minutes: Field;
  readonly hours: Field;
  readonly days: Field;
  readonly months: Field;
  readonly weekdays: Field;
}

class Calendar implements Schedule {
  readonly #fields: CalendarFields;
  readonly #zone: string;
  constructor(fields: CalendarFields, zone: string) {
    this.#fields = fields;
    this.#zone = zone;
  }

  next(after: number): number | undefined {
    const { minutes, hours, months } = this.#fields;
    let at = after - (after % MINUTE) + MINUTE;
    const { year: begin } = wallClock(this.#zone, at);
    for (;;) {
      const { year, month, day, hour, minute } = wallClock(this.#zone, at);
      if (year > begin + HORIZON_YEARS) return undefined;
      if (!months.values.has(month)) at = startOfDay(this.#zone, year, month + 1, 1);
      else if (!this.#isDay(year, month, day)) at = startOfDay(this.#zone, year, month, day + 1);
      else if (!hours.values.has(hour)) at += (60 - minute) * MINUTE;
      else if (!minutes.values.has(minute)) at += MINUTE;
      else return at;
    }
  }

  /** When both the day of the month and the day of the week are given, either will do. */
  #isDay(year: number, month: number, day: number): boolean {
    const { days, weekdays } = this.#fields;
    const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
    const [ofMonth, ofWeek] = [days.values.has(day), weekdays.values.has(weekday)];
    return days.star || weekdays.star ? ofMonth && ofWeek : ofMonth || ofWeek;
  }
}
