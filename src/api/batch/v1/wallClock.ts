/** What the clock on the wall shows in a time zone, and when a day begins there. */

export interface WallClock {
  readonly year: number;
  /** from 1 */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Throws a RangeError when the zone is unknown. */
function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    const numeric = "numeric" as const;
    const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric };
    format = new Intl.DateTimeFormat("en-US", { ...fields, hourCycle: "h23", calendar: "iso8601", timeZone: zone });
    formats.set(zone, format);
  }
  return format;
}

/** Names of the zone database are told apart by case, and an offset such as "+01:00" is no name. */
const NAME = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/;

export function isTimeZone(zone: string): boolean {
  if (!NAME.test(zone)) return false;
  try {
    const { timeZone } = formatOf(zone).resolvedOptions();
    // a name in another case is answered in the database's; an alias may come as what it stands for
    return timeZone === zone || timeZone.toLowerCase() !== zone.toLowerCase();
  } catch {
    return false;
  }
}

export function wallClock(zone: string, at: number): WallClock {
  if (zone === "UTC") return inUTC(at);
  const found: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(at)) found[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = found;
  return { year, month, day, hour, minute };
}

function inUTC(at: number): WallClock {
  const date = new Date(at);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  };
}

const HOUR = 3_600_000;

function shownAsUTC(zone: string, at: number): number {
  const { year, month, day, hour, minute } = wallClock(zone, at);
  return Date.UTC(year, month - 1, day, hour, minute);
}

/** The first instant of a day; a month of 13 or a day of 32 is carried over. Some days begin at one o'clock. */
export function startOfDay(zone: string, year: number, month: number, day: number): number {
  const midnight = Date.UTC(year, month - 1, day);
  if (zone === "UTC") return midnight;
  // no zone is further from UTC than 14 hours; changes of the clock are found by looking from before and after them
  const offsets = [-26, 26].map((hours) => {
    const at = midnight + hours * HOUR;
    return shownAsUTC(zone, at) - at;
  });
  const guesses = offsets.map((offset) => midnight - offset).sort((a, b) => a - b);
  return guesses.find((at) => shownAsUTC(zone, at) === midnight) ?? afterGap(zone, midnight, guesses[0]!);
}

/** Midnight was left out: the day begins where the clock was put forward to. */
function afterGap(zone: string, midnight: number, from: number): number {
  const step = HOUR / 4;
  let at = from - (from % step);
  while (shownAsUTC(zone, at) < midnight) at += step;
  return at;
}

/** An instant as RFC 3339 with its zone's offset at that time, in whole seconds. */
export function zonedTime(zone: string, at: number): string {
  const offset = Math.round((shownAsUTC(zone, at) - (at - (at % 60_000))) / 60_000);
  const local = new Date(at + offset * 60_000).toISOString().slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return `${local}${offset < 0 ? "-" : "+"}${two(hours)}:${two(minutes)}`;
}
