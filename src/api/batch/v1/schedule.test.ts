import assert from "node:assert/strict";
import { test } from "node:test";
import { isTimeZone, parseSchedule } from "./schedule.ts";

function times(text: string, zone: string, from: string, count: number): string[] {
  const schedule = parseSchedule(text, zone);
  const found: string[] = [];
  for (let at = Date.parse(from); found.length < count; ) {
    at = schedule.next(at)!;
    found.push(new Date(at).toISOString().replace(":00.000Z", "Z"));
  }
  return found;
}

test("fires at the minutes that its fields name", () => {
  assert.deepEqual(times("*/15 2 * * *", "UTC", "2026-01-01T00:00:00Z", 5), [
    "2026-01-01T02:00Z",
    "2026-01-01T02:15Z",
    "2026-01-01T02:30Z",
    "2026-01-01T02:45Z",
    "2026-01-02T02:00Z",
  ]);
  assert.deepEqual(times("0 9 1-7/3 FEB,jun ?", "UTC", "2026-02-03T00:00:00Z", 3), [
    "2026-02-04T09:00Z",
    "2026-02-07T09:00Z",
    "2026-06-01T09:00Z",
  ]);
  assert.deepEqual(times("30 4 29 2 *", "UTC", "2026-01-01T00:00:00Z", 1), ["2028-02-29T04:30Z"]);
});

test("takes the day of the month or of the week when both are given, and both when one has a star", () => {
  assert.deepEqual(times("0 0 13 * FRI", "UTC", "2026-03-01T00:00:00Z", 3), [
    "2026-03-06T00:00Z",
    "2026-03-13T00:00Z",
    "2026-03-20T00:00Z",
  ]);
  assert.deepEqual(times("0 0 * * 1", "UTC", "2026-03-01T00:00:00Z", 2), ["2026-03-02T00:00Z", "2026-03-09T00:00Z"]);
  // a star with a step is no star
  assert.deepEqual(times("0 0 */20 * 1", "UTC", "2026-03-01T00:00:00Z", 3), [
    "2026-03-02T00:00Z",
    "2026-03-09T00:00Z",
    "2026-03-16T00:00Z",
  ]);
});

test("knows names and distances", () => {
  assert.deepEqual(times("@weekly", "UTC", "2026-03-03T00:00:00Z", 1), ["2026-03-08T00:00Z"]);
  assert.deepEqual(times("@every 1h30m", "UTC", "2026-03-03T00:10:00Z", 2), ["2026-03-03T01:40Z", "2026-03-03T03:10Z"]);
});

test("leaves out what does not exist when clocks are put forward", () => {
  assert.deepEqual(times("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3), [
    "2026-03-28T01:30Z",
    "2026-03-30T00:30Z", // on the 29th there is no half past two
    "2026-03-31T00:30Z",
  ]);
  assert.deepEqual(times("0 * * * *", "Europe/Berlin", "2026-03-28T23:30:00Z", 3), [
    "2026-03-29T00:00Z",
    "2026-03-29T01:00Z",
    "2026-03-29T02:00Z",
  ]);
});

test("comes twice where clocks are put back", () => {
  assert.deepEqual(times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 3), [
    "2026-10-25T00:30Z",
    "2026-10-25T01:30Z",
    "2026-10-26T01:30Z",
  ]);
});

test("begins a day at one o'clock where midnight does not exist", () => {
  assert.deepEqual(times("15 1 5 9 *", "America/Santiago", "2027-01-01T00:00:00Z", 1), ["2027-09-05T04:15Z"]);
  assert.deepEqual(times("0 0 * * *", "America/Santiago", "2027-09-04T12:00:00Z", 1), ["2027-09-06T03:00Z"]);
  assert.deepEqual(times("0 12 * * *", "Pacific/Chatham", "2026-09-25T12:00:00Z", 2), [
    "2026-09-25T23:15Z",
    "2026-09-26T22:15Z",
  ]);
});

test("has no next time on a day that never comes", () => {
  assert.equal(parseSchedule("0 0 30 2 *").next(0), undefined);
});

test("says what is wrong in the words of Kubernetes", () => {
  for (const [text, message] of [
    ["* * * *", "expected exactly 5 fields, found 4: [* * * *]"],
    ["60 * * * *", "end of range (60) above maximum (59): 60"],
    ["5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"],
    ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
    ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
    ["*/5/5 * * * *", "too many slashes: */5/5"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["@sometimes", "unrecognized descriptor: @sometimes"],
    ["x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ] as const) {
    assert.throws(() => parseSchedule(text), { message });
  }
});

test("knows the zones of the database", () => {
  for (const zone of ["UTC", "Etc/UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Calcutta", "Etc/GMT+5"]) {
    assert.ok(isTimeZone(zone), zone);
  }
  for (const zone of ["Europe/berlin", "Etc/UTCx", "+01:00", "Mars/Phobos"]) assert.ok(!isTimeZone(zone), zone);
});
