/** Sets of indexes as Jobs write them: "1,3-5,7", ascending and without overlap. */
import { goQuote } from "../../../apimachinery/goText.ts";

/** First and last of a run of indexes. */
export type Interval = readonly [first: number, last: number];

const asNumber = (text: string): number | undefined => (/^[-+]?\d+$/.test(text) ? Number(text) : undefined);
const disorder = (before: number, now: number) =>
  new Error(`non-increasing order, previous: ${before}, current: ${now}`);

function parseIndex(text: string, completions: number): number {
  const index = asNumber(text);
  if (index === undefined) throw new Error(`cannot convert string to integer for index: ${goQuote(text)}`);
  if (index >= completions) throw new Error(`too large index: ${goQuote(text)}`);
  return index;
}

function parseInterval(text: string, completions: number): Interval {
  const parts = text.split("-");
  if (parts.length > 2) {
    const rule = "the requirement that an index interval can have at most two parts separated by '-'";
    throw new Error(`the fragment ${goQuote(text)} violates ${rule}`);
  }
  const first = parseIndex(parts[0]!, completions);
  if (parts.length === 1) return [first, first];
  const last = parseIndex(parts[1]!, completions);
  if (first >= last) throw disorder(first, last);
  return [first, last];
}

/** Throws an Error with Kubernetes' text when `text` is no set of indexes below `completions`. */
export function parseIndexes(text: string, completions: number): Interval[] {
  const intervals: Interval[] = [];
  for (const part of text === "" ? [] : text.split(",")) {
    const interval = parseInterval(part, completions);
    const before = intervals.at(-1);
    if (before && before[1] >= interval[0]) throw disorder(before[1], interval[0]);
    intervals.push(interval);
  }
  return intervals;
}

/** What is known of a status, however it came to be: everything from the first thing unreadable or too large on is left out. */
export function readIndexes(text: string | undefined, completions: number): Set<number> {
  const found = new Set<number>();
  for (const part of (text ?? "").split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) break;
    const last = Math.min(Number(match[2] ?? match[1]), completions - 1);
    for (let index = Number(match[1]); index <= last; index++) found.add(index);
  }
  return found;
}

export const countIndexes = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, [first, last]) => sum + last - first + 1, 0);

/** The set in writing; runs of two are written with a comma, longer ones with a hyphen. */
export function writeIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (end + 1 < sorted.length && sorted[end + 1] === sorted[end]! + 1) end++;
    const [first, last] = [sorted[i]!, sorted[end]!];
    parts.push(first === last ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`);
    i = end + 1;
  }
  return parts.join(",");
}
