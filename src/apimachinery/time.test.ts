import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canonicalMicroTime,
  canonicalTime,
  formatDuration,
  formatMicroTime,
  formatTime,
  humanDuration,
  parseDuration,
  parseTime,
} from "./time.ts";

test("prints and reads instants", () => {
  const instant = Date.UTC(2030, 0, 2, 3, 4, 5, 678);
  assert.equal(formatTime(instant), "2030-01-02T03:04:05Z");
  assert.equal(formatMicroTime(instant), "2030-01-02T03:04:05.678000Z");
  assert.equal(parseTime("2030-01-02T04:04:05.678+01:00"), instant);
  assert.ok(Number.isNaN(parseTime("yesterday")));
});

test("brings times to UTC and to their precision; Go's zero time is not set", () => {
  assert.equal(canonicalTime("2020-01-01T00:00:00.9+01:00"), "2019-12-31T23:00:00Z");
  assert.equal(canonicalMicroTime("2020-01-01T00:00:00.1234567Z"), "2020-01-01T00:00:00.123456Z");
  assert.equal(canonicalTime("0001-01-01T00:00:00Z"), undefined);
  assert.equal(canonicalTime("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00Z");
});

test("says where a text stops being a time, as Go does", () => {
  const why = (text: string) => {
    try {
      return canonicalTime(text);
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(why("x"), 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"');
  assert.equal(why("2020-13-01T00:00:00Z"), 'parsing time "2020-13-01T00:00:00Z": month out of range');
  assert.equal(why("2023-02-29T00:00:00Z"), 'parsing time "2023-02-29T00:00:00Z": day out of range');
  assert.equal(why("2020-01-01T00:00:00Zx"), 'parsing time "2020-01-01T00:00:00Zx": extra text: "x"');
});

test("prints ages as kubectl does", () => {
  const s = 1000;
  const m = 60 * s;
  const h = 60 * m;
  const d = 24 * h;
  const cases: [number, string][] = [
    [-5 * s, "<invalid>"],
    [0, "0s"],
    [119 * s, "119s"],
    [2 * m, "2m"],
    [125 * s, "2m5s"],
    [10 * m + 5 * s, "10m"],
    [179 * m, "179m"],
    [3 * h + 5 * m, "3h5m"],
    [8 * h + 5 * m, "8h"],
    [47 * h, "47h"],
    [2 * d + 3 * h, "2d3h"],
    [8 * d + 3 * h, "8d"],
    [729 * d, "729d"],
    [800 * d, "2y70d"],
    [9 * 365 * d, "9y"],
  ];
  for (const [ms, text] of cases) assert.equal(humanDuration(ms), text);
});

test("reads and prints durations as Go does", () => {
  const cases: Record<string, string> = {
    "90m": "1h30m0s",
    "1.5s": "1.5s",
    "1500us": "1.5ms",
    "-1h": "-1h0m0s",
    "0": "0s",
  };
  for (const [text, printed] of Object.entries(cases)) assert.equal(formatDuration(parseDuration(text)), printed);
  assert.throws(() => parseDuration("5"), /missing unit in duration "5"/);
  assert.throws(() => parseDuration("5x"), /unknown unit "x" in duration "5x"/);
  assert.throws(() => parseDuration("often"), /invalid duration "often"/);
});
